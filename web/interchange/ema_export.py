"""
Licences as EMA Avails: one row for each work, medium and box in which the finished title may be distributed.

An avail has no word for most of what a licence says. Whatever is left out (other acts, aspects, purposes and media,
caps, approvals, events that it cannot name) stands on a sheet of its own in the same workbook, line by line, so that
nobody takes the offers for the whole.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from openpyxl.workbook import Workbook

from registry.core.jcs import Json, canonical
from web.interchange.cells import guard
from web.interchange.ema_columns import CONDITIONS, MOVIE_COLUMNS, TV_COLUMNS, WRITTEN_AS
from web.interchange.ema_files import NOTES_SHEET
from web.interchange.grant_rows import Written
from web.interchange.tables import MAX_CELL_CHARS
from web.interchange.xlsx_files import append_sheet

_EVENTS: Final = {event: word for word, event in CONDITIONS.items()}
_SAID: Final = frozenset({"licensor", "licensee", "subjects", "scopes", "exclusivity"})
_NOTHING: Final = (None, False, 0, "none", "ends")  # a term that binds nobody
_WORD: Final = "distribute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What a work is called and is."""

    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    grant: str
    what: str


def write_avails(grants: Iterable[Written], titles: Mapping[str, Title]) -> bytes:
    """Write the workbook; works that ``titles`` does not name are called by their id."""
    offers: dict[str, list[dict[str, str]]] = {"Movies": [], "TV": []}
    lost: list[_Lost] = []
    for grant in grants:
        for sheet, row in _offers(grant, titles, lost):
            offers[sheet].append(row)
    workbook = Workbook(write_only=True)
    for sheet, columns in (("Movies", MOVIE_COLUMNS), ("TV", TV_COLUMNS)):
        if offers[sheet] or sheet == "Movies":
            lines = [[guard(row.get(name, "")) for _, name in columns] for row in offers[sheet]]
            head = [[group for group, _ in columns], [name for _, name in columns]]
            append_sheet(workbook, sheet, [*head, *lines])
    append_sheet(workbook, NOTES_SHEET, [("grant", "what"), *((guard(one.grant), guard(one.what)) for one in lost)])
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def _offers(grant: Written, titles: Mapping[str, Title], lost: list[_Lost]) -> Iterator[tuple[str, dict[str, str]]]:
    body = grant.body
    for name, value in body.items():
        if name not in _SAID and value not in _NOTHING and value not in ([], {}):
            lost.append(_lose(grant, name, value))
    if body["exclusivity"] == "sole":  # an avail is exclusive or is not
        lost.append(_lose(grant, "exclusivity", "sole"))
    for subject in _objects(body["subjects"]):
        if subject["kind"] != "work":
            lost.append(_lose(grant, "subject", subject))
            continue
        for box in _objects(body["scopes"]):
            for cells in _rows(grant, str(subject["id"]), box, lost):
                title = titles.get(str(subject["id"]), Title(title=str(subject["id"]), kind="film"))
                series = title.kind == "series"
                named = {
                    "ALID": f"md:alid:org:proviso:{subject['id']}",
                    "WorkType": "Series" if series else "Movie",
                    "SeriesTitleInternalAlias" if series else "TitleInternalAlias": title.title,
                }
                yield "TV" if series else "Movies", cells | named


def _rows(grant: Written, work: str, box: dict[str, Json], lost: list[_Lost]) -> Iterator[dict[str, str]]:
    """Return the cells of a box, one row for each medium that an avail knows."""
    acts, media = _texts(box["acts"]), _texts(box["media"])
    window, content = box["window"], box["content"]
    assert isinstance(window, list)
    beyond = {
        "acts": [act for act in acts if act != _WORD],
        "aspects": _texts(box["aspects"]),
        "purposes": [purpose for purpose in _texts(box["purposes"]) if purpose != "work"],
        "media": [medium for medium in media if medium not in WRITTEN_AS],
        "projects": [project for project in _texts(box["projects"]) if project != "*"],
        "content": [] if content == {"depicts": [], "scene": []} else [canonical(content).decode()],
    }
    lost += [_lose(grant, name, [*words]) for name, words in beyond.items() if words]
    languages, territories = _texts(box["languages"]), _texts(box["territories"])
    start, end = (_side(side, work, territories) for side in window)
    if _WORD not in acts or "work" not in _texts(box["purposes"]) or start is None or end is None:
        lost.append(_lose(grant, "box", box))
        return
    for medium in media:
        if medium in WRITTEN_AS:
            yield {
                "DisplayName": str(grant.body["licensor"]),
                "Licensee": str(grant.body["licensee"]),
                "Territory": ", ".join(territories),
                "EntryType": "Full Extract",
                "LicenseType": WRITTEN_AS[medium],
                "Start": start[0],
                "StartLag": start[1],
                "End": end[0],
                "EndLag": end[1],
                "ContractID": grant.reference,
                "Exclusive": "Yes" if grant.body["exclusivity"] == "exclusive" else "No",
                "AllowedLanguages": "" if languages == ["*"] else ", ".join(languages),
            }


def _side(side: Json, work: str, territories: list[str]) -> tuple[str, str] | None:
    """Return a side of a window and its lag; None where an avail has no word for it, as of another work or place."""
    if side is None:
        return "Open", ""
    if isinstance(side, dict):
        word = _EVENTS.get(str(side["event"]))
        own = side.get("work") == work and territories == [side.get("territory")]
        return (word, str(side["plus"])) if word is not None and own else None
    return str(side), ""


def _lose(grant: Written, name: str, value: Json) -> _Lost:
    return _Lost(grant=grant.reference, what=f"{name}: {canonical(value).decode()}"[:MAX_CELL_CHARS])


def _objects(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]


def _texts(value: Json) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]
