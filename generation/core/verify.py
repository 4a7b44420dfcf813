"""
Check a shot's papers: numbered steps over bytes and values.

 1. File: its SHA-256 is the one that the bundle speaks of.
 2. Credential: the file's own manifest stands, signature and hashes, and reads as ours do.
 3. Clearance: the statement that the credential names allowed this request, for these references and weights.
 4. Clearance replayed: `decide`, over the same statements at the same moment, allows it again on the same grounds.
 5. Release: the statement that lets this very file out rests on that clearance, for the same use.
 6. Release replayed.
 7. Weights: the registry logged their training, under the root that the credential names.
 8. Inclusion: clearance, release, weights, every ground and the enrolment of its signer are under a checkpoint, where
    the decisions said they were; grounds before the decision that used them, clearance and release after theirs.
 9. Checkpoints: signed by the log's key, and never two roots for one size.
10. Witnesses: as many as the trust given asks for cosigned each of those checkpoints.
11. Registry key: clearance, release and weights are signed by it.
12. Trust: those keys and the file's root certificate are in the trust given.

Whatever the steps cannot show is listed after them as vouched (``generation.core.vouching``). Keys that are only in the
bundle itself make a step ``consistent``, not ``proven``.
Left out: reading files and the C2PA manifest (``generation.verify``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from consent.core.cleared import ClearanceIssued
from consent.core.decision import Decision, decide
from consent.core.facts import facts_digest, facts_from
from consent.core.request import Request, parse_request, request_sha256
from generation.core import vouching
from generation.core.bundle import Bundle, Decided
from generation.core.credential import Credential, Sealed
from generation.core.inclusion import (
    Checked,
    check_checkpoints,
    check_enrolments,
    check_order,
    check_witnesses,
    places_of,
)
from generation.core.papers import clearance_of, registry_statements, release_of, weights_of
from generation.core.record import ShotReleased
from generation.core.steps import Checks, Found, Judgement, Outcome, Unproven, require, run
from generation.core.trust import NO_TRUST, Trust
from registry.core.envelope import verify_signatures
from registry.core.jcs import Json

MAX_OBSTACLES_SHOWN = 3
_RELEASE_OWN = ("kind", "salt", "rests_on")  # in these alone a release asks something else than its clearance


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Everything that is judged, already read."""

    bundle: Bundle
    file_sha256: str
    sealed: Sealed  # as read with the anchors of ``known``
    anchored: bool  # whether the file is trusted with the anchors of ``given`` alone
    given: Trust | None  # None: no trust was given

    @property
    def known(self) -> Trust:
        """Keys that signatures may be checked with; being here makes none of them trusted."""
        return self.bundle.trust | (self.given or NO_TRUST)

    @property
    def trusted(self) -> Trust:
        return self.given or NO_TRUST

    @property
    def credential(self) -> Credential:
        return Credential.from_manifest(self.sealed.manifest)


def verify(papers: Papers) -> Judgement:
    """Judge a bundle and its file."""
    steps = run(STEPS, papers, lambda papers: vouching.vouched(papers.bundle))
    about: dict[str, Json] = {"output_sha256": papers.bundle.output_sha256, "clearance": papers.bundle.clearance.digest}
    return Judgement(kind="bundle", steps=steps, planned=len(STEPS), about=about)


def _file(papers: Papers) -> Found:
    """1. Everything else speaks of a file with this digest."""
    expected = papers.bundle.output_sha256
    require(
        papers.file_sha256 == expected, f"the file hashes to `{papers.file_sha256}`, the bundle is for `{expected}`"
    )
    return "proven", f"the file is `{expected}`"


def _credential(papers: Papers) -> Found:
    """2. A manifest of an unknown signer is no credential; one in an ingredient that fails is none either."""
    sealed = papers.sealed
    require(sealed.state != "Missing", f"the file has no credential that can be read: {' '.join(sealed.failures)}")
    require(sealed.state != "Invalid", f"the file's credential does not stand: {', '.join(sealed.failures)}")
    require(sealed.state != "Valid", "the file's credential is signed under a certificate that nobody named")
    credential = papers.credential
    if sealed.state == "Expired":  # the release commits to every byte of the file: what follows does not rest on this
        ended = "sealed under a certificate that has ended, without a time stamp from before that is trusted here"
        return "consistent", f"{ended}; names clearance `{credential.clearance}`"
    require(not sealed.failures, f"an ingredient's credential does not stand: {', '.join(sealed.failures)}")
    outcome: Outcome = "proven" if papers.anchored else "consistent"
    stamped = f", stamped {sealed.stamped_at} by {sealed.stamped_by}" if sealed.stamped_at else ""
    return outcome, f"sealed by {sealed.signer}{stamped}, names clearance `{credential.clearance}`"


