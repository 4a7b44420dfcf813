"""
What erasing a person would destroy, what would have to be kept, and what stands in the way.

``plan`` reads and changes nothing; the same answer is told to the person before, and carried out after
(``generation.services.erasing``). Kept is what proves a right that somebody already relied on:

1. A consent or licence that grounds a released shot, or a use of one: legal claims, until ten years after the last day
   on which it allows anything, and seventy years at most.
2. One that grounds the training of weights: the provider's duty to show what they were trained on, for ten years.
3. What is needed to prove these: registration, keys, vouches, authorities and appearances that those decisions read,
   and what was said of the ground itself.

Everything else goes: consents that nothing rests on among it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from django.db.models import Q

from consent.models import Use
from generation.core.states import OPEN
from generation.models import Release, Shot, ShotGround, ShotUse, Told, Weights
from registry.core.erasure import Appeared, Kept
from registry.core.times import parse_time, whole_second
from registry.errors import Inadmissible
from registry.models import (
    Appearance,
    Asset,
    Assignment,
    Catalogue,
    Challenge,
    Deposit,
    Document,
    Followed,
    Key,
    LicenceBox,
    LicenceSubject,
    StatementRow,
    TitleClaim,
)
from registry.selectors.parties import kind_of
from registry.statements import open_statements

TAKEN_FROM_PEOPLE: Final = ("replica", "scan", "voice")  # kinds of assets
CLAIMS: Final = timedelta(days=3_653)  # ten years after the last use: the longest ordinary limitation of France
DUTY: Final = timedelta(days=3_653)  # ten years after the training was logged
AT_MOST: Final = timedelta(days=25_567)  # seventy years
PROOFS: Final = frozenset(
    {
        "party.registered",
        "alias.declared",
        "identity.vouched",
        "key.added",
        "key.revoked",
        "authority.granted",
        "authority.ended",
        "appearance.recorded",
        "appearance.claimed",
    }
)
_OF_GROUND: Final = ("grant", "licence")  # fields of a body that name one


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Bytes of the vault that go."""

    id: str
    sha256: str
    what: str  # scan | paper | answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an erasure does, as things stand."""

    subject: str
    statements: Mapping[str, str]  # digest -> type, of everything about the person, in the order of acceptance
    kept: tuple[Kept, ...]
    appearances: tuple[Appeared, ...]
    titles: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    files: tuple[File, ...]
    open_shots: tuple[str, ...]  # not released yet: they are ended
    shown_in: tuple[str, ...]  # shots of any state in which the person is named or shown
    released: tuple[str, ...]  # those of them that were released
    signed_for_others: int  # statements about others that will no longer count, unless they narrow
    obstacles: tuple[tuple[str, str], ...] = field(default=())  # code, and the digest or id at fault

    @property
    def destroyed(self) -> list[str]:
        """Return the digests of the statements that go for good."""
        kept = {one.digest for one in self.kept}
        return [digest for digest in self.statements if digest not in kept]

    @property
    def scans(self) -> list[File]:
        return [one for one in self.files if one.what == "scan"]


def plan(subject: str, *, at: datetime) -> Plan:
    """Say what erasing a person does; raises ``Unknown``, ``Inadmissible`` for whoever is not a person."""
    if kind_of(subject, field="party") != "person":
        raise Inadmissible(f"party `{subject}` is not a person", code="not_a_person", field="party")
    rows = StatementRow.objects.filter(subject=subject).order_by("accepted_at", "digest")
    statements = dict(rows.values_list("digest", "type"))
    shots = Shot.objects.filter(performers__contains=[subject])
    return Plan(
        subject=subject,
        statements=statements,
        kept=_kept(statements, at),
        appearances=_appearances(subject),
        titles=_titles(subject),
        keys=tuple(Key.objects.filter(party=subject).order_by("keyid").values_list("keyid", flat=True)),
        files=_files(subject),
        open_shots=_ids(shots.filter(state__in=OPEN)),
        shown_in=_ids(shots),
        released=_ids(shots.filter(release__isnull=False)),
        signed_for_others=StatementRow.objects.filter(issuer=subject).exclude(subject=subject).count(),
        obstacles=(*_rights_in_force(subject, at), *_pulls(statements, at)),
    )


def _ids(shots: Iterable[Shot]) -> tuple[str, ...]:
    return tuple(sorted(shot.id for shot in shots))


def _appearances(subject: str) -> tuple[Appeared, ...]:
    rows = Appearance.objects.filter(performer=subject).order_by("asset", "digest")
    found = (
        Appeared(
            asset=row.asset,
            aspects=row.aspects,
            spans=None if row.spans is None else tuple((first, after) for first, after in row.spans),
        )
        for row in rows
    )
    return tuple(dict.fromkeys(found))


def _titles(subject: str) -> tuple[tuple[str, str], ...]:
    rows = TitleClaim.objects.filter(claimant=subject).values_list("subject_kind", "subject_id")
    return tuple(sorted({(str(kind), str(ident)) for kind, ident in rows}))


def _files(subject: str) -> tuple[File, ...]:
    """Return scans of the person, whatever they deposited themselves, and their answers to challenges."""
    shown = Appearance.objects.filter(performer=subject).values("asset")
    scans = Asset.objects.filter(id__in=shown, kind__in=TAKEN_FROM_PEOPLE).values("id")
    stored = Deposit.objects.filter(Q(asset__in=scans) | Q(party=subject)).values_list("asset", "sha256")
    papers = Document.objects.filter(party=subject).values_list("id", "sha256")
    answers = Challenge.objects.filter(party=subject, answer__isnull=False).values_list("answer", "sha256")
    named = {"scan": stored, "paper": papers, "answer": answers}
    return tuple(
        File(id=str(ident), sha256=str(sha256), what=what)
        for what, rows in named.items()
        for ident, sha256 in sorted(rows)
    )


