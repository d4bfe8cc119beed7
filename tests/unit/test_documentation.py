# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation says what the code does, neither less nor more; by enumeration over every plugin there is."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.keysmith.elastic.plugins.module_utils._ansible.options import (
    GROUPS,
    LIFECYCLE,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.cloud_keys import KEY_OPTIONS as CLOUD_KEY
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.cloud_listing import OPTIONS as CLOUD_SELECTION
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.elasticsearch_keys import (
    KEY_OPTIONS as ELASTICSEARCH_KEY,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.es_api_key_listing import SELECTION
from ansible_collections.keysmith.elastic.plugins.module_utils._kinds.revocation import DEMAND
from support.documentation import (
    CHECKOUT,
    COLLECTION,
    EVERYTHING,
    FRAGMENTS,
    Documented,
    all_options,
    constants,
    environment_names,
    fragment,
    fragment_texts,
    paragraphs,
    plugins,
    tasks,
)

MODULES = plugins("modules")
LOOKUPS = plugins("lookup")
RUNTIME = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
ACTIONS = f"ansible_collections.{COLLECTION}.plugins.action"

# An option with such a word in its name says whether it is a secret; else Ansible would guess.
SECRET_WORDS = re.compile(r"pass|token|secret|api_key|client_key|access_key|private|credential")
SECRETS = {
    "api_key",
    "password",
    "token",
    "proxy_password",
    "grant.password",
    "grant.access_token",
    "secret",
    "keystore_password",
    "value",
}

every_plugin = pytest.mark.parametrize("plugin", EVERYTHING, ids=str)
# Modules that talk to a service take its connection options, and what comes with them.
GROUP_OF = {
    module.name: group
    for module in MODULES
    for group in GROUPS.values()
    if f"{COLLECTION}.{group.name}" in module.own["extends_documentation_fragment"]
}
TALKING = [module for module in MODULES if module.name in GROUP_OF]
USED = sorted({group.name for group in GROUP_OF.values()})

every_talking_module = pytest.mark.parametrize("module", TALKING, ids=str)
every_module = pytest.mark.parametrize("module", MODULES, ids=str)


class Captured(Exception):
    """What a module gives to AnsibleModule."""

    def __init__(self, **given: Any) -> None:
        super().__init__("captured")
        self.given = given


def spec_of(module: Documented, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def capture(_self: Any, **given: Any) -> None:
        raise Captured(**given)

    monkeypatch.setattr(AnsibleModule, "__init__", capture)
    code = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module.name}")
    with pytest.raises(Captured) as captured:
        code.main()
    return captured.value.given


def facts(option: Any) -> dict[str, Any]:
    """What documentation and argument spec say alike about an option."""
    default = option.get("default")
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "required": option.get("required", False),
        "choices": list(option.get("choices") or []),
        "default": float(default) if option.get("type") == "float" and default is not None else default,
    }


def test_there_is_something_to_test() -> None:
    assert {plugin.type for plugin in EVERYTHING} == {"modules", "lookup", "filter", "test"}


