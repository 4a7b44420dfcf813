"""
Random cases for a decision, built from the request: everything that it needs is granted, then one thing is damaged.

Blind random grants would clear one request in a hundred; these clear about half. Facts are values here, unsigned, so
that thousands of cases take seconds; ``tests/test_decision.py`` has the signed ones.
"""

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from consent.core.asked.demands import demands, takings
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.record import Dialogue
from consent.core.request import AnyRequest, parse_request
from consent.core.settled.titles import Claim
from registry.core.limits import NO_CAPS, UNITS, Caps
from registry.core.rights import Subject, TitleClaim
from registry.core.scope import Scope
from registry.core.terms import ASPECTS, LABELS, MEDIA, TERRITORIES
from registry.core.times import to_epoch_s
from tests.decisions import (
    AT,
    UNUSED,
    Body,
    World,
    appearance,
    asset,
    component,
    everything,
    id_of,
    party,
    reference,
    shot,
    shown,
    training,
)

AT_S = to_epoch_s(AT)
ADA, BEN, STUDIO, GALLERY, NOTARY = (id_of(name) for name in ("ada", "ben", "studio", "gallery", "notary"))
SCRIPT = "d" * 64
VOICE = ASPECTS.mask(("voice",))


@dataclass(kw_only=True)
class Case:
    """A request and facts that a test may still change; ``facts`` makes them into what ``decide`` reads."""

    request: Body
    base: Facts
    grants: dict[str, list[Grant]]  # grantor -> grants
    claims: list[Claim]
    damage: str = "nothing"

    @property
    def parsed(self) -> AnyRequest:
        return parse_request(self.request)

    @property
    def facts(self) -> Facts:
        def held(kind: str) -> dict[str, tuple[Grant, ...]]:
            found = {}
            for grantor, grants in self.grants.items():
                own = [grant for grant in grants if grant.kind == kind]
                if own:
                    found[grantor] = tuple(sorted(own, key=lambda grant: grant.digest))
            return found

        claims: dict[tuple[str, str], list[Claim]] = {}
        for claim in sorted(self.claims, key=lambda claim: claim.digest):
            claims.setdefault((claim.title.subject.kind, claim.title.subject.id), []).append(claim)
        digests = {grant.digest for grants in self.grants.values() for grant in grants}
        return replace(
            self.base,
            consents=held("consent"),
            licences=held("licence"),
            claims={subject: tuple(found) for subject, found in claims.items()},
            digests=self.base.digests | digests,
            vouched=replace(
                self.base.vouched, cap_counts={**dict.fromkeys(digests, UNUSED), **self.base.vouched.cap_counts}
            ),
        )


@lru_cache(maxsize=1)
def _base() -> Facts:
    """Return three assets, two performers and a component, signed once."""
    world = World()
    world.drop("licence", "claim", "consent", "vouch")
    world["portrait"]["media"].update(aspects=["motion", "picture", "sound", "style"], frames=400)
    world["appearance"]["aspects"] = ["body", "face", "performance", "voice"]
    world.add("ben", "party.registered", "ben", party("ben"))
    ben = appearance("portrait", "ben", spans=[[100, 200]])
    world.add("ben appears", "appearance.recorded", "gallery", ben)
    world.add("poster", "asset.registered", "gallery", asset("poster", work=id_of("work")))
    world.add("part", "component.recorded", "gallery", component("portrait", "poster", spans=[[150, 160]]))
    world.add("song", "asset.registered", "gallery", asset("song", aspects=["sound"], kind="music"))
    return world.facts()


_REFERENCES = (
    ("portrait", "likeness"),
    ("portrait", "first_frame"),
    ("portrait", "extend"),
    ("portrait", "inpaint"),
    ("portrait", "motion"),
    ("portrait", "lipsync"),
    ("portrait", "voice"),
    ("portrait", "style"),
    ("poster", "style"),
    ("song", "guide"),
)


def draw(rng: random.Random) -> Case:
    """Return a case in which everything is granted, in pieces and under names that are drawn."""
    request = _request(rng)
    case = Case(request=request, base=_base(), grants={}, claims=[])
    _claim(case, rng)
    parsed = case.parsed
    taken, _ = takings(parsed, case.base)
    for demand in demands(parsed, case.base, taken, AT_S):
        holders = [demand.id] if demand.of == "performer" else [GALLERY, NOTARY]
        for holder in holders:
            for box in _split(demand.wanted, rng):
                _grant(case, rng, holder, _widened(box, rng), demand.id if demand.of == "asset" else None)
    return case


def _some(rng: random.Random, names: list[str], most: int = 2) -> list[str]:
    return sorted(rng.sample(names, rng.randint(1, most)))


def _request(rng: random.Random) -> Body:
    kind = rng.choice(("shot", "shot", "shot", "release", "use", "train"))
    if kind == "train":
        return training(*rng.choice((("portrait",), ("poster", "song"), ("portrait", "song"))))
    chosen = rng.sample(_REFERENCES, rng.choice((1, 1, 2)))
    references = [
        reference(name, role, source=rng.choice((None, [0, 50], [140, 155], [0, 101])) if name == "portrait" else None)
        for name, role in chosen
    ]
    words = {"kind": "as_scripted", "script_sha256": SCRIPT}
    depicts = rng.choice(([], [], ["death"], ["nudity"]))
    year = rng.randint(2027, 2028)
    return shot(
        kind=kind,
        references=references,
        purposes=_some(rng, ["press", "work"]),
        media=_some(rng, ["svod", "theatrical"]),
        territories=_some(rng, ["DE", "FR", "JP"], 3),
        languages=_some(rng, ["en-GB", "fr-FR"]),
        window=[f"{year}-09-01T00:00:00Z", rng.choice((f"{year + 1}-01-01T00:00:00Z", None))],
        scene=rng.choice(([], ["violence"])),
        by_performer={ADA: shown(depicts=depicts, dialogue=words), BEN: shown(dialogue=words)},
    )


