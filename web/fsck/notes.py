"""
Compare the registry's own notes with what they follow from.

A note is a row that no statement brings: who asked to be erased, which challenge was answered, what a passkey counted
to. Nothing about rights rests on one alone; but a statement, a file, a ciphertext or another row that does stand says
most of what is in it, and that is compared here. What nothing says is listed with its reason (``web.fsck.unproven``).

1. Erasures: requests, destroyed keys and openings are those that `erasure.done` records.
2. Challenges that a vouch rests on; counters of passkeys, which signatures carry.
3. What is sealed opens, and says what its row says: requests for consent, what producers stated.
4. Training manifests are what their hash says; every run that was cleared has its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from consent.core.cleared import ClearanceIssued
from consent.models import ConsentRequest, RequestEvent
from consent.selectors.requests import open_proposals
from consent.services.requests import REPRESENTATIVE_FIRST
from generation.models import Basis, ClearedUse, Manifest, Release, Shot
from generation.selectors.bases import stated_in
from registry import vault
from registry.core.erasure import Erasure
from registry.core.errors import DomainError
from registry.core.jcs import canonical, parse_json, sha256_hex
from registry.core.opening import Opening
from registry.core.passcodes import LASTS
from registry.models import Challenge, DestroyedKey, ErasureRequest, OpenedKept, Party, PasskeyCounter, Vouch
from web.fsck.erasures import Explained
from web.fsck.report import Report
from web.fsck.statements import Said

STEPS: Final = frozenset({"sent", "passed_on", "seen", "declined"})
Problem = tuple[str, str]  # the row, by its table and key, and what is wrong


def check_notes(said: Sequence[Said], gone: Explained, report: Report) -> None:
    """Compare; findings go into the report."""
    problems = (
        *_erasures(said), *_graves(said), *_openings(said), *_challenges(), *_counters(said, gone),
        *_requests(), *_bases(), *_manifests(said),
    )  # fmt: skip
    for row, problem in problems:
        report.add("note_differs", row, problem)


def _done(said: Sequence[Said], cause: str) -> Iterator[tuple[str, Erasure, datetime]]:
    for one in said:
        if isinstance(one.record, Erasure) and one.record.cause == cause:
            yield one.statement.digest, one.record, one.at


def _erasures(said: Sequence[Said]) -> Iterator[Problem]:
    logged: dict[tuple[str, datetime], list[str]] = defaultdict(list)
    for digest, record, at in _done(said, "asked"):
        logged[str(record.subject), at].append(digest)
    rows = {(row.subject, row.done_at): row for row in ErasureRequest.objects.exclude(done_at=None)}
    for subject, _ in sorted(logged.keys() - rows.keys()):
        yield f"registry_erasure_request {subject}", "it was carried out, and nobody asked for it then"
    for key, row in rows.items():
        if row.statements != logged.get(key, []):
            yield f"registry_erasure_request {row.id}", "it was carried out otherwise than was logged"
    for row in ErasureRequest.objects.filter(done_at=None):
        if row.statements:
            yield f"registry_erasure_request {row.id}", "it was not carried out, and names what was logged"


def _graves(said: Sequence[Said]) -> Iterator[Problem]:
    logged = {(f"party:{record.subject}", at) for _, record, at in _done(said, "asked")}
    rows = set(DestroyedKey.objects.values_list("owner", "at"))
    for owner, _ in sorted(logged ^ rows):
        yield f"registry_destroyed_key {owner}", "that the key was destroyed then is not what was logged"


def _openings(said: Sequence[Said]) -> Iterator[Problem]:
    logged = {(record.request_sha256, digest, at) for digest, record, at in _done(said, "opened")}
    rows = OpenedKept.objects.all()
    for sha256, _, _ in sorted(logged ^ {(row.request_sha256, row.statement, row.at) for row in rows}, key=str):
        yield f"registry_opened_kept {sha256}", "what was opened then is not what was logged"
    for row in rows:
        try:
            aad = f"opened {row.request_sha256}".encode()
            wish = Opening.parse(parse_json(vault.open_text("registry", bytes(row.sealed), aad)))
            problem = None if wish.sha256 == row.request_sha256 else "another wish was signed"
        except DomainError as error:
            problem = str(error)
        if problem is not None:
            yield f"registry_opened_kept {row.request_sha256}", problem


def _challenges() -> Iterator[Problem]:
    rows = {row.id: row for row in Challenge.objects.iterator()}
    for row in rows.values():
        if row.expires_at != row.made_at + LASTS:
            yield f"registry_challenge {row.id}", "it ran for another time than challenges do"
        if row.made_by not in (row.party, row.voucher):
            yield f"registry_challenge {row.id}", "it was made by somebody whom it does not concern"
        answered = [getattr(row, name) is None for name in ("answer", "answered_at", "sha256", "size", "mime")]
        if any(answered) != all(answered):
            yield f"registry_challenge {row.id}", "it is half answered"
    for vouch in Vouch.objects.exclude(challenge=None):
        found = rows.get(str(vouch.challenge))
        if found is None or (found.party, found.voucher) != (vouch.party, vouch.voucher) or found.answer is None:
            yield f"registry_challenge {vouch.challenge}", f"vouch {vouch.digest} rests on an answer that is not there"


def _counters(said: Sequence[Said], gone: Explained) -> Iterator[Problem]:
    """The highest counter that a passkey signed, and when; of one that keeps none there is no row."""
    signed = {
        signature.keyid: (signature.assertion.counter, one.at)
        for one in said
        for signature in one.envelope.signatures
        if signature.assertion is not None and signature.assertion.counter
    }
    rows = {row.keyid: (row.counter, row.seen_at) for row in PasskeyCounter.objects.all()}
    for keyid in sorted(rows.keys() | signed.keys() - gone.keys):
        if rows.get(keyid) != signed.get(keyid):
            yield f"registry_passkey_counter {keyid}", "it counts otherwise than the passkey signed"


def _requests() -> Iterator[Problem]:
    events: dict[str, dict[str, RequestEvent]] = defaultdict(dict)
    for event in RequestEvent.objects.iterator():
        events[event.request][event.state] = event
        if event.state not in STEPS:
            yield f"consent_requestevent {event.request}", f"`{event.state}` is no step of a request"
    rows = {row.id: row for row in ConsentRequest.objects.iterator()}
    people = {str(one) for one in Party.objects.filter(kind="person").values_list("id", flat=True)}
    for request in sorted(events.keys() - rows.keys()):
        yield f"consent_requestevent {request}", "it is of a request that is not there"
    for row in rows.values():
        for problem in _request_problems(row, events[row.id]):
            yield f"consent_consentrequest {row.id}", problem
        if row.heard and row.performer not in people:
            yield f"consent_consentrequest {row.id}", "nobody is there to hear it"


def _request_problems(row: ConsentRequest, events: dict[str, RequestEvent]) -> Iterator[str]:
    try:
        asked = open_proposals([row]).get(row.id)
    except DomainError as error:
        yield str(error)
        return
    if asked is None:
        yield "what is asked cannot be read, and whoever is asked was not erased"
        return
    if (asked.id, asked.digest, asked.asker, asked.performer) != (row.id, row.digest, row.asker, row.performer):
        yield "it says something else than what is asked"
    if (row.expires_at - row.sent_at).days != asked.lasts_days or (row.expires_at - row.sent_at).seconds:
        yield "it runs for another time than was asked"
    sent, passed = events.get("sent"), events.get("passed_on")
    if sent is None or (sent.by, sent.at, sent.reason) != (row.asker, row.sent_at, None):
        yield "when it was sent, and by whom, is told otherwise"
    seen_from = {row.sent_at, row.sent_at + REPRESENTATIVE_FIRST} | ({passed.at} if passed is not None else set())
    if row.to_performer_at not in seen_from:
        yield "the person asked is to see it at another time than the rules say"


def _bases() -> Iterator[Problem]:
    known = set(Release.objects.values_list("digest", "shot")) | set(ClearedUse.objects.values_list("digest", "shot"))
    parties = dict(Shot.objects.values_list("id", "for_party"))
    for row in Basis.objects.iterator():
        name = f"generation_basis {row.id}"
        if (row.statement, row.shot) not in known or parties.get(row.shot) != row.by_party:
            yield name, "it is stated of nothing that was released, or by somebody else than its producer"
        try:
            stated_in(row)
        except DomainError as error:
            yield name, str(error)


def _manifests(said: Sequence[Said]) -> Iterator[Problem]:
    issued = (one.record.manifest_sha256 for one in said if isinstance(one.record, ClearanceIssued))
    cleared = {sha256 for sha256 in issued if sha256 is not None}
    rows = dict(Manifest.objects.values_list("sha256", "body"))
    for sha256 in sorted(cleared - rows.keys()):
        yield f"generation_manifest {sha256}", "a run was cleared on it, and it is not there"
    for sha256, body in sorted(rows.items()):
        if sha256_hex(canonical(body)) != sha256:
            yield f"generation_manifest {sha256}", "it is not what its hash says"