@every_module
def test_options_are_documented_as_they_are(module: Documented, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = {path: facts(option) for path, option in all_options(spec_of(module, monkeypatch)["argument_spec"])}
    documented = {path: facts(option) for path, option in all_options(module.options)}
    assert documented == spec


@every_module
def test_secrets_are_declared(module: Documented, monkeypatch: pytest.MonkeyPatch) -> None:
    options = dict(all_options(spec_of(module, monkeypatch)["argument_spec"]))
    undeclared = [
        path for path in options if SECRET_WORDS.search(path.split(".")[-1]) and "no_log" not in options[path]
    ]
    assert undeclared == []
    hidden = {path for path, option in options.items() if option.get("no_log")}
    assert hidden == SECRETS & set(options)


@every_module
def test_check_mode_is_supported(module: Documented, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spec_of(module, monkeypatch)["supports_check_mode"] is True
    assert module.attributes["check_mode"]["support"] == "full"


@every_talking_module
def test_no_module_with_a_login_is_asynchronous(module: Documented) -> None:
    assert module.attributes["async"]["support"] == "none"


@every_module
def test_every_attribute_is_described_and_decided(module: Documented) -> None:
    assert set(module.attributes) >= {"check_mode", "diff_mode", "idempotent", "async", "platform"}
    assert ("action_group" in module.attributes) == (module in TALKING)
    for name, attribute in module.attributes.items():
        assert attribute.get("description"), name
        assert attribute.get("support") in ("full", "partial", "none", "N/A"), name


@every_talking_module
def test_defaults_and_the_action_plugin_reach_the_module(module: Documented) -> None:
    group = GROUP_OF[module.name]
    assert module.attributes["action_group"]["membership"] == [f"{COLLECTION}.{group.name}"]
    assert importlib.import_module(f"{ACTIONS}.{module.name}").ActionModule.group is group


def test_one_action_plugin_does_the_work_for_every_module() -> None:
    first = importlib.import_module(f"{ACTIONS}.es_api_key").ActionModule
    for module in TALKING:
        own = importlib.import_module(f"{ACTIONS}.{module.name}").ActionModule
        assert own.run is first.run


def test_no_group_and_no_action_plugin_is_without_its_module() -> None:
    members = {name: {module for module, group in GROUP_OF.items() if group.name == name} for name in USED}
    assert {name: set(listed) for name, listed in RUNTIME["action_groups"].items()} == members
    assert {path.stem for path in (CHECKOUT / "plugins" / "action").glob("*.py")} == set(GROUP_OF)


def test_no_module_is_redirected_to_another() -> None:
    """The defaults of the one would then be those of the other, and ansible-lint would complain about its name."""
    assert "plugin_routing" not in RUNTIME


@every_plugin
def test_every_plugin_introduces_itself(plugin: Documented) -> None:
    name = plugin.own["module" if plugin.type == "modules" else "name"]
    assert name == plugin.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", plugin.own["version_added"])
    assert plugin.own["author"] == ["keysmith.elastic contributors (@keysmith)"]
    assert not plugin.own["short_description"].endswith(".")
    for text in paragraphs(plugin.own["description"]):
        assert text.endswith((".", ".)")), text


@every_plugin
def test_every_option_has_a_description(plugin: Documented) -> None:
    for path, option in all_options(plugin.options):
        texts = paragraphs(option.get("description"))
        assert texts, path
        assert all(text.endswith(".") for text in texts), path
        assert option.get("type"), path


@every_plugin
def test_no_option_is_documented_twice(plugin: Documented) -> None:
    described = [option for part in (*plugin.fragments, plugin.own) for option in (part.get("options") or {}).items()]
    names = [name for name, option in described if "description" in option]
    assert sorted(names) == sorted(set(names))


@every_plugin
def test_every_result_is_described(plugin: Documented) -> None:
    def check(results: dict[str, Any], path: str) -> None:
        for name, result in results.items():
            assert result.get("description"), path + name
            assert result.get("type"), path + name
            check(result.get("contains") or {}, f"{path}{name}.")

    assert plugin.results
    check(plugin.results, "")


@every_module
def test_no_result_is_named_like_a_method_of_a_mapping(module: Documented) -> None:
    assert not set(module.results) & set(dir(dict))


@every_plugin
def test_examples_are_tasks_with_names(plugin: Documented) -> None:
    assert plugin.examples
    for task in tasks(plugin.examples):
        assert task["name"][0].isupper(), task["name"]
        assert not task["name"].endswith("."), task["name"]


@every_plugin
def test_examples_use_the_plugin(plugin: Documented) -> None:
    name = f"{COLLECTION}.{plugin.name}"
    if plugin.type == "modules":
        assert any(name in task for task in tasks(plugin.examples))
    else:
        assert name in plugin.texts["EXAMPLES"]


@every_plugin
def test_examples_use_documented_options_only(plugin: Documented) -> None:
    documented = {f"{COLLECTION}.{module.name}": module for module in MODULES}
    for task in tasks(plugin.examples):
        for name, module in documented.items():
            if name not in task:
                continue
            known = dict(all_options(module.options))
            given = task[name] or {}
            paths = set(given) | {f"{n}.{inner}" for n in ("store", "grant") for inner in given.get(n, {})}
            assert paths <= set(known), task["name"]
            for path in paths & set(given):
                choices = known[path].get("choices")
                values = given[path] if isinstance(given[path], list) else [given[path]]
                assert not choices or set(values) <= set(choices), (task["name"], path)


@pytest.mark.parametrize(("name", "group"), [*((name, GROUPS[name]) for name in USED), ("lifecycle", LIFECYCLE)])
def test_a_fragment_mirrors_each_group_of_options(name: str, group: Any) -> None:
    documented = set(fragment(name)["options"])
    if name == "lifecycle":
        documented |= set(fragment("store")["options"])
    assert documented == set(group.options)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["selection", "selection.time"], set(SELECTION)),
        (["selection.cloud", "selection.cloud_state", "selection.time"], set(CLOUD_SELECTION) - {"user_id"}),
        (["selection.cloud", "selection.time"], set(CLOUD_SELECTION) - {"user_id", "state"}),
        (["revocation"], set(DEMAND) - {"secret"}),
        (["cloud_key"], set(CLOUD_KEY)),
        (["elasticsearch_key"], set(ELASTICSEARCH_KEY) - {"owner"}),
    ],
)
def test_a_fragment_mirrors_the_options_that_kinds_share(names: list[str], options: set[str]) -> None:
    assert {option for name in names for option in fragment(name)["options"]} == options


