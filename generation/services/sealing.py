"""
Make the file that will be released, before anybody knows whether it will be. Outside any transaction.

1. Ask, without locks, on which grounds the release would rest now.
2. Wait a moment for the clearance's receipt; if the publisher is slow, give the shot back for later.
3. Resize, mark, encode, and sign the credential into the file; while no authority stamps it, give the shot back too.
4. Store it encrypted under an id of its own, with the grounds that stand in it.

What is sealed is not released: only ``releasing`` decides, under locks, and has it sealed again if the grounds differ.
"""

import time

from django.db import transaction

from consent import services as consent
from generation import media, takes
from generation.core.credential import Credential, Ingredient, relationship_of
from generation.core.shot import ShotSpec
from generation.models import Shot, Weights
from generation.services.events import tell
from generation.services.leasing import Lease, NotYet, held, seen
from registry import log
from registry.core.jcs import Json, sha256_hex
from registry.locks import clock

PROOF_WAIT_S = 8.0  # the publisher's passes are shorter than a second
PAUSE_S = 0.1


def seal(lease: Lease) -> None:
    """Seal a leased shot's output. Raises ``LeaseLost``, ``NotYet``."""
    shot = seen(lease)
    found = consent.preflight(release_request(shot), prompt=shot.prompt, asked=shot.asked)
    if not found.decision.cleared:
        return  # `releasing` finds the same under locks, and aborts
    grounds = found.decision.grounds
    sealed = _file(shot, _credential(shot, grounds, _proof(shot.clearance)))
    with transaction.atomic(durable=True):
        shot, at = held(lease), clock()
        takes.forget((shot.output,))
        shot.output = takes.keep(sealed)
        shot.output_sha256 = sha256_hex(sealed)
        shot.sealed_grounds = [list(ground) for ground in grounds]
        shot.updated_at = at
        shot.save()
        tell(shot.id, "sealed", at, output_sha256=shot.output_sha256)


def release_request(shot: Shot) -> dict[str, Json]:
    """Return the request to release a shot, resting on what it was cleared for."""
    return consent.release_request(shot.clearance_request, [digest for digest, _ in shot.clearance_grounds])


def _proof(clearance: str) -> str:
    deadline = time.monotonic() + PROOF_WAIT_S
    while (proof := log.proof(clearance)) is None:
        if time.monotonic() > deadline:
            raise NotYet(f"clearance `{clearance}` is not under a published checkpoint")
        time.sleep(PAUSE_S)
    return proof


def _credential(shot: Shot, grounds: tuple[tuple[str, str], ...], proof: str) -> Credential:
    ingredients = tuple(
        Ingredient(
            role=reference["role"],
            relationship="componentOf" if number in shot.carried else relationship_of(reference["role"]),
            sha256=reference["sha256"],
        )
        for number, reference in enumerate(shot.clearance_request["references"])
    )
    return Credential(
        clearance=shot.clearance,
        proof=proof,
        grounds=grounds,
        weights=shot.weights,
        training_root=Weights.objects.get(weights=shot.weights).root,
        ingredients=ingredients,
        composite=any(ingredient.relationship == "componentOf" for ingredient in ingredients),
    )


def _file(shot: Shot, credential: Credential) -> bytes:
    asked = ShotSpec.parse(shot.spec).format_
    size = (asked.width, asked.height)
    frames = media.resize(takes.unpack_frames(takes.read(shot.frames)), size)
    mp4 = media.encode(media.mark(frames, shot=shot.id), fps=asked.fps, size=size)
    try:
        return media.seal(mp4, credential=credential, engine=shot.engine)
    except media.StampMissing as error:
        raise NotYet(str(error)) from error