def _clearance(papers: Papers) -> Found:
    """3. What the file, the clearance and the request say of each other must agree."""
    credential, decided = papers.credential, papers.bundle.clearance
    require(credential.clearance == decided.digest, f"the file was cleared by `{credential.clearance}`")
    record = clearance_of(papers.bundle)
    request = _request(decided, record.request_sha256)
    require(record.kind == request.kind == "shot", "the clearance is not one of a shot")
    require(record.shot == request.shot, "the clearance is of another shot than its request")
    named = {(reference.asset, reference.sha256) for reference in request.references}
    require(named == set(record.assets), "the clearance opens other assets than its request names")
    asked = sorted((reference.role, reference.sha256) for reference in request.references)
    used = sorted((ingredient.role, ingredient.sha256) for ingredient in credential.ingredients)
    require(asked == used, "the file lists other ingredients than the references that were cleared")
    require(credential.weights == request.weights, "the file was made by other weights than were cleared")
    return "proven", f"shot `{request.shot}`, {len(asked)} reference(s), request `{record.request_sha256}`"


def _clearance_replayed(papers: Papers) -> Found:
    """4. The decision, made again."""
    return _replayed(papers.bundle, papers.bundle.clearance, clearance_of(papers.bundle))


def _release(papers: Papers) -> Found:
    """5. A release asks for what was cleared, no more, and is of this file."""
    bundle = papers.bundle
    issued, released = clearance_of(bundle), release_of(bundle)
    request = _request(bundle.release, released.request_sha256)
    require(request.kind == "release", "the release is decided on a request of another kind")
    require(released.output_sha256 == bundle.output_sha256, f"what was released is `{released.output_sha256}`")
    require(released.clearance == bundle.clearance.digest, f"the release rests on clearance `{released.clearance}`")
    require(released.shot == issued.shot == request.shot, "the release is of another shot than the clearance")
    require(released.weights == request.weights, "the release names other weights than its request")
    require(_same_use(bundle), "the release was asked for another use than was cleared")
    grounds = [digest for digest, _ in issued.grounds]
    require(list(request.rests_on) == grounds, "the release does not rest on the clearance's grounds")
    require(released.at >= issued.at, "the release was decided before the clearance")
    require(papers.credential.grounds == released.grounds, "the file names other grounds than its release")
    return "proven", f"released with {len(released.grounds)} ground(s) at {released.at:%Y-%m-%d %H:%M:%S} UTC"


def _release_replayed(papers: Papers) -> Found:
    """6. The decision, made again."""
    return _replayed(papers.bundle, papers.bundle.release, release_of(papers.bundle))


def _weights(papers: Papers) -> Found:
    """7. Weights whose training the registry never logged have no papers."""
    digest, trained = weights_of(papers.bundle, papers.credential.weights)
    require(trained.root == papers.credential.training_root, "the file names another training root than was logged")
    return "proven", f"weights `{trained.weights}`, training root `{trained.root}`, logged as `{digest}`"


def _inclusion(papers: Papers) -> Found:
    """8. What counted was in the log, where it was said to be."""
    bundle = papers.bundle
    issued, released = clearance_of(bundle), release_of(bundle)
    places = places_of(bundle, papers.credential)
    weights, _ = weights_of(bundle, papers.credential.weights)
    for digest, what in (
        (bundle.clearance.digest, "clearance"),
        (bundle.release.digest, "release"),
        (weights, "weights"),
    ):
        require(digest in places, f"the {what} `{digest}` has no proof of inclusion")
    check_order(bundle, places, issued, released)
    check_enrolments(bundle, places, {digest for digest, _ in (*issued.grounds, *released.grounds)})
    return "proven", f"{len(places)} of {len(bundle.statements)} statements proven to be in the log"


def _checkpoints(papers: Papers) -> Found:
    """9. Only a signed root proves anything."""
    checked = _checked(papers)
    outcome: Outcome = "consistent" if checked.lacks(papers.trusted) else "proven"
    return outcome, f"{checked.origin}, {len(checked.sizes)} checkpoint(s), the newest of {max(checked.sizes)} entries"


