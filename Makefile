# Everything that the commands make goes to .cache; see CONTRIBUTING.md.
PYTHON ?= python3
GATES = $(PYTHON) tests/gates/run.py

.DEFAULT_GOAL := help
.PHONY: help setup quickstart test units emulator sanity system integration molecule lint docs package changelog format clean

help:  ## what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup:  ## make the environments and the real servers, so that the rest need not
	$(GATES) setup

quickstart:  ## the main job, step by step, on the emulator; ELASTICSEARCH=8.19.21 or 9.5.3 takes a real one
	@$(PYTHON) tests/support/quickstart.py $(if $(ELASTICSEARCH),--elasticsearch $(ELASTICSEARCH))

test:  ## every gate and every test, as on the build machine
	$(GATES) all

units:  ## unit tests on every supported ansible-core
	$(GATES) units

emulator:  ## the emulator's own tests
	$(GATES) emulator

sanity:  ## ansible-test sanity on the oldest and the newest ansible-core
	$(GATES) sanity

system:  ## system tests on the emulator and on real Elasticsearch
	$(GATES) system

integration:  ## integration targets on the emulator and on real Elasticsearch
	$(GATES) integration

molecule:  ## the scenarios in extensions/molecule, on the emulator and on real Elasticsearch
	$(GATES) molecule

lint:  ## ruff, mypy, ansible-lint, licence headers
	$(GATES) lint

docs:  ## plugin documentation, changelog, and the HTML site of the guides
	$(GATES) docs
	@echo "The site is .cache/docs-site/html/index.html"

package:  ## the archive as Galaxy sees it, and in an execution environment
	$(GATES) package

changelog: setup  ## bring CHANGELOG up to date with changelogs/fragments and the plugins; for the one who releases
	PATH="$(CURDIR)/.cache/venv-developer/bin:$$PATH" antsibull-changelog release --reload-plugins --refresh --update-existing

format: setup  ## let ruff mend what it can
	.cache/venv-developer/bin/ruff check --fix --cache-dir .cache/ruff .
	.cache/venv-developer/bin/ruff format --cache-dir .cache/ruff .

clean:  ## remove everything that these commands have made in the checkout
	rm -rf .cache
