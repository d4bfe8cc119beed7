# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports: what they say, and that no name of a key is ever taken for anything but text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._model.audit import Audited
from ansible_collections.keysmith.elastic.plugins.module_utils._model.finding import found
from ansible_collections.keysmith.elastic.plugins.module_utils._model.key import Owner
from ansible_collections.keysmith.elastic.plugins.module_utils._model.visible import cut, padded, visible, width
from ansible_collections.keysmith.elastic.plugins.module_utils._report.document import (
    BadAudit,
    from_json,
    picture,
    picture_in,
    picture_marked,
    to_json,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._report.estate import (
    Cluster,
    Estate,
    Unaudited,
    summary,
    worst_first,
)
from ansible_collections.keysmith.elastic.plugins.module_utils._report.html_page import to_html
from ansible_collections.keysmith.elastic.plugins.module_utils._report.html_style import SCRIPT, STYLE
from ansible_collections.keysmith.elastic.plugins.module_utils._report.markdown import escaped, to_markdown
from ansible_collections.keysmith.elastic.plugins.module_utils._report.prometheus import to_prometheus
from ansible_collections.keysmith.elastic.plugins.module_utils._report.table import ROWS, table
from ansible_collections.keysmith.elastic.plugins.module_utils._report.timeline import DAY, timeline
from hypothesis import given
from hypothesis import strategies as st
from support import exposition

NOW = 1_795_230_000_000
PICTURE = "ab" * 32
NASTY = [
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "a | b \\| c `d` **e** [f](javascript:alert(1)) <b> &amp; <!-- -->",
    "-->\n# heading\n| row |",
    "two\nlines\r\nand\ttab",
    "\u202egnp.exe\u2066 turned \u200bhidden",
    "日本語のキー",
    "e\u0301 👩‍🔧",
    '\\"\n\\n\\\\',
    "n" * 256,
    "half \ud800 of a pair",
    "nul \0 bell \7 escape \x1b[31m",
    " blanks ",
    "@everyone www.example.net https://example.net #1",
]


def as_json(told: Estate) -> bytes:
    return to_json(told, picture(told))


words = st.text(
    st.characters(codec="utf-8") | st.sampled_from("<>&\"'`|\\*_[](){}#+-.!~\n\r\t\u202e"), min_size=1, max_size=40
)


def key(name: str = "k", *, left: int | None = 50, findings: tuple[str, ...] = (), **fields: Any) -> Audited:
    plain = {
        "id": name,
        "name": name,
        "type": "rest",
        "owner": Owner("joe", "native"),
        "owner_state": "exists",
        "state": "active",
        "creation": NOW - 10 * DAY,
        "expiration": None if left is None else NOW + left * DAY,
        "manager": "nobody",
        "managed_by": None,
        "findings": tuple(found(code, f"About {name}.") for code in findings),
    }
    return Audited(**{**plain, **fields})


def estate(*keys: Audited, name: str = "production", at: int = NOW, unaudited: tuple[Unaudited, ...] = ()) -> Estate:
    return Estate(
        (
            Cluster(
                name, "elasticsearch", at, {"username": "auditor"}, None, None, None, (), {"warn_within": "14d"}, keys
            ),
        ),
        unaudited,
    )


def nasty_estate(text: str) -> Estate:
    """An estate in which everything that others can choose is this text."""
    bad = key(text, left=5, findings=("all_rights", "ending_soon"), owner=Owner(text, text), managed_by=text, type=text)
    endless = key(f"{text}2", left=None, successor=text, owner=Owner(text), creator=f"{text}4")
    measures = {"required_metadata": [text]}
    cluster = Cluster(text, "ece", NOW, {"username": text}, text, text, text, (text,), measures, (bad, endless))
    return Estate((cluster,), (Unaudited(f"{text}3", text),))


class Page(HTMLParser):
    """Collects what a browser would see: elements with their attributes, and the text outside of scripts and styles."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.comments: list[str] = []
        self.feed(raw.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]].append(data)
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


HARMLESS = {
    "class",
    "id",
    "data-v",
    "data-codes",
    "data-code",
    "data-table",
    "lang",
    "charset",
    "content",
    "name",
    "type",
}
HARMLESS |= {
    "http-equiv",
    "aria-label",
    "aria-pressed",
    "role",
    "viewbox",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "rx",
    "width",
}
HARMLESS |= {"height", "text-anchor", "placeholder"}


def shape(page: Page) -> list[str]:
    return [tag for tag, _attributes in page.elements]


@pytest.mark.parametrize("text", NASTY)
def test_a_page_shows_names_as_text(text: str) -> None:
    page = Page(to_html(nasty_estate(text), text, PICTURE))
    assert shape(page) == shape(Page(to_html(nasty_estate("harmless"), "harmless", PICTURE)))
    assert page.open == []
    assert {name for _tag, attributes in page.elements for name in attributes} <= HARMLESS
    assert page.inside == {"script": [SCRIPT], "style": [STYLE]}
    assert len(page.comments) == 1
    assert visible(text).encode("utf-8", "replace").decode() in "".join(page.text)


@given(words)
def test_a_page_shows_any_name_as_text(text: str) -> None:
    page = Page(to_html(nasty_estate(text), text, PICTURE))
    assert shape(page) == shape(Page(to_html(nasty_estate("harmless"), "harmless", PICTURE)))
    assert visible(text) in "".join(page.text)


def test_a_page_allows_its_own_script_alone_and_loads_nothing() -> None:
    raw = to_html(estate(key()), "Keys", PICTURE)
    page = Page(raw)
    policy = next(told["content"] for tag, told in page.elements if told.get("http-equiv") == "Content-Security-Policy")
    for what, text in (("script", SCRIPT), ("style", STYLE)):
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{what}-src 'sha256-{hashed}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")
    assert not re.search(rb"\b(src|href|url\(|@import|https?://)", raw.replace(b"-src", b""))
    assert "</" not in SCRIPT + STYLE


def test_a_page_says_first_what_is_wrong() -> None:
    page = Page(
        to_html(
            estate(key("a", findings=("all_rights",)), key("b"), unaudited=(Unaudited("dr", "off"),)), "Keys", PICTURE
        )
    )
    text = "".join(page.text)
    assert "1 key has a problem; 1 cluster could not be audited." in text
    assert "dr was not audited." in text
    assert text.index("What ends when") < text.index("What ends next") < text.index("What was found")
    assert "Nothing is wrong." in "".join(Page(to_html(estate(key()), "Keys", PICTURE)).text)
    assert "Nothing was audited" in "".join(Page(to_html(Estate(()), "Keys", PICTURE)).text)


def test_a_page_of_very_many_keys_repeats_none_of_them_needlessly() -> None:
    many = [key(f"key-{number}", left=number % 80, findings=("ending_soon",)) for number in range(3_000)]
    page = Page(to_html(estate(*many), "Keys", PICTURE))
    rows = shape(page).count("tr")
    assert 3_000 < rows < 3_500
    assert "The first 300 of 3000 keys" in "".join(page.text)
    assert shape(page).count("rect") < 200


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_names_as_text(text: str) -> None:
    raw = to_markdown(nasty_estate(text), text, PICTURE).decode()
    plain = to_markdown(nasty_estate("harmless"), "harmless", PICTURE).decode()
    assert structure(raw) == structure(plain)


def structure(text: str) -> list[str]:
    """What Markdown could take for anything else than text, line by line."""
    without = re.sub(r"&#\d+;", "", text.replace(PICTURE, ""))
    return ["".join(re.findall(r"[\\`*\[\]<>|~@:\"^$=]|^#+|^[*+-] |</?\w+>", line)) for line in without.split("\n")]


@given(words)
def test_what_is_escaped_for_markdown_holds_nothing_special(text: str) -> None:
    shown = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), escaped(text))
    assert shown == visible(text)
    assert not re.search(r"[\\`*_\[\]<>|~@:\n\r]|&(?!#\d+;)|www\.", escaped(text))


@pytest.mark.parametrize("text", NASTY)
def test_metrics_hold_names_exactly(text: str) -> None:
    read = exposition.read(to_prometheus(nasty_estate(text), PICTURE))
    exact = text.encode("utf-8", "replace").decode()
    assert read["keysmith_key_expiration_timestamp_seconds"].of(name=exact, owner=exact, cluster=exact) == [
        NOW / 1000 + 5 * 86_400
    ]


def test_metrics() -> None:
    told = estate(
        key("a", findings=("all_rights",)),
        key("b", left=None, findings=("never_expires",)),
        key("c", left=-1, state="expired"),
    )
    other = estate(key("a"), name="other", unaudited=(Unaudited("dr", "off"),))
    read = exposition.read(to_prometheus(Estate(told.clusters + other.clusters, other.unaudited), PICTURE))
    assert all(family.help and family.type == "gauge" for family in read.values())
    assert read["keysmith_audit_success"].of(cluster="production") == [1]
    assert read["keysmith_audit_success"].of(cluster="dr") == [0]
    assert read["keysmith_audit_timestamp_seconds"].of(cluster="other") == [NOW / 1000]
    assert read["keysmith_audit_complete"].of(cluster="production") == [1]
    assert read["keysmith_keys"].of(cluster="production", state="active") == [2]
    assert read["keysmith_findings"].of(cluster="production", code="never_expires", severity="warning") == [1]
    assert read["keysmith_findings"].of(cluster="other", code="never_expires") == [0]
    ends = read["keysmith_key_expiration_timestamp_seconds"]
    assert sorted(dict(labels)["name"] for labels in ends.samples) == ["a", "a"]


def test_the_table_is_aligned_whatever_the_names_are() -> None:
    rows = [key(name, findings=("never_expires",), owner=Owner(name)) for name in NASTY]
    lines = table(estate(*rows))
    head = next(line for line in lines if line.startswith("SEVERITY"))
    start = head.index("WHAT")
    below = lines[lines.index(head) + 2 :]
    assert len(below) == len(NASTY)
    for line in below:
        assert "\n" not in line
        assert padded(cut(line, 1000), 0).endswith("never_expires")
        assert width(line) - len("never_expires") == start


def test_the_table_is_bounded() -> None:
    lines = table(estate(*(key(str(number), findings=("old",)) for number in range(ROWS + 3))))
    assert lines[-1] == "and 3 more keys"
    assert table(estate(key()))[-1] == "Nothing was found."


def test_the_table_tells_what_is_missing() -> None:
    told = estate(key(), unaudited=(Unaudited("dr", "It is\noff."),))
    blind = told.clusters[0]._replace(blind_spot="Sees little.", users_unknown="Knows nobody.")
    text = "\n".join(table(told._replace(clusters=(blind,))))
    for words in ("dr was not audited: It is\\noff.", "production: Sees little.", "production: Knows nobody."):
        assert words in text


@given(words, st.integers(1, 30))
def test_what_is_cut_fits(text: str, most: int) -> None:
    shown = visible(text)
    assert width(cut(shown, most)) <= most
    assert (cut(shown, most) == shown) == (width(shown) <= most)
    assert width(padded(cut(shown, most), most)) == most


def test_nothing_hidden_stays_hidden() -> None:
    assert visible("a\nb\u202ec\0\ud800") == "a\\nb\\u202ec\\x00\\ud800"
    assert visible("日本 e\u0301 👩‍🔧") == "日本 e\u0301 👩‍🔧"


def test_an_audit_is_read_as_it_was_written() -> None:
    told = estate(
        key(
            "a",
            findings=("all_rights", "never_expires"),
            left=None,
            successor="b",
            managed_by="fleet",
            manager="product",
        ),
        key(NASTY[4], owner=None, type="cross_cluster", state="expired"),
        unaudited=(Unaudited("dr", "off"),),
    )
    assert from_json(as_json(told), "f") == told
    assert picture_in(as_json(told)) == picture(told)
    assert picture(from_json(as_json(told), "f")) == picture(told)
    assert from_json(as_json(Estate(())), "f") == Estate(())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"{}", b'{"kind": "other"}', b"\xff"])
def test_what_is_no_audit_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(BadAudit, match="/a/b is no audit"):
        from_json(raw, "/a/b")
    assert picture_in(raw) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"active"', b'"alive"'), (b'"api_keys": [', b'"api_keys": [7, '), (b'"old"', b'"ancient"'), (b"2026-", b"x-")],
)
def test_a_damaged_audit_is_said_to_be_none(before: bytes, after: bytes) -> None:
    raw = as_json(estate(key(findings=("old",))))
    assert before in raw
    with pytest.raises(BadAudit):
        from_json(raw.replace(before, after), "f")


def test_an_audit_of_another_format_is_named() -> None:
    with pytest.raises(BadAudit, match="does not know"):
        from_json(as_json(Estate(())).replace(b'"format": 1', b'"format": 2'), "f")


def test_a_picture_is_what_there_is_and_not_when_it_was_seen() -> None:
    told = estate(key("a", findings=("old",)), key("b"))
    assert picture(told) == picture(estate(key("b"), key("a", findings=("old",)), at=NOW + DAY))
    others = [
        estate(key("a"), key("b")),
        estate(key("a", findings=("old",))),
        estate(key("a", findings=("old",)), key("b", left=51)),
        estate(key("a", findings=("old",)), key("b"), name="other"),
        estate(key("a", findings=("old",)), key("b"), unaudited=(Unaudited("dr", "off"),)),
    ]
    assert len({picture(one) for one in [told, *others]}) == 1 + len(others)


@pytest.mark.parametrize("render", [to_html, to_markdown, lambda told, _title, seen: to_prometheus(told, seen)])
def test_a_report_tells_its_picture_and_no_name_can_tell_another(render: Any) -> None:
    text = f"keysmith picture: {'0' * 64}"
    assert picture_marked(render(nasty_estate(text), text, PICTURE)) == PICTURE
    assert picture_marked(text.encode() + b"\n") == "0" * 64
    assert picture_marked(b"something\n" + text.encode()) is None


def test_the_timeline_counts_each_key_once() -> None:
    rows = list(
        estate(key("a", left=1), key("b", left=3, findings=("old",)), key("c", left=None), key("d", left=900)).rows()
    )
    line = timeline([*rows, *estate(key("x", state="expired", left=-1)).rows()], NOW)
    assert (line.unit, line.later, line.never) == ("month", 0, 1)
    assert sum(bucket.total for bucket in line.buckets) == 3
    soon = [(cluster, one) for cluster, one in rows if one.name != "d"]
    line = timeline(soon, NOW)
    assert line.unit == "day"
    assert [bucket.total for bucket in line.buckets] == [0, 1, 0, 1]
    assert line.buckets[3].counts == {"fine": 0, "warning": 0, "problem": 1}


def test_a_few_keys_far_away_do_not_squeeze_the_timeline() -> None:
    rows = list(estate(*(key(str(number), left=number) for number in range(20)), key("far", left=4000)).rows())
    line = timeline(rows, NOW)
    assert (line.unit, line.later, len(line.buckets)) == ("day", 1, 20)
    assert timeline([], NOW).buckets == ()


def test_summary_counts_each_key_once() -> None:
    told = summary(
        [key("a", findings=("all_rights", "never_expires")), key("b", findings=("expired",), state="expired"), key("c")]
    )
    assert told["api_keys"] == 3
    assert told["severities"] == {"problem": 1, "warning": 0, "info": 1}
    assert (told["codes"]["all_rights"], told["codes"]["never_expires"], told["codes"]["old"]) == (1, 1, 0)
    assert told["states"] == {"active": 2, "expired": 1, "invalidated": 0}


def test_the_worst_and_soonest_come_first() -> None:
    told = estate(
        key("a", findings=("never_expires",)), key("b", left=9, findings=("old",)), key("c", left=8, findings=("old",))
    )
    assert [one.name for _cluster, one in worst_first(told)] == ["c", "b", "a"]


def of_kind(kind: str, name: str, *keys: Audited, ends: str | None = None, notes: tuple[str, ...] = ()) -> Cluster:
    login = {"username": name, "expiration": ends}
    return Cluster(name, kind, NOW, login, None, None, None, notes, {}, keys)


IN_CLOUD = key("ci", type="cloud", owner=Owner("1000000001"), creator="2000000002", findings=("roles_not_shown",))
MIXED = Estate(
    (
        of_kind("elasticsearch", "production", key("a")),
        of_kind("elastic_cloud", "acme", IN_CLOUD, ends="2026-12-01T03:00:00Z", notes=("Nearly full.",)),
        of_kind("ece", "frankfurt", key("b", type="cloud", owner=Owner("kim"), creator="kim", findings=("old",))),
    )
)


def test_what_stands_side_by_side_has_a_word_that_fits_all_of_it() -> None:
    for chosen, noun in (((0,), "cluster"), ((1,), "organization"), ((2,), "installation"), ((0, 1), "service")):
        told = Estate(tuple(MIXED.clusters[number] for number in chosen))
        page = "".join(Page(to_html(told, "Keys", PICTURE)).text)
        assert f"{len(chosen)} {noun}{'' if len(chosen) == 1 else 's'} ·" in page
        assert f"{noun.capitalize()}s" in page
        assert table(told)[0].startswith(noun.upper())
        assert f"| {noun.capitalize()} |" in to_markdown(told, "Keys", PICTURE).decode()
        assert noun == "cluster" or "luster" not in page + "".join(table(told))
    missing = Estate((), (Unaudited("acme", "off", "elastic_cloud"),))
    assert "1 organization could not be audited." in "".join(Page(to_html(missing, "Keys", PICTURE)).text)
    # Where all is of one kind, no form tells the kind again; where it is mixed, every form does.
    for shown in (lambda told: "\n".join(table(told)), lambda told: to_markdown(told, "Keys", PICTURE).decode()):
        assert "product" in shown(MIXED).lower() and "Elastic Cloud Enterprise" in shown(MIXED)
        assert "product" not in shown(Estate(MIXED.clusters[1:2])).lower()


def test_who_made_a_key_is_told_where_it_is_not_its_owner() -> None:
    page = "".join(Page(to_html(MIXED, "Keys", PICTURE)).text)
    assert "made by 2000000002" in page and "made by kim" not in page
    assert "<code>1000000001</code>, made by <code>2000000002</code>" in to_markdown(MIXED, "Keys", PICTURE).decode()
    assert "1000000001/2000000002" in "\n".join(table(MIXED))
    ends = exposition.read(to_prometheus(MIXED, PICTURE))["keysmith_key_expiration_timestamp_seconds"]
    assert len(ends.of(creator="2000000002")) == 1 and len(ends.of(creator="")) == 2


def test_every_form_tells_when_a_login_ends() -> None:
    page = "".join(Page(to_html(MIXED, "Keys", PICTURE)).text)
    assert "Login ends" in page and "10d2026-12-01 03:00" in page
    lines = table(MIXED)
    assert "LOGIN ENDS" in lines[0]
    assert next(line for line in lines if line.startswith("acme")).split()[3] == "10d"
    assert next(line for line in lines if line.startswith("production")).split()[2] == "-"
    assert "| 10d |" in to_markdown(MIXED, "Keys", PICTURE).decode()
    metric = exposition.read(to_prometheus(MIXED, PICTURE))["keysmith_login_expiration_timestamp_seconds"]
    assert metric.of(cluster="acme") == [(NOW + 10 * DAY) / 1000] and len(metric.samples) == 1
    assert b'"expiration": "2026-12-01T03:00:00Z"' in as_json(MIXED)


def test_notes_are_told_and_are_no_gaps() -> None:
    page = "".join(Page(to_html(MIXED, "Keys", PICTURE)).text)
    assert "What else is to be said" in page and "acme: Nearly full." in page
    assert "What this report does not show" not in page
    assert "acme: Nearly full." in table(MIXED)
    assert "Nearly full." in to_markdown(MIXED, "Keys", PICTURE).decode()
    assert exposition.read(to_prometheus(MIXED, PICTURE))["keysmith_audit_complete"].of(cluster="acme") == [1]
    without = tuple(cluster._replace(notes=()) for cluster in MIXED.clusters)
    assert picture(Estate(without)) != picture(MIXED)


def test_an_audit_of_any_kind_is_read_as_it_was_written() -> None:
    told = MIXED._replace(unaudited=(Unaudited("dr", "off", "ece"),))
    assert from_json(as_json(told), "f") == told
    for before, after in ((b'"ece"', b'"ec"'), (b'"2026-12-01T03', b'"x')):
        with pytest.raises(BadAudit):
            from_json(as_json(told).replace(before, after), "f")
