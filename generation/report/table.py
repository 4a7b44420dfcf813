"""
The clearance report as a table (RFC 4180, UTF-8): every line of it in one list, told apart by its first column.

`shot` a shot, `ground` what it rests on, `gap` why it may not be used now, `blocked` and `waits` about the sale that
was asked for, `event` an event of the cut without papers, `cue` music, `weights` a model. A cell that a spreadsheet
would take for a formula begins with an apostrophe.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from generation.core.report import Blocker, ClearanceReport, ShotLine

COLUMNS: Final = (
    "row", "shot_code", "take", "shot", "state", "window", "must_pull", "sale", "code", "kind", "name", "id", "ask",
    "digest", "assurance", "media", "territories", "start", "end", "note",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
Row = Mapping[str, object]


def table(report: ClearanceReport) -> str:
    file = io.StringIO()
    rows = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    rows.writeheader()
    for row in _rows(report):
        rows.writerow({name: _cell(value) for name, value in row.items()})
    return file.getvalue()


def _rows(report: ClearanceReport) -> Iterator[Row]:
    for shot in report.shots:
        yield from _shot(shot)
    for event in report.unmatched:
        yield {
            "row": "event", "code": event.gap, "kind": event.kind, "name": event.name, "shot": event.shot,
            "note": event.place,
        }  # fmt: skip
    for one in report.weights:
        yield {"row": "weights", "kind": one.training, "name": one.engine, "digest": one.weights, "note": one.root}


def _shot(shot: ShotLine) -> Iterator[Row]:
    about: Row = {"shot_code": shot.shot_code, "take": shot.take, "shot": shot.shot}
    yield {
        "row": "shot", **about, "state": shot.state, "window": shot.window, "must_pull": shot.must_pull,
        "sale": shot.sale, "digest": shot.output_sha256, "media": " ".join(shot.media),
        "territories": " ".join(shot.territories), "start": shot.released_at, "end": shot.rights_until,
        "note": " ".join(f"{name}:{outcome}" for name, outcome in shot.checks),
    }  # fmt: skip
    for ground in shot.grounds:
        yield {
            "row": "ground", **about, "kind": ground.kind, "name": ground.grantor.name, "id": ground.grantor.id,
            "digest": ground.digest, "assurance": ground.assurance, "end": ground.until, "code": ground.withdrawn,
        }  # fmt: skip
    for kind, blockers in (("gap", shot.gaps), ("blocked", shot.blockers)):
        for blocker in blockers:
            yield from _blocker(kind, about, blocker)
    for wait in shot.waits:
        yield {
            "row": "waits", **about, "kind": wait.on, "name": wait.by.name, "ask": wait.by.id, "digest": wait.grant,
            "end": wait.due,
        }  # fmt: skip
    for cue in shot.cues:
        for kind, holders in (("composition", cue.compositions), ("master", cue.masters)):
            for holder in holders or (None,):
                yield {
                    "row": "cue", **about, "kind": kind, "id": cue.asset.id, "note": cue.asset.name,
                    "name": None if holder is None else holder.name, "ask": None if holder is None else holder.id,
                }  # fmt: skip


def _blocker(row: str, about: Row, blocker: Blocker) -> Iterator[Row]:
    told: Row = {
        "row": row, **about, "code": blocker.code, "name": blocker.subject.name, "id": blocker.subject.id,
        "ask": None if blocker.ask is None else blocker.ask.id, "digest": blocker.nearest,
    }  # fmt: skip
    if not blocker.areas:
        yield told
    for one in blocker.areas:
        yield {
            **told, "media": " ".join(one.media), "territories": " ".join(one.territories), "start": one.start,
            "end": one.end,
        }  # fmt: skip


def _cell(value: object) -> str:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
