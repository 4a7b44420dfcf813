"""
A slow, obvious twin of ``decide``: it looks at every single point of what is wanted.

A point is one subject, act, aspect, purpose, medium, territory, language and moment; between two moments at which any
window begins or ends nothing changes, so that one of them stands for all. Shares no code with what it checks, but for
the types of requests and facts and the names of terms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from itertools import chain, product
from typing import Any

from consent.core.facts import AssetFacts, Facts
from consent.core.grants import Grant
from consent.core.request import AnyRequest, Reference, Request
from consent.core.settled.titles import Claim
from registry.core.terms import ACTS, ASPECTS, LABELS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES
from tests.reference_points import DAY_S, HOUR_S, ROLES, SERVED_BY_RECORD, SEXUAL, Point, box_of


@dataclass
class Answer:
    """What the twin found: outright refusals, points that are missing and whom to ask for each, and grounds."""

    refusals: set[tuple[str, tuple[str, str]]] = field(default_factory=set)
    missing: set[tuple[str, str, Point]] = field(default_factory=set)  # (what, whom to ask, point)
    grounds: set[str] = field(default_factory=set)

    @property
    def cleared(self) -> bool:
        return not self.refusals and not self.missing


def answer(request: AnyRequest, facts: Facts, at_s: int) -> Answer:
    """Decide again, the slow way."""
    twin = _Twin(request, facts, at_s)
    twin.look_at_everything()
    return twin.found


class _Twin:
    def __init__(self, request: AnyRequest, facts: Facts, at_s: int) -> None:
        self.request = request
        self.shot = request if isinstance(request, Request) else None
        self.project = request.project if isinstance(request, Request) else "*"
        self.facts = facts
        self.at_s = at_s
        self.found = Answer()
        self.wanted: dict[tuple[str, str, str], set[str]] = {}  # (kind, id, act) -> aspects
        self.people: set[str] = set()  # whoever is shown

    def look_at_everything(self) -> None:
        if self.request.for_ not in self.facts.parties:
            self.refuse("unknown_subject", "party", self.request.for_)
        if isinstance(self.request, Request):
            for reference in self.request.references:
                self.take(reference)
            self.look_at_request(self.request)
            self.look_for_children(self.request)
            self.look_at_withdrawn(self.request)
        else:
            for asset, sha256 in self.request.assets:
                held = self.known(asset, sha256)
                if held is not None:
                    everything = {"face", "body", "voice", "performance", "name"}
                    self.walk(held, set(held.asset.media.aspects), everything, {"train"}, None, (asset,))
        for (kind, id_, act), aspects in self.wanted.items():
            self.look_at_demand(kind, id_, list(self.points(act, aspects)))

    def refuse(self, code: str, kind: str, id_: str) -> None:
        self.found.refusals.add((code, (kind, id_)))

    def want(self, kind: str, id_: str, act: str, aspects: set[str]) -> None:
        if aspects:
            self.wanted.setdefault((kind, id_, act), set()).update(aspects)

    # --- what is wanted

    def known(self, asset: str, sha256: str) -> AssetFacts | None:
        held = self.facts.assets.get(asset)
        if held is None:
            self.refuse("unknown_subject", "asset", asset)
        elif held.asset.sha256 != sha256:
            self.refuse("bytes_mismatch", "asset", asset)
        elif not held.logged:
            self.refuse("not_yet_logged", "asset", asset)
        else:
            return held
        return None

    def take(self, reference: Reference) -> None:
        takes, persons, extra = ROLES[reference.role]
        aspects, of_performers = set(takes.split()), set(persons.split())
        frames = None if reference.source is None else [reference.source]
        appearances = self.facts.assets[reference.asset].appearances if reference.asset in self.facts.assets else ()
        if reference.performer and reference.asset in self.facts.assets:
            theirs = [a for a in appearances if a.performer == reference.performer and _meet(a.spans, frames)]
            if not any(of_performers & set(ASPECTS.names(a.aspects)) for a in theirs):
                self.refuse("unknown_subject", "performer", reference.performer)
        held = self.known(reference.asset, reference.sha256)
        if held is None:
            return
        if reference.role == "extend" and "sound" not in held.asset.media.aspects:
            aspects, of_performers = aspects - {"sound"}, of_performers - {"voice"}
        acts = {"condition", "distribute", *extra.split()} if self.request.kind == "shot" else {"distribute"}
        self.walk(held, aspects, of_performers, acts, frames, (reference.asset,))

    def walk(
        self,
        held: AssetFacts,
        aspects: set[str],
        of_performers: set[str],
        acts: set[str],
        frames: Any,
        way: tuple[str, ...],
    ) -> None:
        """Look at an asset and, down every way, at what it is made of."""
        self.look_at_contents(held, aspects, of_performers, frames)
        appearances = [a for a in held.appearances if _meet(a.spans, frames)]
        self.people |= {a.performer for a in appearances}
        for act in acts:
            self.want("asset", held.asset.asset, act, aspects)
            for appearance in appearances:
                self.want(
                    "performer", appearance.performer, act, set(ASPECTS.names(appearance.aspects)) & of_performers
                )
        for component in held.components:
            shared = set(ASPECTS.names(component.aspects)) & aspects
            if not shared or not _meet(component.spans, frames):
                continue
            inner = self.facts.assets.get(component.component)
            if inner is None:
                self.refuse("unknown_subject", "asset", component.component)
                continue
            if not inner.logged:
                self.refuse("not_yet_logged", "asset", component.component)
            if component.component not in way:
                self.walk(inner, shared, of_performers, acts, None, (*way, component.component))

    def look_at_contents(self, held: AssetFacts, aspects: set[str], of_performers: set[str], frames: Any) -> None:
        asked = {"people"} if aspects & {"picture", "motion", "sound"} else set()
        asked |= {"artworks", "marks", "locations"} if "picture" in aspects else set()
        asked |= {"music"} if "sound" in aspects else set()
        for content in asked:
            state = held.inventory[content]
            if state == "unknown" or (state == "listed" and content not in held.recorded):
                self.refuse("inventory_unknown", "asset", held.asset.asset)
        for claim in held.open_claims:
            if set(ASPECTS.names(claim.aspects)) & of_performers and _meet(claim.spans, frames):
                self.refuse("appearance_claimed", "performer", claim.performer)

    def look_at_request(self, request: Request) -> None:
        if request.project not in self.facts.projects:
            self.refuse("unknown_subject", "project", request.project)
        if request.weights not in self.facts.weights:
            self.refuse("engine_unlicensed", "engine", request.engine)
        for performer in self.facts.vouched.prompt_matches:
            for act in ("condition", "distribute") if request.kind == "shot" else ("distribute",):
                self.want("performer", performer, act, {"name", "face"})
        self.people |= {*self.facts.vouched.prompt_matches, *request.by_performer}
        self.people |= {r.performer for r in request.references if r.performer}

    def look_for_children(self, request: Request) -> None:
        labels = set(LABELS.names(request.scene))
        for shown in request.by_performer.values():
            labels |= set(LABELS.names(shown.depicts))
        if not labels & SEXUAL:
            return
        day = datetime.fromtimestamp(self.at_s, UTC).date()
        for person in self.people:
            party = self.facts.parties.get(person)
            born = None if party is None else party.born
            if born is None or (born.year + 18, born.month, born.day) > (day.year, day.month, day.day):
                self.refuse("never_allowed", "performer", person)
        ages = [r.depicted_age for r in request.references]
        unsaid = any(r.role == "age_change" and r.depicted_age is None for r in request.references)
        unsaid = unsaid or ("age_changed" in labels and all(age is None for age in ages))
        if unsaid or any(age is not None and age < 18 for age in ages):
            self.refuse("never_allowed", "request", request.shot)

    def look_at_withdrawn(self, request: Request) -> None:
        if request.kind != "release":
            return
        if set(request.rests_on) - self.facts.digests:
            self.refuse("unknown_subject", "request", request.shot)
        for grants in [*self.facts.consents.values(), *self.facts.licences.values()]:
            for grant in grants:
                rested = grant.digest in request.rests_on and self.withdrawn(grant, "condition")
                if rested and grant.tail.get("condition") != "finish":
                    self.refuse("revoked", "performer" if grant.kind == "consent" else "party", grant.grantor)

    def points(self, act: str, aspects: set[str]) -> Iterator[Point]:
        request = self.request
        if isinstance(request, Request):
            purposes, media = PURPOSES.names(request.purposes), MEDIA.names(request.media)
            territories, languages = TERRITORIES.names(request.territories), LANGUAGES.names(request.languages)
            clearance = (self.at_s, self.at_s + HOUR_S)
            window = (request.start_s, request.end_s) if act == "distribute" else clearance
        else:
            purposes, media, languages = ["work"], ["internal"], ["zxx"]
            territories = TERRITORIES.names(request.territory)
            window = (self.at_s, self.at_s + 14 * DAY_S)
        for point in product((act,), aspects, purposes, media, territories, languages, self.moments(window)):
            yield Point(*point)

    def moments(self, window: tuple[int, int]) -> list[int]:
        """Return the beginning of the window and every moment in it at which some grant or claim begins or ends."""
        grants = chain(*self.facts.consents.values(), *self.facts.licences.values())
        scopes = [scope for grant in grants for scope in grant.scopes]
        scopes += [scope for claim in chain(*self.facts.claims.values()) for scope in claim.title.scopes]
        turns = {moment for scope in scopes for moment in (scope.start_s, scope.end_s)}
        grants = chain(*self.facts.consents.values())
        turns |= {from_s for grant in grants for _, from_s in grant.withdrawn}
        return sorted({window[0], *(moment for moment in turns if window[0] < moment < window[1])})

    def content(self, performer: str | None) -> tuple[set[str], set[str]]:
        if self.shot is None:
            return set(), set()
        shown = [one for id_, one in self.shot.by_performer.items() if performer in (None, id_)]
        return {label for one in shown for label in LABELS.names(one.depicts)}, set(LABELS.names(self.shot.scene))

    # --- who grants it

    def look_at_demand(self, kind: str, id_: str, points: list[Point]) -> None:
        if kind == "asset":
            self.look_at_title(points, id_)
        elif self.shot is not None and id_ not in self.shot.by_performer:
            self.refuse("description_mismatch", "performer", id_)
        else:
            self.look_at_grants(points, self.facts.consents.get(id_, ()), id_, "performer", id_)

    def look_at_grants(
        self, points: Iterable[Point], held: Iterable[Grant], grantor: str, kind: str, subject: str
    ) -> None:
        """Look for each point through the grants by digest; the first that holds it is its ground."""
        grants = sorted(held, key=lambda grant: grant.digest)
        own = [grant for grant in grants if grant.grantee == self.request.for_]
        depicts, scene = self.content(grantor if kind == "performer" else None)
        boxes = {grant.digest: [box_of(scope) for scope in grant.scopes] for grant in own}
        what = f"{kind} {subject} " + ("some" if own else "other" if grants else "none")
        for point in points:
            for grant in own:
                within = any(box.holds(point, self.project, depicts, scene) for box in boxes[grant.digest])
                if within and self.applies(grant, point):
                    self.found.grounds.add(grant.digest)
                    break
            else:
                self.found.missing.add((what, grantor, point))

    def withdrawn(self, grant: Grant, act: str) -> bool:
        return any(act in ACTS.names(acts) and from_s <= self.at_s for acts, from_s in grant.withdrawn)

    def pulled_by_then(self, grant: Grant, point: Point) -> bool:
        """Say whether a notice has run at that moment, and what was made must be taken down then."""
        if point.act != "distribute" or grant.kind == "licence":
            return False
        ends = [from_s for acts, from_s in grant.withdrawn if "distribute" in ACTS.names(acts) and from_s > self.at_s]
        return grant.tail.get("distribute") not in ("keep", "finish") and any(end <= point.moment for end in ends)

    def applies(self, grant: Grant, point: Point) -> bool:
        if not grant.logged or not grant.authorised or not grant.identity_stands or grant.identity_contested:
            return False
        if self.withdrawn(grant, point.act):
            finishing = self.shot is not None and self.shot.kind == "release" and grant.digest in self.shot.rests_on
            if not finishing or grant.tail.get(point.act) != "finish":
                return False
        if self.pulled_by_then(grant, point):
            return False
        if not self.within_caps(grant):
            return False
        if point.act not in SERVED_BY_RECORD and grant.assurance == "recorded":
            return False
        return grant.kind != "consent" or self.shown_fits(grant, point)

    def within_caps(self, grant: Grant) -> bool:
        drawn = self.facts.vouched.cap_counts.get(grant.digest, {})
        if self.shot is None:
            draws = {"training_epochs": self.request.epochs}
        else:
            draws = {"shots": 1, "draft_takes": 1, "seconds": self.shot.seconds}
        for unit, most in asdict(grant.caps).items():
            if most is not None and unit in draws and (unit not in drawn or drawn[unit] + draws[unit] > most):
                return False
        return True

    def shown_fits(self, grant: Grant, point: Point) -> bool:
        shown = None if self.shot is None else self.shot.by_performer[grant.grantor]
        scenes = frozenset() if self.shot is None else self.shot.scenes
        if grant.role is not None and (shown is None or grant.role != shown.role):
            return False
        if grant.scenes is not None and (not scenes or scenes - grant.scenes):
            return False
        if shown is not None and shown.replica_use not in grant.replica_use:
            return False
        if point.aspect != "voice" or grant.dialogue is None or grant.dialogue.kind == "any":
            return True
        if shown is None or shown.dialogue is None:
            return False
        if shown.dialogue.kind == "none":
            return True
        scripts = {grant.dialogue.script_sha256, shown.dialogue.script_sha256}
        return grant.dialogue.kind != "none" and shown.dialogue.kind != "any" and len(scripts) == 1

    def look_at_title(self, points: Iterable[Point], asset: str) -> None:
        held = self.facts.assets[asset]
        subjects = {("asset", asset)} | ({("work", held.asset.work)} if held.asset.work else set())
        claims = [c for subject in subjects for c in self.facts.claims.get(subject, ()) if c.title.nature == "economic"]
        depicts, scene = self.content(None)
        boxes = {claim.digest: [box_of(scope) for scope in claim.title.scopes] for claim in claims}
        licences = self.licences(asset, subjects)
        for point in points:
            holding = {
                c.digest for c in claims if any(b.holds(point, self.project, depicts, scene) for b in boxes[c.digest])
            }
            for right in _rights(held, point.aspect):
                of_point = [c for c in claims if c.title.right == right and c.digest in holding]
                self.look_at_holders(point, of_point, asset, licences)

    def licences(self, asset: str, subjects: set[tuple[str, str]]) -> list[Grant]:
        """Return the licences that reach an asset."""
        index = self.facts.asset_indices.get(asset)
        found = []
        for grant in chain(*self.facts.licences.values()):
            before = grant.reaches_assets_before
            in_time = before is None or (index is not None and index < before)
            if any((s.kind, s.id) in subjects and (s.kind == "asset" or in_time) for s in grant.subjects):
                found.append(grant)
        return found

    def look_at_holders(self, point: Point, claims: list[Claim], asset: str, licences: list[Grant]) -> None:
        shares = tuple((claim.title.claimant, claim.title.share) for claim in claims)
        total = _total(shares)
        if total != 1:
            what = "no_title" if total < 1 else "title_disputed"
            self.found.missing.add((f"asset {asset} {what}", self.facts.assets[asset].registrant, point))
            return
        self.found.grounds |= {claim.digest for claim in claims}
        for holder in {holder for holder, _ in shares}:
            if holder != self.request.for_:
                theirs = [grant for grant in licences if grant.grantor == holder]
                self.look_at_grants([point], theirs, holder, "asset", asset)


def _meet(one: Any, other: Any) -> bool:
    """Say whether two sets of frames share one; None is all of them."""
    if one is None or other is None:
        return True
    return bool({f for a, b in one for f in range(a, b)} & {f for a, b in other for f in range(a, b)})


@lru_cache(maxsize=4_096)
def _total(shares: tuple[tuple[str, tuple[int, int]], ...]) -> Fraction:
    """Add shares up, those of one claimant to at most the whole."""
    held: dict[str, Fraction] = {}
    for claimant, share in shares:
        held[claimant] = min(Fraction(1), held.get(claimant, Fraction(0)) + Fraction(*share))
    return sum(held.values(), start=Fraction(0))


def _rights(held: AssetFacts, aspect: str) -> list[str]:
    if aspect == "text":
        return ["script"]
    if aspect == "sound":
        return (
            ["master"]
            if held.inventory["music"] == "none" and held.asset.kind != "music"
            else ["master", "composition"]
        )
    return ["artwork"] if held.asset.kind == "artwork" else ["picture"]
