"""
Real-life deals, decided: each file in ``tests/deals`` is read, its statements signed, and its requests decided.

A deal is written for whoever knows rights and not this program: ``tests/deals/README.md`` says how. It has to clear
something and to refuse something with the same people and papers, so that neither can come out by accident.
"""

import re
from pathlib import Path

import pytest

from registry.core.errors import DomainError
from tests.deal_requests import CLEARED, Asked, check, read_request
from tests.deal_setting import add_setting
from tests.deal_statements import add_statements
from tests.deal_terms import Book
from tests.deal_text import Part, UnreadableDeal, deal_files, read_deal

LEAST_DEALS = 60


def read(text: str, name: str) -> tuple[Book, list[Asked]]:
    """Read a whole deal: its log, and what is asked of it."""
    part = read_deal(text, name)
    part.take("deal")
    book = Book(name)
    add_setting(
        Part({key: part.take(key) for key in ("who", "projects", "works", "material") if part.has(key)}, name), book
    )
    add_statements(part.list("statements"), book)
    asked = [read_request(entry, book) for entry in part.list("requests")]
    part.finish()
    return book, asked


def decide_all(text: str, name: str) -> None:
    """Decide every request of a deal, and hold its shape: something clears, something is refused, nothing is idle."""
    book, asked = read(text, name)
    outcomes = {one.expected.told()["expect"] == CLEARED for one in asked}
    if outcomes != {True, False}:
        raise UnreadableDeal(f"{name}: a deal clears something and refuses something")
    last = max(one.at for one in asked)
    unheard = [step for step, held in book.world.steps.items() if held.issued_at > last]
    if unheard:
        raise UnreadableDeal(f"{name}: nothing is asked after {unheard}")
    for one in asked:
        check(one, one.decide(book), book)


@pytest.mark.parametrize("deal", deal_files(), ids=lambda path: path.stem)
def test_a_deal_is_decided_as_it_says(deal: Path) -> None:
    decide_all(deal.read_text("utf-8"), deal.stem)


def test_there_are_at_least_sixty_deals_each_told_in_a_sentence() -> None:
    told = [read_deal(path.read_text("utf-8"), path.stem).take("deal") for path in deal_files()]
    assert len(set(told)) == len(told) >= LEAST_DEALS
    assert all(20 < len(sentence) < 400 and sentence.strip().endswith(".") for sentence in told)


# --- a deal that is wrong fails ---

SOUND = """
deal: Ada lets Studio use her face in France.
who: {ada: performer, studio: company, gallery: company}
projects: {film: film}
material: {portrait: {kind: still, by: gallery, shows: {ada: }}}
statements:
- licence.granted: licence
  by: gallery
  to: studio
  of: portrait
  covers: everything
- consent.granted: consent
  by: ada
  to: studio
  covers: {territories: FR}
requests:
- ask: in France
  takes: {portrait: likeness of ada}
  expect: cleared
- ask: in Germany
  takes: {portrait: likeness of ada}
  territories: DE
  expect:
  - territory_not_covered: ada
    missing: {territories: DE}
"""


def test_the_deal_that_is_damaged_below_is_sound() -> None:
    decide_all(SOUND, "sound")


def test_the_deal_that_the_readme_shows_is_sound() -> None:
    text = (Path(__file__).with_name("deals") / "README.md").read_text("utf-8")
    decide_all(text.split("```yaml\n")[1].split("```")[0], "README")


# What each damage replaces in the deal above, by what, and what is then said.
DAMAGES = {
    "unknown-section": ("projects:", "contracts: {}\nprojects:", "contracts"),
    "unknown-word": ("  covers: {territories: FR}", "  covers: {territories: FR}\n  royalty: 5", "royalty"),
    "unknown-dimension": ("{territories: FR}", "{countries: FR}", "countries"),
    "unknown-territory": ("{territories: FR}", "{territories: XQ}", "XQ"),
    "unknown-type": ("consent.granted", "consent.given", "consent.given"),
    "unknown-party": ("  by: ada\n", "  by: adam\n", "adam"),
    "unknown-party-kind": ("ada: performer", "ada: actress", "actress"),
    "unknown-material": ("  of: portrait", "  of: picture", "picture"),
    "unknown-code": ("territory_not_covered", "territory_not_coverd", "coverd"),
    "unknown-in-expectation": ("    missing:", "    lacking:", "lacking"),
    "unknown-in-request": ("  territories: DE", "  countries: DE", "countries"),
    "name-twice": ("material:", "works: {film: {kind: film, by: studio}}\nmaterial:", "name of two things"),
    "statement-twice": ("consent.granted: consent", "consent.granted: portrait", "two statements"),
    "key-twice": ("  territories: DE", "  territories: DE\n  territories: FR", "stands twice"),
    "no-terms": ("  covers: everything\n", "", "is missing"),
    "wrong-outcome": ("in France\n", "in France\n  territories: BE\n", "not expected"),
    "nothing-refused": ("  territories: DE\n", "", "nothing met"),
    "wrong-code": ("territory_not_covered", "language_not_covered", "not expected"),
    "wrong-subject": ("territory_not_covered: ada", "territory_not_covered: portrait", "not expected"),
    "wrong-missing": ("    missing: {territories: DE}", "    missing: {territories: BE}", "missing territories"),
    "wrong-missing-window": ("    missing: {territories: DE}", "    missing: {from: 2027-01-01}", "missing from"),
    "unmet-line": ("  - territory", "  - restricted: ada\n  - territory", "nothing met"),
    "unmet-pending": (
        "  expect: cleared",
        "  expect: cleared\n  pending: [{for: consent, by: ada, on: spec}]",
        "pending is",
    ),
    "wrong-grounds": ("  expect: cleared", "  expect: cleared\n  grounds: [consent]", "it rests on"),
    "wrong-act": ("    missing: {territories: DE}", "    act: alter", "not expected"),
    "no-expectation": ("  expect: cleared", "", "`expect` is missing"),
    "empty-expectation": ("  expect: cleared", "  expect: []", "are wanted"),
    "all-cleared": (SOUND[SOUND.index("- ask: in Germany") :], "", "clears something"),
    "all-refused": (SOUND[SOUND.index("- ask: in France") : SOUND.index("- ask: in Germany")], "", "clears something"),
    "never-asked-about": (
        "  covers: {territories: FR}",
        "  covers: {territories: FR}\n  dated: 2027-07-01",
        "nothing is asked",
    ),
    "backwards": ("  covers: {territories: FR}", "  covers: {territories: FR}\n  dated: 2025-07-01", "is dated before"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_deal_that_is_not_read_through_or_not_met_fails(damage: str) -> None:
    said, instead, told = DAMAGES[damage]
    assert said in SOUND
    with pytest.raises((AssertionError, DomainError), match=re.escape(told)):
        decide_all(SOUND.replace(said, instead, 1), damage)
