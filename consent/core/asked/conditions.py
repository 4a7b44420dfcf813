"""
Which conditions of a grant a demand fails.

A grant applies to a demand only if none of its conditions fails; its boxes then cover what they cover. The first part
does not depend on the box wanted and is asked once a grant; the second names the dimensions in which the best of its
boxes falls short, for the explanation alone.
"""

from collections.abc import Mapping
from dataclasses import replace

from consent.core.grants import Grant
from consent.core.obstacles import ORDER, Code
from consent.core.request import AnyRequest, ByPerformer, Request
from registry.core.limits import Caps
from registry.core.scope import Scope, touches
from registry.core.terms import ACTS, ASPECTS

VOICE = ASPECTS.mask(("voice",))
_SCRIPTED = frozenset({"as_scripted", "listed"})
_DIMENSIONS: tuple[tuple[str, Code], ...] = (
    ("acts", "act_not_covered"),
    ("aspects", "aspect_not_covered"),
    ("purposes", "purpose_not_covered"),
    ("media", "media_not_covered"),
    ("territories", "territory_not_covered"),
    ("languages", "language_not_covered"),
)


def of_request(grant: Grant, request: AnyRequest, shown: ByPerformer | None) -> list[Code]:
    """
    Return the conditions on what the performer is shown as that a request fails, whatever the act.

    Training states neither role nor scenes, so that a consent confined to some does not serve it.
    """
    codes: list[Code] = []
    if grant.kind == "licence":
        return codes
    if grant.role is not None and (shown is None or shown.role != grant.role):
        codes.append("role_not_covered")
    if grant.scenes is not None and not (request.scenes and request.scenes <= grant.scenes):
        codes.append("scene_not_covered")
    if request.kind != "train" and (shown is None or shown.replica_use not in grant.replica_use):
        codes.append("replica_use_not_covered")
    return codes


def of_grant(grant: Grant, request: AnyRequest, *, at_s: int, act: str, counts: Mapping[str, int] | None) -> list[Code]:
    """Return what is wrong with a grant itself, for one act at one moment; nothing with a sound one."""
    if grant.sound:
        return []
    codes: list[Code] = []
    if not grant.logged:
        codes.append("not_yet_logged")
    sold_off = grant.selling_off and _is_sold_off(grant, request, act)
    if _withdrawn(grant, at_s, act) and not sold_off and not _may_finish(grant, request, act):
        codes.append("revoked")
    elif grant.selling_off and not sold_off:
        codes.append("expired")
    if grant.caps and _exhausted(grant.caps, request, counts):
        codes.append("cap_exhausted")
    if not grant.identity_stands:
        codes.append("identity_unverified")
    if not grant.authorised or at_s < grant.contested_until_s:
        codes.append("unauthorised_signer")
    if grant.identity_contested:
        codes.append("identity_contested")
    return codes


def _exhausted(caps: Caps, request: AnyRequest, counts: Mapping[str, int] | None) -> bool:
    """Say whether what is asked for would go beyond a cap; what nobody counted is exhausted."""
    for unit, asked in _asked_for(request).items():
        cap = getattr(caps, unit)
        drawn = None if counts is None else counts.get(unit)
        if cap is not None and (drawn is None or drawn + asked > cap):
            return True
    return False


def _asked_for(request: AnyRequest) -> dict[str, int]:
    """Return how much of each unit a request draws: a run its epochs, a shot itself, its one take and its seconds."""
    if not isinstance(request, Request):
        return {"training_epochs": request.epochs}
    return {"shots": 1, "seconds": request.seconds, "draft_takes": 1}


def _withdrawn(grant: Grant, at_s: int, act: str) -> bool:
    return any(acts & ACTS.mask((act,)) and from_s <= at_s for acts, from_s in grant.withdrawn)


def _may_finish(grant: Grant, request: AnyRequest, act: str) -> bool:
    """A withdrawn grant still carries what it was cleared for, where its own tail says `finish`."""
    if not isinstance(request, Request) or request.kind != "release":
        return False
    return grant.digest in request.rests_on and grant.tail.get(act) == "finish"


def _is_sold_off(grant: Grant, request: AnyRequest, act: str) -> bool:
    """After a licence has ended, it serves a new use of what was released under it, and nothing else."""
    if not isinstance(request, Request) or request.kind != "use" or act != "distribute":
        return False
    return not {grant.digest, grant.account}.isdisjoint(request.rests_on)


def dialogue_fails(grant: Grant, shown: ByPerformer | None, aspects: int) -> bool:
    """Say whether the words to be spoken go beyond the grant; asked only where the voice is taken."""
    if not aspects & VOICE or grant.dialogue is None or grant.dialogue.kind == "any":
        return False
    wanted = None if shown is None else shown.dialogue
    if wanted is None or wanted.kind == "none":
        return wanted is None
    if grant.dialogue.kind == "none":
        return True
    return wanted.kind not in _SCRIPTED or wanted.script_sha256 != grant.dialogue.script_sha256


def shortfall(grant: Grant, wanted: Scope) -> list[Code]:
    """
    Return why the boxes of a grant fall short of a wanted one, in the order of codes: the dimensions of the best box,
    what was taken away from it, and where the licences above fall short.
    """
    boxes = grant.stated or grant.scopes
    found = [_shortfall_of(box, wanted) for box in boxes] + [_unopened(box, wanted) for box in grant.unopened]
    best: list[Code] = min(found, key=lambda codes: (len(codes), _places(codes)), default=["expired"])
    codes = {*best, *(code for box, code in grant.barred if touches(box, wanted))}
    for link in grant.under:
        codes.update(shortfall(link, wanted))
    return sorted(codes, key=ORDER.__getitem__)


def _unopened(box: Scope, wanted: Scope) -> list[Code]:
    """The window of such a box means nothing yet."""
    within = replace(box, start_s=wanted.start_s, end_s=wanted.end_s)
    return ["not_started", *_shortfall_of(within, wanted)]


def _places(codes: list[Code]) -> list[int]:
    return [ORDER[code] for code in codes]


def _shortfall_of(box: Scope, wanted: Scope) -> list[Code]:
    codes: list[Code] = []
    if box.end_s <= wanted.start_s:
        codes.append("expired")
    elif box.start_s >= wanted.end_s or (box.start_s > wanted.start_s and box.end_s >= wanted.end_s):
        codes.append("not_started")
    elif box.start_s > wanted.start_s or box.end_s < wanted.end_s:
        codes.append("window_not_covered")
    codes += [code for name, code in _DIMENSIONS if getattr(wanted, name) & ~getattr(box, name)]
    if not box.all_projects and not wanted.projects <= box.projects:
        codes.append("project_not_covered")
    if wanted.depicts & ~box.depicts or wanted.scene & ~box.scene:
        codes.append("content_not_covered")
    return sorted(codes, key=ORDER.__getitem__)