def _kept(statements: Mapping[str, str], at: datetime) -> tuple[Kept, ...]:
    """Return what must be kept, by digest."""
    claims = set(ShotGround.objects.filter(grant__in=statements).values_list("grant", flat=True))
    trainings = Weights.objects.values("clearance")
    duties = set(Use.objects.filter(grant__in=statements, clearance__in=trainings).values_list("grant", flat=True))
    grounds = {digest: _kept_ground(digest, digest in claims, at) for digest in claims | duties}
    if not grounds:
        return ()
    longest = max(grounds.values(), key=lambda kept: kept.until)
    proofs = {
        digest: Kept(digest=digest, reason=longest.reason, until=longest.until)
        for digest in _proofs(statements, frozenset(grounds))
    }
    return tuple(sorted((proofs | grounds).values(), key=lambda kept: kept.digest))


def _kept_ground(digest: str, for_claims: bool, at: datetime) -> Kept:
    if not for_claims:
        return Kept(digest=digest, reason="legal_duty", until=whole_second(at + DUTY))
    ends = _last_day(digest)
    last = AT_MOST if ends is None else max(ends - at, timedelta()) + CLAIMS
    return Kept(digest=digest, reason="legal_claims", until=whole_second(at + min(last, AT_MOST)))


def _last_day(digest: str) -> datetime | None:
    """Return when the last window of a grant ends; None: never, or nobody can say yet."""
    opened = open_statements([digest]).get(digest)
    scopes = None if opened is None else opened.statement.body.get("scopes")
    ends = [box.get("window") for box in scopes if isinstance(box, dict)] if isinstance(scopes, list) else []
    found = [_end_of(window) for window in ends]
    return None if not found or None in found else max(end for end in found if end is not None)


def _end_of(window: object) -> datetime | None:
    if not isinstance(window, list) or len(window) != 2 or not isinstance(window[1], str):
        return None  # open, or following an event
    return parse_time(window[1])


def _proofs(statements: Mapping[str, str], grounds: frozenset[str]) -> set[str]:
    """Return what proves these grounds, among what their decisions read and what was said of them."""
    read = _read_by(grounds)
    found = {digest for digest, type_ in statements.items() if type_ in PROOFS and digest in read}
    others = [digest for digest in statements if digest not in found | grounds and statements[digest] not in PROOFS]
    for digest, opened in open_statements(others).items():
        body = opened.statement.body
        named = {body.get(name) for name in _OF_GROUND} | set(_texts(body.get("grants")))
        if named & grounds:
            found.add(digest)
    return found


def _read_by(grounds: frozenset[str]) -> set[str]:
    """Return every statement that a decision read which rests on one of these."""
    shots = ShotGround.objects.filter(grant__in=grounds).values("shot")
    taken = Shot.objects.filter(id__in=shots).values_list("clearance_digests", "release_digests")
    used = ShotUse.objects.filter(shot__in=shots).values_list("digests", flat=True)
    read = set(chain.from_iterable(digests or () for pair in taken for digests in pair))
    return read | set(chain.from_iterable(used)) | _known_by_training(grounds)


def _known_by_training(grounds: frozenset[str]) -> set[str]:
    """A training keeps no list of what it read: of its grounds, everything that proves whose they are is kept."""
    trained = Use.objects.filter(grant__in=grounds, clearance__in=Weights.objects.values("clearance"))
    if not trained.exists():
        return set()
    subjects = StatementRow.objects.filter(digest__in=grounds).values("subject")
    return set(StatementRow.objects.filter(subject__in=subjects, type__in=PROOFS).values_list("digest", flat=True))


def _rights_in_force(subject: str, at: datetime) -> list[tuple[str, str]]:
    """Return rights of the person's that somebody else rests on: a contract is not undone by an erasure."""
    now_s = int(at.timestamp())
    boxes = LicenceBox.objects.filter(licensor=subject, replaced=None).exclude(bars="holdback")
    licences = {row.licence for row in boxes if row.licensee != subject and row.seconds[1] > now_s}
    claims = TitleClaim.objects.filter(claimant=subject, ended=None)
    passed = set(Assignment.objects.filter(grant__in=claims.values("digest")).values_list("grant", flat=True))
    shared = {
        row.digest
        for row in claims
        if TitleClaim.objects.filter(subject_id=row.subject_id, right=row.right, ended=None)
        .exclude(claimant=subject)
        .exists()
    }
    owned = Catalogue.objects.filter(owner=subject).values("id")
    catalogued = set(LicenceSubject.objects.filter(subject_id__in=owned).values_list("licence", flat=True))
    followed = set(Followed.objects.filter(subject_id=subject).values_list("licence", flat=True))
    return [("rights_in_force", digest) for digest in sorted(licences | passed | shared | catalogued | followed)]


def _pulls(statements: Mapping[str, str], at: datetime) -> list[tuple[str, str]]:
    """Return released shots that a withdrawal is about to pull: the erasure must not undo that."""
    released = Release.objects.values("shot")
    rows = Told.objects.filter(grant__in=statements, tail="pull", shot__in=released)
    waiting = rows.filter(Q(effective_at__gt=at) | Q(looked_at__isnull=True)).values_list("shot", flat=True)
    return [("pull_pending", str(shot)) for shot in sorted(set(waiting))]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
