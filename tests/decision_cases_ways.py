"""
What the ways in which a right comes about have in common: boxes that allow what is asked, and links to somebody else.
"""

import random
from collections.abc import Callable
from typing import Any

from consent.core.request import AnyRequest, parse_request
from registry.core.jcs import canonical
from tests.decisions import authority, box, id_of
from tests.told import Body, Tale

Way = Callable[[Tale, random.Random, str], object]


ACTS = ["alter", "condition", "distribute", "train"]


OF_PERFORMERS = ["body", "face", "performance", "voice"]


OF_ASSETS = ["motion", "picture", "sound", "style"]


def parsed(tale: Tale) -> AnyRequest:
    return parse_request(tale.request)


def boxes(rng: random.Random, tale: Tale, aspects: list[str], **changed: Any) -> list[Body]:
    """Return boxes that together allow what is asked: more than that now and then, in one piece or two."""
    asked = tale.request
    trains = asked["kind"] == "train"
    labels = rng.choice((["nudity", "violence"], ["death", "nudity", "violence"]))
    whole = box(
        acts=ACTS,
        aspects=aspects,
        purposes=["work"] if trains else sorted({*asked["purposes"], rng.choice(("press", "work"))}),
        media=["internal"] if trains else sorted({*asked["media"], rng.choice(("avod", "svod"))}),
        territories=[asked["territory"]] if trains else sorted({*asked["territories"], rng.choice(("DE", "FR", "US"))}),
        languages=rng.choice((["*"], ["fr-FR", "zxx"])),
        projects=["*"] if trains or rng.random() < 0.3 else [id_of("film")],
        window=[
            rng.choice(("2020-01-01T00:00:00Z", "2027-02-01T00:00:00Z")),
            rng.choice((None, "2033-01-01T00:00:00Z")),
        ],
        content={"depicts": labels, "scene": labels},
        **changed,
    )
    pieces = [whole]
    if rng.random() < 0.4:
        name = rng.choice(("territories", "media", "aspects", "window", "purposes"))
        if name == "window":
            middle = rng.choice(("2027-09-01T00:00:00Z", "2027-06-01T12:30:00Z"))
            pieces = [
                {**whole, "window": [whole["window"][0], middle]},
                {**whole, "window": [middle, whole["window"][1]]},
            ]
        elif len(whole[name]) > 1:
            pieces = [{**whole, name: whole[name][:1]}, {**whole, name: whole[name][1:]}]
    return sorted(pieces, key=canonical)


def approvals(rng: random.Random, by: tuple[str, ...]) -> list[Body]:
    if rng.random() < 0.8:
        return []
    hours = rng.choice((None, 24))
    return [
        {
            "by": rng.choice(by),
            "on": rng.choice(("spec", "result")),
            "acts": rng.choice((["distribute"], ["condition", "distribute"], ["alter", "condition"], ["train"])),
            "hours": hours,
            "on_silence": "approved" if hours and rng.random() < 0.5 else "refused",
        }
    ]


def vendor(tale: Tale) -> None:
    if tale.find("vendor") is None:
        tale.say("vendor", "authority.granted", "house", authority("house", "studio", role="vendor"))


def assign(tale: Tale, name: str, digest: str, by: str, to: str, since: str) -> None:
    body = {"grant": digest, "to": id_of(to), "effective_from": f"{since}T00:00:00Z", "document_sha256": None}
    tale.say(name, "grant.assigned", by, body)


def after_premiere(rng: random.Random, scopes: list[Body]) -> list[Body]:
    """Let windows follow a premiere, as windows do."""
    found = []
    for scope in scopes:
        start, end = scope["window"]
        edge = {"event": "premiere", "project": id_of("film"), "territory": None}
        opens = {**edge, "plus": rng.choice(("P0D", "P1M", "P3W"))} if start < "2027-03" else start
        ends = {**edge, "plus": rng.choice(("P1Y", "P6M"))} if end is None and rng.random() < 0.3 else end
        found.append({**scope, "window": [opens, ends]})
    return sorted(found, key=canonical)


def premiere(tale: Tale, rng: random.Random, *by: str) -> None:
    """Record the premiere, once or twice, as its day is corrected now and then."""
    for number in range(rng.choice((1, 1, 2))):
        body = {
            "event": "premiere",
            "project": id_of("film"),
            "territory": None,
            "on": rng.choice(("2027-02-01", "2027-03-15", "2027-05-31")),
            "utc_offset": rng.choice((0, 60, -600)),
            "document_sha256": None,
        }
        tale.say(f"premiere {len(tale.told)} {number}", "event.recorded", rng.choice(by), body)
