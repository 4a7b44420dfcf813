"""A rule pack is loaded whole or not at all: each thing that can be wrong with one is planted and refused."""

import re
from pathlib import Path

import pytest

from consent.core.context import FACTS
from consent.core.rulepacks import BadRulePack
from consent.core.rules import SCHEMA, Rules, UnknownRule, explain, installed, read_packs

DOCS = Path(__file__).parents[1] / "docs"
FORMATS = (DOCS / "formats.md").read_text("utf-8")
GUIDE = (DOCS / "rulepacks.md").read_text("utf-8")
SCHEMA_TEXT = read_packs()[SCHEMA]
GOOD = """
@id("studio/described") @title("a use is described") @title_fr("un usage est décrit")
@source("the studio's own terms, 3") @jurisdiction("everywhere")
@effective_from("2027-01-01") @effective_to("2028-12-31") @status("in_force") @verified_by("ada")
@applies("of:performer act:condition")
forbid (principal, action, resource) when { !context.grant.specific };
"""


def load(text: str = GOOD, **more: str) -> Rules:
    return Rules.load({SCHEMA: SCHEMA_TEXT, "studio.cedar": text, **more})


def problem(text: str = GOOD, **more: str) -> str:
    with pytest.raises(BadRulePack) as refused:
        load(text, **more)
    return str(refused.value)


def test_a_pack_in_order_is_loaded() -> None:
    (rule,) = load().rules
    assert (rule.id, rule.pack, rule.status, rule.reads) == (
        "studio/described",
        "studio",
        "in_force",
        ("grant.specific",),
    )
    assert (str(rule.effective_from), str(rule.effective_to)) == ("2027-01-01", "2028-12-31")


@pytest.mark.parametrize(
    "name",
    [
        *("id", "title", "title_fr", "source", "jurisdiction"),
        *("effective_from", "effective_to", "status", "verified_by", "applies"),
    ],
)
def test_a_rule_without_one_of_its_annotations_is_refused(name: str) -> None:
    assert f"annotation `{name}` is missing" in problem(re.sub(rf'@{name}\(".*?"\)', "", GOOD))
    assert f"annotation `{name}` is missing" in problem(re.sub(rf'@{name}\(".*?"\)', f'@{name}(" ")', GOOD))


