"""
The papers of a released shot, for those entitled to them.

``bundle`` gathers what both decisions read, each statement with its receipt, so that ``generation.verify`` can make the
decisions again without us. It holds terms: who may have it is asked at the door. ``trust`` names our keys; a stranger
should have them from somewhere else than the bundle.
"""

from __future__ import annotations

import base64

from generation import media
from generation.core.states import WrongState
from generation.models import Shot
from registry import log
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.custody import custody
from registry.statements import Opened, open_statements


class NotYetPublished(DomainError):
    """The log has not published everything that the papers need; a few seconds later it has."""

    code = "not_yet_published"
    status = 409

    def __init__(self, *, shot: str, waiting: int) -> None:
        super().__init__(f"`{waiting}` statement(s) that shot `{shot}` rests on are not published yet: try again")
        self.waiting = waiting

    def extra(self) -> dict[str, object]:
        return {"waiting": self.waiting}


class PapersErased(DomainError):
    """A statement that the decisions read can no longer be opened: the person it was about had it erased."""

    code = "papers_erased"
    status = 410

    def __init__(self, *, shot: str, erased: int) -> None:
        super().__init__(f"`{erased}` statement(s) that shot `{shot}` rests on were erased")
        self.erased = erased

    def extra(self) -> dict[str, object]:
        return {"erased": self.erased}


def bundle(shot_id: str) -> dict[str, Json]:
    """
    Return the bundle of ``docs/formats.md`` section 8.

    Raises ``WrongState`` where the shot is not released, ``NotYetPublished``, ``PapersErased``.
    """
    shot = Shot.objects.get(id=shot_id)
    if shot.clearance is None or shot.release is None:
        raise WrongState(state=shot.state, wanted="released")
    read = {shot.clearance, shot.release, *shot.clearance_digests, *shot.release_digests}
    opened = open_statements(read)
    if len(opened) < len(read):
        raise PapersErased(shot=shot_id, erased=len(read) - len(opened))
    return {
        "v": 1,
        "output_sha256": shot.output_sha256,
        "trust": trust(),
        "statements": _receipted(shot_id, opened),
        "clearance": {
            "digest": shot.clearance,
            "request": shot.clearance_request,
            "vouched": shot.clearance_vouched,
            "digests": sorted(shot.clearance_digests),
        },
        "release": {
            "digest": shot.release,
            "request": shot.release_request,
            "vouched": shot.release_vouched,
            "digests": sorted(shot.release_digests),
        },
    }


def trust() -> dict[str, Json]:
    """Return the keys of this registry: its log's, its own, and the root under which it seals files."""
    registry_keys = [one.public for one in custody().versions("registry") if one.public and one.state != "next"]
    return {
        "log": list(log.vkeys()),
        "registry": [base64.b64encode(key.spki).decode() for key in registry_keys],
        "c2pa": [*media.anchors()],
    }


def _receipted(shot_id: str, opened: dict[str, Opened]) -> list[Json]:
    """Put each statement beside its receipt. All were committed before the release, so they are published with it."""
    proofs = {digest: log.proof(digest) for digest in sorted(opened)}
    waiting = sum(proof is None for proof in proofs.values())
    if waiting:
        raise NotYetPublished(shot=shot_id, waiting=waiting)
    return [{"envelope": opened[digest].envelope.format(), "proof": proof} for digest, proof in proofs.items()]
