"""The larger terms of licences and consents as a deal writes them: approvals, holdbacks, options, revocation."""

from typing import Any, Final

from registry.core.envelope import canonical
from tests.deal_terms import OF_ASSETS, Book, boxes, edge, exercise, party, script, words
from tests.deal_text import Part, as_list, time_text
from tests.decisions import Body

CONTENTS: Final = ("people", "music", "artworks", "marks", "locations")


def approvals(value: Any, book: Book) -> list[Body]:
    return sorted((_approval(one, book) for one in as_list(value)), key=canonical)


def _approval(value: Any, book: Book) -> Body:
    part = Part(value, f"{book.where}, approval")
    by = part.take("by")
    term = {
        "by": by if by in ("licensor", "performer", "estate") else party(by, book),
        "on": part.take("on"),
        "acts": sorted(part.list("acts", ["distribute"])),
        "hours": part.take("hours", None),
        "on_silence": part.take("on_silence", "refused"),
    }
    part.finish()
    return term


def holdbacks(value: Any, book: Book) -> list[Body]:
    return sorted((_holdback(one, book) for one in as_list(value)), key=canonical)


def _holdback(value: Any, book: Book) -> Body:
    part = Part(value, f"{book.where}, holdback")
    bars = boxes(OF_ASSETS, whole=True, content=False)
    held = {"binds": part.take("binds"), "scopes": bars(part.take("bars"), book)}
    part.finish()
    return held


def options(value: Any, book: Book) -> list[Body]:
    return sorted((_option(one, book) for one in as_list(value)), key=lambda option: str(option["option"]))


def _option(value: Any, book: Book) -> Body:
    part = Part(value, f"{book.where}, option")
    option = {
        "option": part.take("option"),
        "exercise": exercise(part.take("exercise"), book),
        "scopes": boxes(OF_ASSETS)(part.take("covers"), book),
    }
    part.finish()
    return option


def ends_unless(value: Any, book: Book) -> Body:
    """Read `{event: {after: photography_start, of: film}, by: 2028-01-01}`."""
    part = Part(value, f"{book.where}, ends_unless")
    ends = {"event": edge(part.take("event") | {"plus": None}, book), "by": time_text(part.take("by"))}
    part.finish()
    return ends


def subjects(value: Any, book: Book) -> list[Body]:
    found = [subject(name, book) for name in as_list(value)]
    return sorted(found, key=lambda one: (one["kind"], one["id"]))


def subject(name: Any, book: Book) -> Body:
    return {"kind": book.kinds.get(name), "id": book.id(name, "asset", "catalogue", "work")}


def identifiers(value: Any, book: Book) -> list[Body]:
    """Read `{isni: 0000 0002 9534 656X, alias: Ada M.}`."""
    return [{"scheme": scheme, "value": str(text)} for scheme, text in sorted(value.items())]


def dialogue(value: Any, book: Book) -> Body:
    """Read `any`, `none`, or `{as_scripted: name of the script}`."""
    if isinstance(value, dict):
        ((kind, name),) = value.items()
        return {"kind": kind, "script_sha256": script(name, book)}
    return {"kind": value, "script_sha256": None}


def revocation(value: Any, book: Book) -> Body:
    """Read `at_will`, `for_breach`, `not_during_term` or `{on_notice: hours}`."""
    if isinstance(value, dict):
        ((kind, hours),) = value.items()
        return {"kind": kind, "notice_hours": hours}
    return {"kind": value, "notice_hours": None}


def minor(value: Any, book: Book) -> Any:
    return value if value is False else {"guardians": "one", "court_order_sha256": None} | value


def scenes(value: Any, book: Book) -> Any:
    return value if value == "any" else words(value, book)


def inventory(value: Any, book: Book) -> Body:
    """Read what an asset holds; what is not named it does not hold."""
    part = Part(value, f"{book.where}, holds")
    held = {content: part.take(content, "none") for content in CONTENTS}
    part.finish()
    return held