FAULTS = {
    "an unknown annotation": ("@verified_by", '@advice("ask counsel") @verified_by', "`advice` is not known"),
    "an annotation twice": ("@verified_by", '@status("off") @verified_by', "not Cedar"),
    "a date that is none": ("2028-12-31", "2028-02-30", "`effective_to` is not a date"),
    "a date in another form": ("2027-01-01", "20270101", "`effective_from` is not a date"),
    "an open beginning in force": ("2027-01-01", "open", "`effective_from` is not a date"),
    "an end before the beginning": ("2028-12-31", "2026-12-31", "`effective_to` lies before"),
    "an unknown status": ('"in_force"', '"maybe"', "`status` is not one of"),
    "the id of another pack": ("studio/described", "gallery/described", "`id` is not of the form"),
    "an id without a name": ("studio/described", "studio", "`id` is not of the form"),
    "a rule that permits": ("forbid", "permit", "it never permits"),
    "a rule without a condition": ("when { !context.grant.specific }", "", "a rule has a condition"),
    "a constrained principal": ("(principal,", '(principal == Nobody::"ada",', "are not constrained"),
    "an unknown fact": ("grant.specific", "grant.lucky", "`grant.lucky` is not a fact"),
    "a fact of the wrong type": ("!context.grant.specific", "context.grant.term_days", "expected Bool but saw Long"),
    "a comparison of two types": (
        "!context.grant.specific",
        "context.grant.term_days < context.grant.basis",
        "unexpected type",
    ),
    "a rule that reads nothing": ("!context.grant.specific", "1 == 1", "reads at least one fact"),
    "a rule that asks whether a fact is there": (
        "!context.grant.specific",
        "context.grant has specific && !context.grant.specific",
        "whether a fact is there",
    ),
    "a group of facts taken whole": (
        "!context.grant.specific",
        "context.grant == context.grant && context.grant.specific",
        "`context` is read other than",
    ),
    "a variable that is no fact": (
        "!context.grant.specific",
        "principal == resource && context.grant.specific",
        "`principal` is read other than",
    ),
    "text that is not Cedar": ("when {", "when (", "not Cedar"),
    "a template": ("(principal,", "(principal == ?principal,", "a rule is no template"),
    "a selection that names nobody": ("of:performer ", "", "`applies` says `of:`"),
    "a selection of the unknown": ("of:performer", "of:everybody", "`applies` says `of:`"),
    "an unknown term of selection": ("act:condition", "mood:good", "does not know `mood:`"),
    "a term of selection twice": ("act:condition", "act:condition act:alter", "cannot be read at `act:alter`"),
    "an unknown act": ("act:condition", "act:dream", "unknown value in `act:dream`"),
    "an unknown kind": ("act:condition", "kind:dream", "unknown value in `kind:dream`"),
    "an unknown territory": ("act:condition", "territory:ATLANTIS", "not a term of territories"),
    "an unknown purpose": ("act:condition", "purpose:fun", "not a term of purposes"),
    "a law that is no code": ("act:condition", "law:California", "unknown value in `law:California`"),
    "an agreement in another form": ("act:condition", "agreement:SAG-AFTRA", "unknown value in `agreement:SAG-AFTRA`"),
    "an empty value": ("act:condition", "act:condition,", "cannot be read"),
    "a dangling alternative": ("act:condition", "act:condition | ", "`applies` says `of:`"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pack_with_this_fault_is_refused(fault: str) -> None:
    text, instead, said = FAULTS[fault]
    assert GOOD.count(text) == 1, "the fault is planted exactly once"
    assert said in problem(GOOD.replace(text, instead))


def test_two_rules_with_one_id_are_refused() -> None:
    assert "rule `studio/described`: its id stands twice" in problem(GOOD + GOOD)


def test_one_bad_rule_refuses_every_pack() -> None:
    gallery = GOOD.replace("studio/", "gallery/")
    assert len(load(**{"gallery.cedar": gallery}).rules) == 2
    assert "rule pack `gallery`" in problem(**{"gallery.cedar": gallery.replace("@source", "@sauce")})


def test_no_rules_at_all_are_refused() -> None:
    for files in ({}, {SCHEMA: SCHEMA_TEXT}, {SCHEMA: SCHEMA_TEXT, "studio.cedar": "// nothing"}):
        with pytest.raises(BadRulePack, match="there are no rules"):
            Rules.load(files)


@pytest.mark.parametrize("schema", ["", "entity Nobody", SCHEMA_TEXT.replace("specific: Bool", "specific: String")])
def test_a_schema_that_is_missing_or_broken_or_another_refuses(schema: str) -> None:
    with pytest.raises(BadRulePack):
        Rules.load({SCHEMA: schema, "studio.cedar": GOOD})


def test_the_schema_names_exactly_the_facts_that_there_are() -> None:
    found, group = {}, ""
    for line in SCHEMA_TEXT.splitlines():
        if opened := re.fullmatch(r"    (\w+): \{", line):
            group = opened[1]
        elif held := re.fullmatch(r"      (\w+): (.+?),?", line):
            found[f"{group}.{held[1]}"] = held[2]
    assert found == {name: fact.type for name, fact in FACTS.items()}


def test_the_hash_follows_every_pack_and_the_schema() -> None:
    hashes = {
        load().sha256,
        load(GOOD.replace("2028", "2029")).sha256,
        load(**{"gallery.cedar": GOOD.replace("studio/", "gallery/")}).sha256,
        Rules.load({SCHEMA: SCHEMA_TEXT + "\n", "studio.cedar": GOOD}).sha256,
    }
    assert len(hashes) == 4
    assert load(**{"studio.cases.json": "{}"}).sha256 == load().sha256


def test_every_installed_rule_says_where_it_comes_from_and_who_verified_it() -> None:
    for rule in installed().rules:
        assert rule.source, rule.id
        assert rule.verified_by in ("nobody yet", "not law: a choice of this software"), rule.id
        assert (rule.pack == "builtin") is (rule.verified_by != "nobody yet"), rule.id


def test_the_packs_in_force_are_those_that_were_meant() -> None:
    standing = {rule.pack for rule in installed().rules if rule.status == "in_force"}
    assert standing == {"builtin", "eu-ai-act", "sag-aftra-2023", "sag-aftra-2026", "us-ca"}
    others = {rule.pack for rule in installed().rules} - standing
    assert others == {
        *("dk", "gdpr", "sag-aftra-commercials-2025", "sag-aftra-interactive-2025"),
        *("us-il", "us-no-fakes", "us-ny", "us-tn"),
    }


def test_a_rule_is_explained_by_its_id() -> None:
    rule = explain("us-ca/ab-2602")
    assert "927" in rule.source
    assert rule.reads == ("grant.replaces_in_person_work", "grant.represented", "grant.specific")
    with pytest.raises(UnknownRule, match="in no pack"):
        explain("us-ca/ab-0")


def test_the_page_of_formats_shows_a_pack_that_loads() -> None:
    found = re.search(r"```cedar\n(.*?)```", FORMATS, re.DOTALL)
    assert found
    (rule,) = load(found[1]).rules
    assert rule.id == "studio/described"


def test_the_guide_lists_every_rule_with_its_dates_and_every_fact() -> None:
    rows = {line.split(" | ")[0].strip("| `"): line for line in GUIDE.splitlines() if line.startswith("| `")}
    for rule in installed().rules:
        row = rows[rule.id]
        assert rule.source in row, rule.id
        assert f"| {rule.status.replace('_', ' ')} |" in row, rule.id
        dates = (rule.effective_from or "no date yet", rule.effective_to or "open")
        assert str(dates[0]) in row, rule.id
        assert rule.effective_from is None or str(dates[1]) in row, rule.id
    for name, fact in FACTS.items():
        assert f"| {fact.type} |" in rows[name], name
