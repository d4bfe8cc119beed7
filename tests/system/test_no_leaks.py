# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is seen anywhere but in its store: whatever a run prints, logs, reports or leaves behind is searched by value.

One playbook per ansible-core holds every case as a task, most of them failures. The server is reached through a relay, which knows
each secret that the server has ever handed out and spoils answers on request.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from gates import environments
from support import collection
from support.admin import Admin
from support.cloud_life import CloudService
from support.cores import CORES_ON
from support.leaks import Leak, Secrets
from support.own_emulator import own_emulator, services_of
from support.playbook import Event, Run, Stage
from support.relay import TROUBLES, Relay
from support.remote_clusters import emulated_keystore
from support.servers import Server
from support.watch import Watch

PLUGINS = collection.CHECKOUT / "plugins"
MODULE, INFO = "keysmith.elastic.es_api_key", "keysmith.elastic.es_api_key_info"
CLOUD, CLOUD_INFO = "keysmith.elastic.ec_api_key", "keysmith.elastic.ec_api_key_info"
CLOUD_LOOKUP = "keysmith.elastic.ec_api_key"
ECE, ECE_INFO, ECE_TOKEN = (f"keysmith.elastic.ece_{what}" for what in ("api_key", "api_key_info", "token"))
CLOUD_REVOKE, ECE_REVOKE = (f"keysmith.elastic.{service}_api_key_revoke" for service in ("ec", "ece"))
LOGIN, CROSSING = "keysmith.elastic.es_login", "keysmith.elastic.es_cross_cluster_key"
KEYSTORE, PROBE = "keysmith.elastic.es_keystore_setting", "keysmith.elastic.es_remote_probe"
REMOTE = "keysmith.elastic.es_remote_cluster"
REVOKE, CREDENTIAL = "keysmith.elastic.es_api_key_revoke", "keysmith.elastic.es_credential_info"
CLOUD_AUDIT, ECE_AUDIT = "keysmith.elastic.ec_api_key_audit", "keysmith.elastic.ece_api_key_audit"
AUDIT, REPORT = "keysmith.elastic.es_api_key_audit", "keysmith.elastic.key_report"
STORED, LOOKUP = "keysmith.elastic.stored_key", "keysmith.elastic.es_api_key"
OWN = {"own": {"cluster": ["manage_own_api_key"]}}
# Everything that JSON, a URL, HTML, YAML, a shell or base64 writes in its own way.
NASTY = "Pä'ss\"w/ö+r<d>&%41\\n\\\\{x}$HOME"
# On real servers one core each: what differs by server is only what it says.


def told_apart(server: Server, core: str) -> bool:
    return core in CORES_ON[server.name]


@dataclasses.dataclass(frozen=True)
class Case:
    """One task. `words` must be in its message if it is to fail; None: it must succeed."""

    name: str
    module: str
    options: dict[str, Any]
    words: str | None = None
    keywords: dict[str, Any] = dataclasses.field(default_factory=dict)

    def task(self) -> dict[str, Any]:
        return {"name": self.name, self.module: self.options, "ignore_errors": True, **self.keywords}