@pytest.mark.parametrize(("name", "option"), [(name, option) for name in USED for option in GROUPS[name].options])
def test_the_environment_is_documented(name: str, option: str) -> None:
    group = GROUPS[name]
    documented = fragment(name)["options"][option]["description"]
    assert environment_names(documented) == [group.environment_name(option)]
    beside = fragment(f"{name}.plugin")["options"][option]
    assert beside == {
        "env": [{"name": group.environment_name(option)}],
        "vars": [{"name": group.variable(option)}],
    }


@pytest.mark.parametrize("name", USED)
def test_the_variant_for_lookups_names_no_other_option(name: str) -> None:
    assert set(fragment(f"{name}.plugin")["options"]) == set(GROUPS[name].options)


def test_every_fragment_is_used() -> None:
    used = {name for plugin in EVERYTHING for name in plugin.own.get("extends_documentation_fragment", [])}
    there = {
        f"{COLLECTION}.{file.stem}" + ("" if variant == "DOCUMENTATION" else f".{variant.lower()}")
        for file in FRAGMENTS.glob("*.py")
        for variant in fragment_texts(file.stem)
    }
    assert there == used


@pytest.mark.parametrize("lookup", LOOKUPS, ids=str)
def test_a_lookup_reads_the_options_that_it_documents(lookup: Documented) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (lookup.path, *classes_of(lookup))]
    # Those of a connection are read by the class that all lookups which connect share.
    documented = set(lookup.options) - {option for group in GROUPS.values() for option in group.options} - {"_terms"}
    nodes = [node for tree in trees for node in ast.walk(tree)]
    # An option's name may also be handed to where it is read; it stands in the code as a text in any case.
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts -= {text for tree in trees for text in constants(tree).values()}
    assert documented <= texts
    asked = {
        call.args[0].value
        for call in nodes
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "get_option"
        and isinstance(call.args[0], ast.Constant)
    }
    assert asked <= documented


def classes_of(lookup: Documented) -> list[Path]:
    """The files of the classes that a lookup inherits from, as its imports name them."""
    found = re.findall(r"plugins\.plugin_utils\.(\w*key_lookup)\b", lookup.path.read_text(encoding="utf-8"))
    return [CHECKOUT / "plugins" / "plugin_utils" / f"{name}.py" for name in found]


@pytest.mark.parametrize(("type_", "attribute"), [("filter", "filters"), ("test", "tests")])
def test_every_filter_and_test_is_documented(type_: str, attribute: str) -> None:
    found: set[str] = set()
    for path in (CHECKOUT / "plugins" / type_).glob("*.py"):
        code = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.{type_}.{path.stem}")
        offered = getattr(code, f"{type_.capitalize()}Module")()
        found |= set(getattr(offered, attribute)())
    assert found == {plugin.name for plugin in plugins(type_)}


@pytest.mark.parametrize("plugin", plugins("filter", "test"), ids=str)
def test_positional_options_are_options(plugin: Documented) -> None:
    positional = [name.strip() for name in plugin.own["positional"].split(",")]
    assert set(positional) == set(plugin.options)
    assert positional[0] == "_input"
