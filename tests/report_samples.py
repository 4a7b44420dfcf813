"""A clearance report with everything in it, as values: for the table and the PDF."""

import hashlib

from generation.core.report import (
    Area,
    Blocker,
    ClearanceReport,
    Cue,
    CutLine,
    GroundLine,
    SaleAsked,
    ShotLine,
    Unmatched,
    Waits,
    WeightsLine,
    Who,
)
from registry.core.terms import TERRITORY_GROUPS

ADA = Who(id="01930000-0000-7000-8000-000000000001", name="Ada Marsh")
BEN = Who(id="01930000-0000-7000-8000-000000000002", name="Bénédicte Øster-Żuławska")
STUDIO = Who(id="01930000-0000-7000-8000-000000000003", name="Northlight")
ARCHIVE = Who(id="01930000-0000-7000-8000-000000000004", name="Archive")
ERASED = Who(id="", name=None)
FILM = Who(id="01930000-0000-7000-8000-000000000005", name="The Ridge")
SONG = Who(id="01930000-0000-7000-8000-000000000006", name="Wind over the ridge")
AT = "2027-03-01T09:30:00Z"
EU = tuple(sorted(TERRITORY_GROUPS["EU"]))


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def ground(name: str, kind: str, who: Who, **fields: str | None) -> GroundLine:
    known: dict[str, str | None] = {"assurance": "signed", "until": "2029-01-01T00:00:00Z", "withdrawn": None}
    return GroundLine(digest=digest(name), kind=kind, grantor=who, **known | fields)  # type: ignore[arg-type]  # as named


def shot_line(code: str, take: int = 1, **fields: object) -> ShotLine:
    known: dict[str, object] = {
        "shot": "01930000-0000-7000-8000-000000000010",
        "shot_code": code,
        "take": take,
        "frames_used": ((0, 36),),
        "state": "released",
        "window": "in_window",
        "must_pull": False,
        "released_at": "2027-02-11T15:04:05Z",
        "release": digest(f"release {code}"),
        "output_sha256": digest(f"output {code}"),
        "use_until": "2028-01-01T00:00:00Z",
        "rights_until": "2029-01-01T00:00:00Z",
        "media": ("svod", "theatrical"),
        "territories": ("BE", "FR"),
        "other_uses": 0,
        "performers": (ADA,),
        "grounds": (
            ground("consent of Ada", "consent", ADA),
            ground("licence of the plate", "licence", ARCHIVE, assurance="recorded", until=None),
            ground("title of the studio", "title", STUDIO, until=None),
        ),
        "gaps": (),
        "sale": "covered",
        "blockers": (),
        "waits": (),
        "checks": (("lookalike", "unchecked"), ("near_copy", "pass")),
        "reviewed_by": BEN,
        "weights": digest("weights"),
        "cues": (),
    }
    return ShotLine(**known | fields)  # type: ignore[arg-type]  # as named


def report(**fields: object) -> ClearanceReport:
    refused = Blocker(
        code="territory_not_covered",
        subject=ADA,
        ask=ADA,
        nearest=digest("consent of Ada"),
        areas=(Area(media=("avod",), territories=EU, start=AT, end=None),),
    )
    kept_out = Blocker(
        code="exclusive_to_other",
        subject=Who(id=SONG.id, name="Ridge at dawn"),
        ask=ARCHIVE,
        nearest=None,
        areas=tuple(
            Area(media=("avod",), territories=(land,), start=AT, end="2030-01-01T00:00:00Z")
            for land in ("AT", "BE", "DE", "FR", "LU")
        ),
    )
    gap = Blocker(code="revoked", subject=ADA, ask=ADA, nearest=digest("consent of Ada"), areas=())
    shots = (
        shot_line("R1_010"),
        shot_line("R1_020", 3, sale="blocked", blockers=(refused, kept_out), performers=(ADA, BEN)),
        shot_line(
            "R1_030",
            window="out_of_window",
            must_pull=True,
            sale="blocked",
            gaps=(gap,),
            blockers=(refused,),
            rights_until=AT,
            grounds=(
                ground("consent of Ada", "consent", ADA, withdrawn="pull"),
                ground("gone", "unreadable", ERASED),
            ),
        ),
        shot_line(
            "R1_040",
            sale="pending",
            waits=(Waits(by=BEN, grant=digest("consent of Ben"), on="result", due="2027-03-04T12:00:00Z"),),
            cues=(Cue(asset=SONG, compositions=(BEN,), masters=()),),
            other_uses=2,
            performers=(),
            reviewed_by=None,
            rights_until=None,
        ),
        *(shot_line(f"R2_{number:03}") for number in range(10, 130, 10)),
    )
    known: dict[str, object] = {
        "at": AT,
        "project": FILM,
        "producer": STUDIO,
        "log": "proviso.example/log",
        "tree_size": 18_204,
        "cut": CutLine(version=4, name="THE RIDGE – lock 4", sha256=digest("cut"), at="2027-02-27T10:00:00Z"),
        "sale": SaleAsked(media=("avod", "fast"), territories=EU, start=AT, until="forever"),
        "shots": shots,
        "unmatched": (
            Unmatched(place="line 41", kind="picture", name="A014_C003_0210AB.mov", gap="unmatched", shot=None),
            Unmatched(place="line 57", kind="picture", name="R1_060", gap="take_ambiguous", shot=None),
            Unmatched(place="line 63", kind="sound", name="WIND.WAV", gap="unmatched", shot=None),
        ),
        "weights": (
            WeightsLine(
                weights=digest("weights"),
                engine="starter",
                training="proven",
                root=digest("root"),
                statement=digest("trained"),
                run="shipped",
            ),
        ),
    }
    return ClearanceReport(**known | fields)  # type: ignore[arg-type]  # as named