@dataclasses.dataclass
class Scene:
    """A server behind its relay, a place to run playbooks, the logins that they use, and what must not be seen of it all."""

    server: Server
    admin: Admin
    relay: Relay
    # In front of an emulated Elastic Cloud, whatever Elasticsearch is beside it.
    cloud: Relay
    # In front of an emulated ECE.
    ece: Relay
    stage: Stage
    prefix: str
    variables: dict[str, Any]
    planted: Secrets

    @property
    def stores(self) -> Path:
        return self.stage.given / "stores"

    def secrets(self) -> Secrets:
        """What was planted, and every key that the server has made for us."""
        for key in self.relay.made():
            self.planted.add_key(f"the secret of {key['name']}", key["id"], key["api_key"])
        for exchange in (*self.cloud.exchanges, *self.ece.exchanges):
            if exchange.method == "POST" and exchange.status == 201:
                made = json.loads(exchange.body)
                self.planted.add(f"the secret of {made['description']}", made["key"])
            if exchange.path.endswith(("/_login", "/_refresh")) and exchange.status == 200:
                self.planted.add("the token of a session", json.loads(exchange.body)["token"])
        for user, password in self.relay.passwords():
            self.planted.add_login(f"the password of {user}", user, password)
        return self.planted

    def leaks(self, run: Run) -> list[Leak]:
        known = self.secrets()
        found = known.in_text(run.stdout, "stdout") + known.in_text(run.stderr, "stderr") + known.in_folder(run.home)
        for event in run.events:
            found += known.in_text(json.dumps(event.result), f"the event {event.event} of {event.task!r}")
        return found

    def key(
        self, name: str, /, words: str | None = None, keywords: dict[str, Any] | None = None, **options: Any
    ) -> Case:
        """A key of that name; an option that is None is left out."""
        given = {
            **{"url": self.relay.url("plain"), "username": "{{ user }}", "password": "{{ password }}", "retries": 0},
            **{"name": f"{self.prefix}-{name}", "role_descriptors": {"none": {}}, "expiration": "1h"},
            **{"overlap": "0s", "settle": "0s"},
            **options,
        }
        return Case(name, MODULE, {k: v for k, v in given.items() if v is not None}, words, keywords or {})

    def info(self, name: str, /, words: str | None = None, module: str = INFO, **options: Any) -> Case:
        """A case of a module that takes nothing but conditions; an option that is None is left out."""
        login = {"url": self.relay.url("plain"), "username": "{{ user }}", "password": "{{ password }}", "retries": 0}
        return Case(name, module, {k: v for k, v in {**login, **options}.items() if v is not None}, words)

    def look(self, name: str, /, words: str | None = None, trouble: str = "plain", **variables: Any) -> Case:
        """A lookup of the key of the login, whose connection comes from variables."""
        login = {
            "keysmith_es_username": "{{ user }}",
            "keysmith_es_password": "{{ password }}",
            "keysmith_es_retries": 0,
        }
        given = {"keysmith_es_url": self.relay.url(trouble), **login, **variables}
        message = {"msg": f"{{{{ lookup('{LOOKUP}', '{self.prefix}-login') }}}}"}
        return Case(name, "ansible.builtin.debug", message, words, {"vars": given})

    def login(
        self, name: str, /, words: str | None = None, keywords: dict[str, Any] | None = None, **options: Any
    ) -> Case:
        """A login of that name, made by the chief."""
        given = {
            **{"url": self.relay.url("plain"), "username": "{{ chief }}", "password": "{{ password }}", "retries": 0},
            **{"name": f"{self.prefix}-{name}", "rights": {"cluster": ["monitor"]}, "store": self.store(name)},
            **options,
        }
        return Case(name, LOGIN, {k: v for k, v in given.items() if v is not None}, words, keywords or {})

    def crossing(self, name: str, /, words: str | None = None, **options: Any) -> Case:
        """A key between clusters, made by the chief."""
        given = {"username": "{{ chief }}", "role_descriptors": None, "access": {"search": [{"names": ["logs-*"]}]}}
        case = self.key(name, words, **{**given, **options})
        return dataclasses.replace(case, module=CROSSING)

    def in_cloud(
        self, name: str, /, words: str | None = None, module: str = CLOUD, trouble: str = "plain", **options: Any
    ) -> Case:
        """A case of a module for Elastic Cloud; an option that is None is left out."""
        login = {"url": self.cloud.url(trouble), "api_key": "{{ cloud_key }}", "retries": 0}
        key = {"description": name, "all_rights": True, "expiration": "1h", "overlap": "0s", "settle": "0s"}
        given = {**login, **(key if module == CLOUD else {}), **options}
        return Case(name, module, {k: v for k, v in given.items() if v is not None}, words)

    def in_ece(
        self, name: str, /, words: str | None = None, module: str = ECE, trouble: str = "plain", **options: Any
    ) -> Case:
        """A case of a module for ECE, by default with a session; an option that is None is left out."""
        login = {"url": self.ece.url(trouble), "username": "joe", "password": "{{ ece_password }}", "retries": 0}
        key = {"description": name, "expiration": "1h", "overlap": "0s", "settle": "0s"}
        given = {**login, **(key if module == ECE else {}), **options}
        return Case(name, module, {k: v for k, v in given.items() if v is not None}, words)

    def look_in_cloud(self, name: str, /, words: str | None = None, **variables: Any) -> Case:
        given = {"keysmith_ec_url": self.cloud.url("plain"), "keysmith_ec_api_key": "{{ cloud_key }}", **variables}
        message = {"msg": f"{{{{ lookup('{CLOUD_LOOKUP}', 'cloud stored') }}}}"}
        return Case(name, "ansible.builtin.debug", message, words, {"vars": given})

    def audit(self, name: str, /, words: str | None = None, **options: Any) -> Case:
        case = self.info(name, words, **{"name_pattern": [f"{self.prefix}-*"], **options})
        return dataclasses.replace(case, module=AUDIT)

    def store(self, name: str) -> dict[str, str]:
        return {"type": "file", "path": str(self.stores / f"{name}.json")}