def _digest(rng: random.Random) -> str:
    return f"{rng.getrandbits(256):064x}"


def _claim(case: Case, rng: random.Random) -> None:
    """Share each right between two holders, one of them now and then the requester."""
    second = rng.choice((NOTARY, NOTARY, STUDIO))
    for name in ("portrait", "poster", "song"):
        subject = Subject(kind="asset", id=id_of(name))
        if name == "poster" and rng.random() < 0.5:
            subject = Subject(kind="work", id=id_of("work"))
        for right in ("picture", "master", "composition"):
            for claimant, share in ((GALLERY, (1, 3)), (second, (2, 3))):
                case.claims.append(
                    Claim(
                        digest=_digest(rng),
                        title=TitleClaim(
                            claimant=claimant,
                            subject=subject,
                            right=right,
                            nature="economic",
                            scopes=(_every(),),
                            share=share,
                            document_sha256=None,
                        ),
                    )
                )


@lru_cache(maxsize=1)
def _every() -> Scope:
    return Scope.parse(everything())


def _split(box: Scope, rng: random.Random) -> list[Scope]:
    """Cut a box in up to three along dimensions that are drawn; together they are the box."""
    boxes = [box]
    for _ in range(rng.choice((0, 0, 1, 2))):
        cut = boxes.pop(rng.randrange(len(boxes)))
        name = rng.choice(("territories", "media", "aspects", "purposes", "languages", "window"))
        if name == "window":
            middle = cut.start_s + rng.choice((1_800, 86_400, 40 * 86_400))
            if middle < cut.end_s:
                boxes += [replace(cut, end_s=middle), replace(cut, start_s=middle)]
                continue
        elif (lowest := (mask := getattr(cut, name)) & -getattr(cut, name)) != mask:
            boxes += [replace(cut, **{name: lowest}), replace(cut, **{name: mask ^ lowest})]
            continue
        boxes.append(cut)
    return boxes


def _widened(box: Scope, rng: random.Random) -> Scope:
    """Grant a little more than is wanted, now and then."""
    if rng.random() < 0.5:
        return box
    return rng.choice(
        (
            replace(box, territories=box.territories | TERRITORIES.mask(("US",))),
            replace(box, media=box.media | MEDIA.mask(("avod",))),
            replace(box, start_s=box.start_s - 100),
            replace(box, projects=frozenset({"*"})),
            replace(box, scene=LABELS.all),
        )
    )


def _grant(case: Case, rng: random.Random, grantor: str, box: Scope, asset_id: str | None) -> None:
    held = case.grants.setdefault(grantor, [])
    joins = [n for n, grant in enumerate(held) if (not grant.subjects) == (asset_id is None)]
    if joins and rng.random() < 0.5:
        number = rng.choice(joins)
        subjects = {*held[number].subjects} | ({Subject(kind="asset", id=asset_id)} if asset_id else set())
        held[number] = replace(held[number], scopes=(*held[number].scopes, box), subjects=tuple(sorted(subjects)))
        return
    training_run = case.request["kind"] == "train"
    special: dict[str, Any] = {"subjects": (Subject(kind="asset", id=asset_id),)} if asset_id else {
        "role": None if training_run else rng.choice((None, "Mara")),
        "scenes": None if training_run else rng.choice((None, frozenset({"12", "13"}))),
        "dialogue": Dialogue(kind="any", script_sha256=None)
        if training_run
        else rng.choice((Dialogue(kind="any", script_sha256=None), Dialogue(kind="listed", script_sha256=SCRIPT))),
        "replica_use": frozenset({"employment_based"}),
    }  # fmt: skip
    held.append(
        Grant(
            digest=_digest(rng),
            kind="licence" if asset_id else "consent",
            grantor=grantor,
            grantee=STUDIO,
            scopes=(box,),
            assurance=rng.choice(("signed", "confirmed")) if asset_id else "signed",
            logged=True,
            authorised=True,
            identity_stands=True,
            withdrawn=(),
            caps=_caps(rng),
            tail=rng.choice(({}, {"condition": "finish", "distribute": "finish"}, {"distribute": "keep"})),
            **special,
        )
    )


def draws_on(case: Case, rng: random.Random) -> None:
    """Let others have used a capped grant a few times."""
    capped = [grant.digest for held in case.grants.values() for grant in held if grant.caps]
    counts = {digest: {unit: rng.randint(0, 4) for unit in UNITS} for digest in capped}
    case.base = replace(case.base, vouched=replace(case.base.vouched, cap_counts=counts))


def _caps(rng: random.Random) -> Caps:
    return rng.choice((NO_CAPS, NO_CAPS, Caps(shots=5), Caps(seconds=9), Caps(draft_takes=5), Caps(training_epochs=6)))