def _witnesses(papers: Papers) -> Found:
    """10. Others saw the same log."""
    return check_witnesses(_checked(papers).signed, papers.trusted)


def _registry_key(papers: Papers) -> Found:
    """11. What the registry said, it signed."""
    signers = set(_registry_signers(papers))
    trusted = {key.keyid for key in papers.trusted.registry}
    return "proven" if signers <= trusted else "consistent", f"signed by {', '.join(f'`{k}`' for k in sorted(signers))}"


def _trust(papers: Papers) -> Found:
    """12. A bundle's own keys show only that it agrees with itself."""
    if papers.given is None:
        return "consistent", "no trust was given: the keys are those that the bundle itself names"
    trusted = {key.keyid for key in papers.trusted.registry}
    missing = _checked(papers).lacks(papers.trusted)
    missing += [f"the registry's key `{keyid}`" for keyid in _registry_signers(papers) if keyid not in trusted]
    missing += [] if papers.anchored else ["the root certificate of the file's credential"]
    if missing:
        return "consistent", f"not in the trust given: {', '.join(missing)}"
    return "proven", "the log's key, the registry's key and the file's root certificate are in the trust given"


STEPS: Checks[Papers] = (
    ("file", _file),
    ("credential", _credential),
    ("clearance", _clearance),
    ("clearance replayed", _clearance_replayed),
    ("release", _release),
    ("release replayed", _release_replayed),
    ("weights", _weights),
    ("inclusion", _inclusion),
    ("checkpoints", _checkpoints),
    ("witnesses", _witnesses),
    ("registry key", _registry_key),
    ("trust", _trust),
)


def _request(decided: Decided, expected: str) -> Request:
    """Read a decision's request, once its hash is the one that was logged."""
    require(request_sha256(decided.request) == expected, f"the request hashes to another value than `{expected}`")
    request = parse_request(decided.request)
    if not isinstance(request, Request):
        raise Unproven("the request is one to train, not one of a shot")
    return request


def _same_use(bundle: Bundle) -> bool:
    cleared, released = bundle.clearance.request, bundle.release.request
    if not isinstance(cleared, dict) or not isinstance(released, dict):
        return False
    names = (cleared.keys() | released.keys()) - set(_RELEASE_OWN)
    return all(name in cleared and name in released and cleared[name] == released[name] for name in names)


def _replayed(bundle: Bundle, decided: Decided, logged: ClearanceIssued | ShotReleased) -> Found:
    read = facts_digest(decided.digests, decided.vouched)
    require(
        read == logged.facts_digest, f"what the decision read hashes to `{read}`, logged is `{logged.facts_digest}`"
    )
    missing = [digest for digest in decided.digests if digest not in bundle.statements]
    require(not missing, f"statement `{missing[0] if missing else ''}`, which the decision read, is missing")
    facts = facts_from((bundle.statements[digest].envelope for digest in decided.digests), decided.vouched)
    decision = decide(parse_request(decided.request), facts, logged.at)
    require(decision.cleared, f"the decision refuses: {_refusals(decision)}")
    require(decision.grounds == logged.grounds, "the decision rests on other grounds than were logged")
    require(decision.tree_size == logged.tree_size, "the decision read another size of the log than was logged")
    return (
        "proven",
        f"cleared again over {len(decided.digests)} statements, same grounds, log size {decision.tree_size}",
    )


def _refusals(decision: Decision) -> str:
    shown = [f"{o.code} ({o.subject[0]} `{o.subject[1]}`)" for o in decision.obstacles[:MAX_OBSTACLES_SHOWN]]
    more = len(decision.obstacles) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _checked(papers: Papers) -> Checked:
    places = places_of(papers.bundle, papers.credential).values()
    return check_checkpoints((text for place in places for text in place.checkpoints), papers.known.log)


def _registry_signers(papers: Papers) -> Iterator[str]:
    """Return the keys that signed for the registry; each of its statements must be signed, and by one party."""
    keys = {key.keyid: key for key in papers.known.registry}
    issuers = set()
    signers: dict[str, None] = {}
    for statement, envelope in registry_statements(papers.bundle):
        issuers.add(statement.issuer)
        signers |= dict.fromkeys(verify_signatures(envelope, keys))
    require(len(issuers) == 1, "clearance, release and weights were not said by one registry")
    yield from signers