@pytest.fixture(scope="module", params=sorted({core for cores in CORES_ON.values() for core in cores}))
def scene(request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    core = request.param
    if not told_apart(server, core):
        pytest.skip(f"on {server.name} only core {', '.join(CORES_ON[server.name])}")
    admin, prefix = Admin(server), f"leaks-{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("cloud")
    with own_emulator(folder), ExitStack() as relays:
        urls = services_of(folder)
        relay, cloud, ece = (
            relays.enter_context(Relay(url)) for url in (server.url, urls["elastic_cloud"], urls["ece"])
        )
        stage = Stage(tmp_path_factory.mktemp("leaks"), core)
        scene = Scene(server, admin, relay, cloud, ece, stage, prefix, {}, Secrets())
        scene.stores.mkdir(mode=0o700)
        _make_logins(scene)
        service = CloudService(urls["elastic_cloud"], {"api_key": "essu_changeme"})
        scene.variables["cloud_key"] = service.make("login of the leaks", expiration="1h")["key"]
        scene.planted.add("the login of Elastic Cloud", scene.variables["cloud_key"])
        scene.variables["cloud_leaked"] = service.make("leaked", expiration="2h")["key"]
        scene.planted.add("the leaked key of Elastic Cloud", scene.variables["cloud_leaked"])
        joe = {"username": "joe", "password": NASTY}
        enterprise = CloudService(urls["ece"], joe)
        enterprise.reset(joe)
        scene.variables["ece_password"] = NASTY
        scene.variables["ece_key"] = enterprise.make("login of the leaks", expiration="1h")["key"]
        scene.planted.add("the key of ECE", scene.variables["ece_key"])
        scene.variables["ece_leaked"] = enterprise.make("leaked", expiration="2h")["key"]
        scene.planted.add("the leaked key of ECE", scene.variables["ece_leaked"])
        _damage_stores(scene)
        yield scene
    alive = [key["id"] for key in admin.keys(prefix, alive=True)]
    if alive:
        admin.ok("DELETE", "/_security/api_key", {"ids": alive})
    for kind in ("user", "role"):
        for name in admin.ok("GET", f"/_security/{kind}"):
            if name.startswith(prefix):
                admin.ok("DELETE", f"/_security/{kind}/{name}")


def _make_logins(scene: Scene) -> None:
    """Users, a key and a token, and some secrets that lead nowhere."""
    admin, prefix, planted = scene.admin, scene.prefix, scene.planted
    minter, poor = f"{prefix}-minter", f"{prefix}-poor"
    admin.create_role(minter, {"cluster": ["manage_api_key", "grant_api_key", "monitor"]})
    login = admin.create_user(minter, [minter], NASTY)
    admin.create_user(poor, [], "the-password-of-poor")
    chief = f"{prefix}-chief"
    admin.create_user(chief, ["superuser"], NASTY)
    key = admin.create_key(
        f"{prefix}-login", login=login, expiration="1h", role_descriptors={"all": {"cluster": ["all"]}}
    )
    unknown = base64.b64encode(f"{'u' * 20}:{secrets.token_hex(11)}".encode()).decode()
    values = {
        "wrong_password": f"wrong-password-{secrets.token_hex(4)}",
        "token": f"bearer-token-{secrets.token_hex(8)}",
        "proxy_password": f"proxy-password-{secrets.token_hex(4)}",
        "misplaced": f"misplaced-secret-{secrets.token_hex(4)}",
        "private_key": f"-----BEGIN PRIVATE KEY-----\n{secrets.token_hex(20)}\n-----END PRIVATE KEY-----",
    }
    for name, value in values.items():
        planted.add(name, value)
    planted.add_login("password", minter, NASTY)
    planted.add_login("password of the chief", chief, NASTY)
    planted.add_login("password of poor", poor, "the-password-of-poor")
    planted.add_login("wrong password", minter, values["wrong_password"])
    planted.add_login("proxy login", "joe", values["proxy_password"])
    planted.add_key("key of the login", key["id"], key["api_key"])
    planted.add_key("unknown key", *base64.b64decode(unknown).decode().split(":"))
    scene.variables.update(
        **values,
        user=minter,
        chief=chief,
        password=NASTY,
        poor=poor,
        poor_password="the-password-of-poor",
        login_key=key["encoded"],
        login_pair=f"{key['id']}:{key['api_key']}",
        unknown_key=unknown,
    )


def _damage_stores(scene: Scene) -> None:
    secret = f"stored-secret-{secrets.token_hex(6)}"
    scene.planted.add("secret in a damaged store", secret)
    record = {
        **{
            "format": 1,
            "serial": 3,
            "kind": "es_api_key",
            "name": f"{scene.prefix}-damaged",
            "cluster_uuid": "another",
        },
        **{"owner": scene.variables["user"], "realm": "native", "previous": [], "intent": []},
        "current": {"id": "i" * 20, "api_key": secret, "expiration": None},
    }
    texts = {
        "cut": json.dumps(record)[:-20],
        "shape": json.dumps({**record, "current": [secret]}),
        "type": json.dumps({**record, "serial": secret}),
        "foreign": json.dumps({"api_key": secret}),
        "format": json.dumps({**record, "format": secret}),
        "cluster": json.dumps(record),
    }
    for name, text in texts.items():
        path = scene.stores / f"damaged-{name}.json"
        path.write_text(text)
        path.chmod(0o600)


def successes(scene: Scene) -> list[Case]:
    """Every way by which a secret leaves, and what a playbook does with it then."""
    stored, returned = scene.store("stored"), {"return_secret": True}
    later = {"content": "{{ returned.secret.encoded }}", "dest": str(scene.stores / "delivered"), "mode": "0600"}
    length = {"msg": "it has {{ returned.secret.encoded | length }} characters"}
    two = {"loop": ["one", "two"], "register": "both"}
    ways = "{{ both.results | map(attribute='secret') | map(attribute='id') | list | length }} results"
    return [
        scene.key("returned", keywords={"register": "returned"}, **returned),
        Case("used", "ansible.builtin.debug", length),
        Case("delivered", "ansible.builtin.copy", later, None, {"no_log": True}),
        scene.key("in a loop", keywords=two, name=f"{scene.prefix}-loop-{{{{ item }}}}", **returned),
        Case("loop used", "ansible.builtin.debug", {"msg": ways}),
        scene.key(
            "until", "", {"register": "tried", "until": "tried.secret.id == 'x'", "retries": 1, "delay": 0}, **returned
        ),
        scene.key("hidden", keywords={"no_log": True}, **returned),
        scene.key("stored", store=stored),
        scene.key("rotated", name=f"{scene.prefix}-stored", store=stored, force_rotate=True, **returned),
        scene.key("found", name=f"{scene.prefix}-stored", store=stored, **returned),
        scene.key("drifted", name=f"{scene.prefix}-stored", store=stored, metadata={"team": "search"}, **returned),
        scene.key("granted", grant={"username": "{{ poor }}", "password": "{{ poor_password }}"}, **returned),
        scene.key(
            "proxied",
            url=f"{scene.server.url}/plain",
            proxy=scene.relay.address,
            proxy_username="joe",
            proxy_password="{{ proxy_password }}",
            **returned,
        ),
        *by_itself(scene),
        *readings(scene, stored),
    ]


def readings(scene: Scene, stored: dict[str, str]) -> list[Case]:
    """What the modules and lookups tell that make no key."""
    return [
        scene.info("listed", name_pattern=[f"{scene.prefix}-*"]),
        scene.audit("audited", report=str(scene.stage.home / "audit.json"), forbidden_cluster_privileges=["all"]),
        scene.audit("audited by a key", username=None, password=None, api_key="{{ login_pair }}"),
        Case(
            "reported",
            REPORT,
            {
                "sources": [str(scene.stage.home / "audit.json")],
                **{
                    form: str(scene.stage.home / f"report.{form}")
                    for form in ("html", "markdown", "prometheus", "json")
                },
            },
        ),
        scene.info("listed by a key", username=None, password=None, api_key="{{ login_pair }}"),
        scene.info("told", module=CREDENTIAL, privileges={"cluster": ["monitor"]}),
        scene.info("told of a key", module=CREDENTIAL, username=None, password=None, api_key="{{ login_key }}"),
        scene.look("looked up on the server"),
        scene.info("secret revoked", module=REVOKE, secret="{{ returned.secret.encoded }}", expected_count=1),
        scene.info("secret dead", module=REVOKE, secret="{{ returned.secret.beats }}", expected_count=1),
        Case(
            "looked up",
            "ansible.builtin.debug",
            {"msg": f"{{{{ lookup('{STORED}', path) | length }}}}"},
            None,
            _at(stored),
        ),
    ]


def by_itself(scene: Scene) -> list[Case]:
    """A key logs in and is returned: what is hidden as the login must not be masked as the secret."""
    return [
        scene.key("own", store=scene.store("own"), role_descriptors=OWN),
        scene.key(
            "returned to itself",
            keywords={"register": "itself"},
            name=f"{scene.prefix}-own",
            username=None,
            password=None,
            api_key=f"{{{{ lookup('{STORED}', '{scene.store('own')['path']}') }}}}",
            role_descriptors=OWN,
            store=scene.store("own"),
            return_secret=True,
        ),
        Case(
            "used by itself", "ansible.builtin.debug", {"msg": "it has {{ itself.secret.encoded | length }} characters"}
        ),
    ]


def logins(scene: Scene) -> list[Case]:
    """A password is made, used, changed by its own user, and looked up, also while a change is under way."""
    made = scene.store("robot")
    own = {"name": f"{scene.prefix}-robot", "username": None, "password": None, "login_store": made["path"]}
    own |= {"rights": None, "store": made}
    password = f"{{{{ lookup('{STORED}', path, form='password') | length }}}} characters"
    return [
        scene.login("robot"),
        scene.login("robot again", name=f"{scene.prefix}-robot", store=made),
        scene.login("robot by itself", **own, force_rotate=True),
        scene.login("robot predicted", None, {"check_mode": True}, **own, force_rotate=True),
        scene.info("listed by the robot", username=None, password=None, login_store=made["path"]),
        Case("password used", "ansible.builtin.debug", {"msg": password}, None, _at(made)),
        scene.login("robot gone", name=f"{scene.prefix}-robot", state="absent", store=made),
    ]


def in_cloud(scene: Scene) -> list[Case]:
    """Keys of Elastic Cloud, whose secret is one text."""
    wrong = {"api_key": "{{ token }}"}
    return [
        scene.in_cloud("cloud stored", store=scene.store("cloud")),
        scene.in_cloud("cloud rotated", description="cloud stored", force_rotate=True, store=scene.store("cloud")),
        scene.in_cloud("cloud returned", return_secret=True),
        scene.in_cloud("cloud listed", module=CLOUD_INFO),
        scene.in_cloud("cloud audited", module=CLOUD_AUDIT, report=str(scene.stage.home / "cloud.json")),
        scene.look_in_cloud("cloud looked up"),
        scene.in_cloud("cloud refused", "refused", **wrong),
        scene.in_cloud("cloud listing refused", "refused", module=CLOUD_INFO, **wrong),
        scene.in_cloud("cloud audit refused", "refused", module=CLOUD_AUDIT, **wrong),
        scene.in_cloud(
            "cloud audit of roles", "holds an API key", module=CLOUD_AUDIT, forbidden_roles=["{{ cloud_key }}"]
        ),
        scene.look_in_cloud("cloud lookup refused", "refused", keysmith_ec_api_key="{{ token }}"),
        scene.in_cloud("cloud with another's key", "Elasticsearch API key", api_key="{{ login_key }}"),
        scene.in_cloud("cloud by a proxy that quotes", "", trouble="echo500", store=scene.store("cloud quoted")),
        scene.in_cloud("cloud listing misspelled", "Unsupported", module=CLOUD_INFO, passwort="{{ misplaced }}"),
        *revoked(scene.in_cloud, CLOUD_REVOKE, "cloud", "{{ cloud_leaked }}"),
        scene.in_cloud(
            "cloud key in roles", "holds an API key", role_assignments={"organization": ["{{ cloud_key }}"]}
        ),
    ]


def in_ece(scene: Scene) -> list[Case]:
    """Keys of ECE, whose login is a password, a session or a key."""
    token = f"{{{{ lookup('{ECE_TOKEN}', url=ece_url, username='joe', password=ece_password) | length }}}} characters"
    found = f"{{{{ lookup('{ECE}', 'ece stored', url=ece_url, username='joe', password=ece_password).id }}}}"
    by_key = {"username": None, "password": None, "api_key": "{{ ece_key }}"}
    return [
        scene.in_ece("ece stored", store=scene.store("ece")),
        scene.in_ece("ece rotated", description="ece stored", force_rotate=True, store=scene.store("ece")),
        scene.in_ece("ece returned", return_secret=True, **by_key),
        scene.in_ece("ece listed", module=ECE_INFO),
        scene.in_ece("ece audited", module=ECE_AUDIT, report=str(scene.stage.home / "ece.json")),
        Case("ece token", "ansible.builtin.debug", {"msg": token}, None, {"vars": {"ece_url": scene.ece.url("plain")}}),
        Case(
            "ece looked up",
            "ansible.builtin.debug",
            {"msg": found},
            None,
            {"vars": {"ece_url": scene.ece.url("plain")}},
        ),
        scene.in_ece("ece not listed", "refused to the user joe", module=ECE_INFO, password="{{ wrong_password }}"),
        scene.in_ece("ece not audited", "refused to the user joe", module=ECE_AUDIT, password="{{ wrong_password }}"),
        scene.in_ece("ece refused", "refused to the user joe", password="{{ wrong_password }}"),
        scene.in_ece("ece token refused", "refused", username=None, password=None, token="{{ token }}"),
        scene.in_ece("ece by a proxy that quotes", "", trouble="echo500", store=scene.store("ece quoted")),
        scene.in_ece("ece by a proxy that quotes a key", "", trouble="echo401", **by_key, store=scene.store("ece q2")),
        *(scene.in_ece(f"ece {name}", "", trouble=name) for name in ("login-cut", "login-page", "login-500")),
        *revoked(scene.in_ece, ECE_REVOKE, "ece", "{{ ece_leaked }}"),
        scene.in_ece("ece key in description", "description holds an API key", description="{{ ece_key }}"),
    ]


def revoked(case: Callable[..., Case], module: str, kind: str, secret: str) -> list[Case]:
    """A leaked secret, which logs in: refused and quoted, then taken, then dead."""
    leaked = {"module": module, "secret": secret, "expected_count": 1}
    return [
        *(case(f"{kind} secret, {trouble}", "", trouble=trouble, **leaked) for trouble in ("echo500", "echo403")),
        case(f"{kind} secret of Elasticsearch", "es_api_key_revoke", **{**leaked, "secret": "{{ login_pair }}"}),
        case(f"{kind} revoking, misspelled", "Unsupported", module=module, sekret="{{ misplaced }}"),
        case(f"{kind} secret in id", "holds an API key", module=module, id=secret),
        case(f"{kind} secret revoked", **leaked),
        case(f"{kind} secret dead", **leaked),
    ]


def no_logins(scene: Scene) -> list[Case]:
    """What a server says while a password is on its way, and logins that cannot be."""
    damaged = sorted(scene.stores.glob("damaged-*.json"))
    return [
        *(
            scene.login(name, words, url=scene.relay.url(name))
            for name, words in (
                ("password-echo500", "status 500"),
                ("password-echo400", "status 400"),
                ("password-page", "HTML page"),
                ("echo401", "refused the login"),
            )
        ),
        scene.login("wrong chief", "refused the login", password="{{ wrong_password }}"),
        scene.login("poor chief", "the cluster privilege", username="{{ poor }}", password="{{ poor_password }}"),
        scene.login("foreign user", "exists already", name="{{ user }}"),
        scene.login("login, misspelled", "Unsupported", passwort="{{ misplaced }}"),
        scene.login("key in rights", "rights.metadata", rights={"metadata": {"a": "{{ login_key }}"}}),
        scene.login("key in login_store", "login_store", username=None, password=None, login_store="{{ login_key }}"),
        *(
            scene.login(f"login in {path.stem}", "", store={"type": "file", "path": str(path)}, name="x")
            for path in damaged
        ),
        *(
            scene.info(f"login by {path.stem}", "", username=None, password=None, login_store=str(path))
            for path in damaged
        ),
    ]


def crossings(scene: Scene) -> list[Case]:
    """Keys between clusters: made, rotated, returned; and creates that go wrong."""
    kept = {"name": f"{scene.prefix}-crossing", "store": scene.store("crossing")}
    return [
        scene.crossing("crossing", **kept),
        scene.crossing("crossing again", **kept, force_rotate=True, return_secret=True),
        scene.crossing("key in access", "holds an API key", access={"search": [{"names": ["{{ login_key }}"]}]}),
        *(
            scene.crossing(f"crossing, {name}", "", url=scene.relay.url(name), store=scene.store(f"crossing-{name}"))
            for name in ("create-echo500", "create-cut")
        ),
    ]


def between_clusters(scene: Scene) -> list[Case]:
    """A key on its way into a keystore, and what is set and tried around it."""
    program = emulated_keystore(scene.stage.given / "elasticsearch-keystore")
    setting = {"name": "cluster.remote.far.credentials", "value": "{{ login_key }}", "program": str(program)}
    address = urlsplit(scene.relay.address).netloc
    chief = {"module": REMOTE, "username": "{{ chief }}", "name": "far"}
    return [
        Case("keystore filled", KEYSTORE, setting),
        Case("keystore full", KEYSTORE, setting),
        Case("keystore of nobody", KEYSTORE, {**setting, "program": "/nowhere/keystore"}, "cannot be run"),
        Case("keystore given two lines", KEYSTORE, {**setting, "value": "{{ misplaced }}\nx"}, "more than one line"),
        Case("probed", PROBE, {"addresses": [address], "tls": False}),
        Case("probed in vain", PROBE, {"addresses": ["127.0.0.1:9"], "tls": False}, "127.0.0.1:9"),
        scene.info("no remote cluster", state="absent", **chief),
        scene.info(
            "a remote cluster, echoed",
            "status 500",
            url=scene.relay.url("echo500"),
            seeds=["far.example.net:9443"],
            reload="always",
            keystore_password="{{ misplaced }}",
            **chief,
        ),
    ]


def _at(store: dict[str, str]) -> dict[str, Any]:
    return {"vars": {"path": store["path"]}}


def troubles(scene: Scene) -> list[Case]:
    """What a server or what stands before it can say; half of it repeats what it was sent, or hands out the new secret in an error."""
    words = {
        **{"echo401": "refused the login", "echo403": "status 403", "echo-page": "HTML page", "echo-text": "not JSON"},
        **{"slow": "not answered within", "redirect": "redirect", "other-json": "not Elasticsearch"},
        **{"page": "HTML page"},
        **{"create-lost": "not answered", "create-shape": "", "create-cut": "not JSON", "create-page": "HTML page"},
    }
    spoiled = [trouble for trouble in TROUBLES if not trouble.startswith(("plain", "password", "login-"))]
    return [
        *(
            scene.key(
                name,
                words.get(name, "status"),
                url=scene.relay.url(name),
                timeout=1 if name == "slow" else None,
                store=scene.store(name),
            )
            for name in spoiled
        ),
        scene.key(
            "echo of a grant",
            "status 500",
            url=scene.relay.url("create-echo500"),
            grant={"username": "{{ poor }}", "password": "{{ poor_password }}"},
            return_secret=True,
        ),
        scene.key("echo of a key", "status 500", {"no_log": True}, **_by_key(scene)),
        scene.key(
            "echo of a token",
            "status 500",
            url=scene.relay.url("echo500"),
            username=None,
            password=None,
            token="{{ token }}",
        ),
        scene.key(
            "echo of a proxy login",
            "status 500",
            url=f"{scene.server.url}/echo500",
            proxy=scene.relay.address,
            proxy_username="joe",
            proxy_password="{{ proxy_password }}",
        ),
        *_echoes_of_readers(scene),
    ]


def _echoes_of_readers(scene: Scene) -> list[Case]:
    """The modules and the lookup that make no key."""
    return [
        scene.info("listing an echo", "status 500", url=scene.relay.url("echo500")),
        scene.info("telling an echo", "status 500", module=CREDENTIAL, url=scene.relay.url("echo500")),
        scene.look("looking up an echo", "status 500", "echo500"),
        *(
            scene.info(
                f"revoking by an echo, {trouble}",
                "",
                module=REVOKE,
                url=scene.relay.url(trouble),
                secret="{{ login_pair }}",
                expected_count=1,
            )
            for trouble in ("echo500", "echo401", "echo403")
        ),
        scene.audit("auditing an echo", "status 500", url=scene.relay.url("echo500")),
    ]


def _by_key(scene: Scene) -> dict[str, Any]:
    return {"url": scene.relay.url("echo500"), "username": None, "password": None, "api_key": "{{ login_key }}"}


def refusals(scene: Scene) -> list[Case]:
    """A login that does not work or may not, our own code that breaks, records that are damaged."""
    damaged = sorted(scene.stores.glob("damaged-*.json"))
    look = f"{{{{ lookup('{STORED}', path) }}}}"
    return [
        scene.key("wrong password", "refused the login", password="{{ wrong_password }}"),
        scene.key("wrong token", "refused the login", username=None, password=None, token="{{ token }}"),
        scene.key("unknown key", "refused the login", username=None, password=None, api_key="{{ unknown_key }}"),
        scene.key(
            "not allowed",
            "Give the login's role",
            username="{{ poor }}",
            password="{{ poor_password }}",
            return_secret=True,
        ),
        scene.key("derived", "derived", username=None, password=None, api_key="{{ login_key }}", return_secret=True),
        scene.key("breaks-loads", "RuntimeError", return_secret=True),
        scene.key("breaks-dumps", "RuntimeError", store=scene.store("breaks-dumps")),
        *(scene.key(path.stem, "", store={"type": "file", "path": str(path)}) for path in damaged),
        *(
            Case(f"look at {path.stem}", "ansible.builtin.debug", {"msg": look}, "", _at({"path": str(path)}))
            for path in damaged
            # This one cannot know of another cluster, and so does what it is asked for.
            if path.stem != "damaged-cluster"
        ),
        scene.info("listing with a wrong password", "refused the login", password="{{ wrong_password }}"),
        scene.info(
            "telling with a wrong password", "refused the login", module=CREDENTIAL, password="{{ wrong_password }}"
        ),
        scene.look("look with a wrong password", "refused the login", keysmith_es_password="{{ wrong_password }}"),
        scene.info(
            "secret of another",
            "secret opens nothing",
            module=REVOKE,
            secret="{{ login_pair.split(':')[0] }}:{{ misplaced }}",
            expected_count=1,
        ),
        scene.info("secret without a number", "expected_count is missing", module=REVOKE, secret="{{ login_key }}"),
        scene.info("secret unknown", "knows no such key", module=REVOKE, secret="{{ unknown_key }}", expected_count=1),
        scene.audit("auditing with a wrong password", "refused the login", password="{{ wrong_password }}"),
        Case("reporting a store", REPORT, {"sources": [str(damaged[0])]}, "is no audit"),
    ]


def mistakes(scene: Scene) -> list[Case]:
    """Secrets in the wrong option, and options of the wrong type beside right secrets."""
    login = "{{ password }}"
    return [
        scene.key("key in url", "url holds an API key", url="{{ login_key }}"),
        scene.key("key in id", "id holds an API key", name=None, id="{{ login_pair }}"),
        scene.key("key in metadata", "metadata.note holds an API key", metadata={"note": "{{ login_key }}"}),
        scene.key("key in store", "store.path holds an API key", store={"type": "file", "path": "{{ login_key }}"}),
        scene.key("password in url", "url holds a user name", url="http://joe:{{ misplaced }}@127.0.0.1:9"),
        scene.key("password in proxy", "proxy holds a user name", proxy="http://joe:{{ misplaced }}@127.0.0.1:9"),
        scene.key("private key", "client_key holds a private key", client_key="{{ private_key }}"),
        scene.key("no key at all", "api_key", username=None, password=None, api_key="{{ misplaced }}"),
        scene.key("two logins", "two logins", api_key="{{ login_key }}"),
        scene.key("half a login", "without username", username=None),
        scene.key("misspelled", "Unsupported", passwort="{{ misplaced }}"),
        scene.key("misspelled in grant", "Unsupported", grant={"username": "joe", "passwort": "{{ misplaced }}"}),
        # Here core 2.16 stops before it has gathered what is secret.
        scene.key("grant of a wrong type", "", grant="{{ misplaced }}"),
        scene.key("grant in a list", "", grant=["{{ misplaced }}"]),
        scene.key("descriptors of a wrong type", "role_descriptors", role_descriptors="{{ misplaced }}"),
        scene.key("boolean", "return_secret", return_secret=login),
        scene.key("number", "timeout", timeout=login),
        scene.key("whole number", "retries", retries=login),
        scene.key("choice", "method", method=login),
        scene.key("duration", "expiration", expiration=login),
        scene.key("time", "rotate_if_created_before", rotate_if_created_before=login),
        scene.key("path", "ca_path", ca_path=login),
        scene.info("listing with a key in url", "url holds an API key", url="{{ login_key }}"),
        scene.audit("auditing with a key in cluster", "cluster holds an API key", cluster="{{ login_key }}"),
        scene.audit("auditing, misspelled", "Unsupported", passwort="{{ misplaced }}"),
        scene.audit("auditing with a wrong measure", "max_life", max_life="{{ password }}"),
        scene.info("listing, misspelled", "Unsupported", passwort="{{ misplaced }}"),
        scene.info(
            "revoking, misspelled", "Unsupported", module=REVOKE, sekret="{{ misplaced }}", secret="{{ login_key }}"
        ),
        scene.info("revoking no key", "secret is neither", module=REVOKE, secret="{{ misplaced }}"),
        scene.info("secret in id", "id holds an API key", module=REVOKE, id="{{ login_pair }}"),
        scene.info("secret and name", "both given", module=REVOKE, secret="{{ login_pair }}", name="x"),
        scene.info(
            "number of keys",
            "expected_count",
            module=REVOKE,
            secret="{{ login_pair }}",
            expected_count="{{ password }}",
        ),
        scene.info("telling, of a wrong type", "dictionary", module=CREDENTIAL, privileges="{{ misplaced }}"),
        scene.look("two logins looked up", "two logins", keysmith_es_token="{{ token }}"),
        scene.look("number looked up", "", keysmith_es_timeout="{{ password }}"),
    ]


@dataclasses.dataclass(frozen=True)
class Told:
    """What the runs of all cases have told."""

    scene: Scene
    cases: list[Case]
    runs: list[Run]
    watch: Watch

    def of(self, case: str) -> Event:
        """The final event of a case."""
        return next(run for run in self.runs if any(event.task == case for event in run.events)).of(case)


@pytest.fixture(scope="module")
def told(scene: Scene) -> Told:
    # What never reaches a server need not be tried on every one.
    unreached = mistakes(scene) if scene.server.kind == "emulator" else []
    lanes = [
        [*successes(scene), *logins(scene), *refusals(scene)],
        [
            *troubles(scene),
            *crossings(scene),
            *between_clusters(scene),
            *in_cloud(scene),
            *in_ece(scene),
            *no_logins(scene),
            *unreached,
        ],
    ]
    variables = {
        "KEYSMITH_BREAKING": "1",
        # From core 2.19 on: the most that a result can be made to hold.
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_INJECT_INVOCATION": "1",
    }

    def run(cases: list[Case]) -> Run:
        tasks = [case.task() for case in cases]
        return scene.stage.run(tasks, scene.variables, "-vvv", "--diff", environment=variables)

    with Watch() as watch, ThreadPoolExecutor() as pool:
        runs = list(pool.map(run, lanes))
    return Told(scene, [case for lane in lanes for case in lane], runs, watch)


def test_nothing_is_told(told: Told) -> None:
    for run in told.runs:
        assert run.status == 0, run.output[-4000:]
        assert [str(leak) for leak in told.scene.leaks(run)] == []


def test_every_case_went_as_it_was_meant(told: Told) -> None:
    """Else a case would prove nothing."""
    wrong = []
    for case in told.cases:
        event = told.of(case.name)
        if case.keywords.get("no_log"):
            continue
        if (event.event == "ok") != (case.words is None) or (case.words or "") not in event.message:
            wrong.append(f"{case.name}: {event.event}: {event.message}")
    assert not wrong, "\n".join(wrong)


def test_a_hidden_result_is_still_of_use(told: Told) -> None:
    assert told.of("used").message == "it has 60 characters"
    assert told.of("used by itself").message == "it has 60 characters"
    assert told.of("loop used").message == "2 results"
    assert told.of("password used").message == "40 characters"
    delivered = (told.scene.stores / "delivered").read_text()
    assert delivered in {key["encoded"] for key in told.scene.relay.made()}


def test_no_process_shows_a_secret(told: Told) -> None:
    secrets_ = told.scene.secrets()
    assert any("AnsiballZ_es_api_key" in text for text in told.watch.arguments), "no module was seen"
    assert secrets_.in_text("\n".join(told.watch.arguments), "the arguments of a process") == []
    assert secrets_.in_text("\n".join(told.watch.variables), "the environment of a process") == []


def test_check_mode_tells_nothing(scene: Scene) -> None:
    stored = scene.store("checked")
    cases = [
        scene.key("made first", store=stored, return_secret=True),
        *(
            scene.key(name, name=f"{scene.prefix}-made first", store=stored, keywords={"check_mode": True}, **options)
            for name, options in (
                ("predicted", {"return_secret": True, "force_rotate": True}),
                ("nothing to do", {"return_secret": True}),
                ("update", {"metadata": {"n": 1}}),
            )
        ),
        scene.key("new", keywords={"check_mode": True}, return_secret=True),
        scene.key(
            "gone", name=f"{scene.prefix}-made first", keywords={"check_mode": True}, state="absent", store=stored
        ),
    ]
    run = scene.stage.run([case.task() for case in cases], scene.variables, "--diff", "-vvv")
    assert {case.name: run.of(case.name).event for case in cases} == {case.name: "ok" for case in cases}, run.output
    assert run.of("predicted").result["secret"] == dict.fromkeys(("id", "api_key", "encoded", "beats"))
    assert [str(leak) for leak in scene.leaks(run)] == []


@pytest.mark.parametrize(
    "output",
    [
        {"ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_NO_TARGET_SYSLOG": "1"},
        {"ANSIBLE_STDOUT_CALLBACK": "oneline"},
        {
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_DISPLAY_FAILED_STDERR": "1",
            "ANSIBLE_NO_TARGET_SYSLOG": "1",
        },
    ],
    ids=["minimal", "oneline", "yaml"],
)
def test_other_outputs_tell_nothing(scene: Scene, output: dict[str, str]) -> None:
    if scene.server.kind != "emulator":
        pytest.skip("Ansible's output is the same on every server")
    cases = [
        scene.key(
            "loop",
            keywords={"loop": [secrets.token_hex(3), secrets.token_hex(3)]},
            name=f"{scene.prefix}-{{{{ item }}}}",
        )
    ]
    cases[0].options["return_secret"] = True
    cases += [
        scene.key(
            "echo", "status 500", url=scene.relay.url("create-500"), store=scene.store(f"echo-{secrets.token_hex(3)}")
        ),
        scene.key("type", "", grant="{{ misplaced }}"),
    ]
    run = scene.stage.run([case.task() for case in cases], scene.variables, "-vvv", "--diff", environment=output)
    assert run.of("loop").event == "ok", run.output
    assert run.of("echo").event == run.of("type").event == "failed"
    assert [str(leak) for leak in scene.leaks(run)] == []


def test_ansible_runner_tells_nothing(scene: Scene) -> None:
    """Standard output, events and artifacts, as AWX keeps them. It brings its own core."""
    if scene.stage.core != environments.NEWEST or scene.server.kind != "emulator":
        pytest.skip("once is enough")
    place = scene.stage.given / "runner"
    cases = [
        scene.key("for runner", keywords={"register": "made"}, return_secret=True),
        scene.key(
            "runner loop", keywords={"loop": [1, 2]}, name=f"{scene.prefix}-runner-{{{{ item }}}}", return_secret=True
        ),
        scene.key("runner echo", "", url=scene.relay.url("create-500"), store=scene.store("runner")),
        scene.key("runner type", "", grant="{{ misplaced }}"),
        scene.key("runner url", "", url="http://joe:{{ misplaced }}@127.0.0.1:9"),
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [case.task() for case in cases]}]
    python = environments.DEVELOPER.program("python")
    for name, content in (
        ("project/play.yml", play),
        ("env/extravars", {**scene.variables, "ansible_python_interpreter": python}),
        ("env/envvars", {k: v for k, v in scene.stage.variables().items() if "CALLBACK" not in k and k != "PATH"}),
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps(content))
    environments.make(environments.DEVELOPER)
    command = [environments.DEVELOPER.program("ansible-runner"), "run", "-vvv", str(place), "-p", "play.yml"]
    path = {**scene.stage.variables(), "PATH": f"{Path(python).parent}:{scene.stage.variables()['PATH']}"}
    done = subprocess.run(command, env=path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    events = list((place / "artifacts").rglob("job_events/*.json"))
    assert any('"for runner"' in event.read_text() for event in events)
    known = scene.secrets()
    found = known.in_text(done.stdout, "stdout") + known.in_text(done.stderr, "stderr")
    found += known.in_folder(scene.stage.home) + known.in_folder(place, spared=[place / "env"])
    assert [str(leak) for leak in found] == []


def test_a_secret_that_is_told_is_found(scene: Scene, tmp_path: Path) -> None:
    """The control: each channel is searched, and each form is known."""
    value = scene.variables["login_pair"]
    forms = {
        "itself": value,
        "its base64": scene.variables["login_key"],
        "base64 of more": base64.b64encode(f"xy{value}z".encode()).decode(),
        "a quoted password": json.dumps({"password": json.dumps(NASTY)}),
        "a password in a URL": "http://x/?p=P%C3%A4%27ss%22w/%C3%B6%2Br%3Cd%3E%26%2541%5Cn%5C%5C%7Bx%7D%24HOME",
        "wrapped": "\n  ".join(value[start : start + 7] for start in range(0, len(value), 7)),
    }
    for name, text in forms.items():
        assert scene.planted.in_text(f"before {text} after", name) != [], name
    assert scene.planted.in_text("Pass word, login, elastic, changeme", "nothing") == []
    stage = Stage(tmp_path, scene.stage.core)
    tasks = [
        {
            "name": "left",
            "ansible.builtin.copy": {"content": "{{ login_key }}", "dest": f"{stage.home}/left", "mode": "0600"},
        },
        {"name": "shown", "ansible.builtin.debug": {"msg": "{{ login_pair }}"}},
    ]
    run = stage.run(tasks, scene.variables)
    where = " ".join(leak.where for leak in scene.leaks(run))
    for channel in ("stdout", "ansible.log", "tree/localhost", "junit", "/left", "the event ok of 'shown'"):
        assert channel in where, channel


def test_every_module_and_lookup_has_cases(told: Told) -> None:
    modules = {f"keysmith.elastic.{path.stem}" for path in (PLUGINS / "modules").glob("*.py")}
    lookups = {f"keysmith.elastic.{path.stem}" for path in (PLUGINS / "lookup").glob("*.py")}
    succeeding = {case.module for case in told.cases if case.words is None}
    failing = {case.module for case in told.cases if case.words is not None}
    assert modules <= succeeding & failing
    messages = [str(case.options) for case in told.cases]
    assert all(any(lookup in message for message in messages) for lookup in lookups)
