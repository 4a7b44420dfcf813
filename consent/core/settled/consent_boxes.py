"""
The boxes of one consent, as they stand: what events, ages, deaths and signatures leave of what was written.

1. Windows that follow events, as known now.
2. Until the cooling-off is over nothing is made: only scanning and storing may begin.
3. Copies are kept no longer than `retention_until`.
4. What somebody else signed in the person's name never trains, and shows neither nudity nor sexual content.
5. A consent for somebody under age ends at majority, unless it says that it continues, or was ratified.
6. It ends with the person's death, unless it says that it survives it.
7. A node in `future_projects` stands for its descendants too, those registered later included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from consent.core.ages import SEXUAL
from consent.core.record import Consent
from registry.core.events import Happened, Timed, box_of, resolve_all
from registry.core.scope import FOREVER_S, Scope
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s

KEPT = ACTS.mask(("scan", "store"))
TRAINED = ACTS.mask(("train", "finetune"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of one consent's performer, signature and projects."""

    happened: Happened
    issued_s: int
    in_person: bool  # the performer's own key signed
    majority_s: int | None  # when it ends because the performer comes of age
    died_s: int | None  # when it ends because the performer died
    below: Mapping[str, frozenset[str]]  # project -> its known descendants


def boxes_of(consent: Consent, known: Circumstances) -> tuple[Scope, ...]:
    """Return what of a consent's boxes stands."""
    boxes: Iterable[Scope] = resolve_all(consent.scopes, known.happened, known.issued_s)
    if consent.cooling_off_until is not None:
        boxes = _between(boxes, ~KEPT, start_s=to_epoch_s(consent.cooling_off_until))
    if consent.retention_until is not None:
        boxes = _between(boxes, KEPT, end_s=to_epoch_s(consent.retention_until))
    if not known.in_person:
        boxes = _signed_for(boxes)
    ends_s = min((end for end in (known.majority_s, known.died_s) if end is not None), default=None)
    if ends_s is not None:
        boxes = _between(boxes, ACTS.all, end_s=ends_s)
    if consent.future_projects:
        boxes = [_with_later_projects(box, consent.future_projects, known.below) for box in boxes]
    return tuple(dict.fromkeys(boxes))


def unopened(consent: Consent, happened: Happened) -> tuple[Scope, ...]:
    """Return the boxes whose start has not happened; their windows mean nothing."""
    return tuple(box_of(scope) for scope in consent.scopes if isinstance(scope, Timed) and not scope.started(happened))


def _between(boxes: Iterable[Scope], acts: int, *, start_s: int = 0, end_s: int = FOREVER_S) -> list[Scope]:
    """Cut the windows of some acts, and leave those of the others."""
    cut = []
    for box in boxes:
        within, others = box.acts & acts, box.acts & ~acts
        first, last = max(box.start_s, start_s), min(box.end_s, end_s)
        if others:
            cut.append(replace(box, acts=others))
        if within and first < last:
            cut.append(replace(box, acts=within, start_s=first, end_s=last))
    return cut


def _signed_for(boxes: Iterable[Scope]) -> list[Scope]:
    """Leave what somebody else's signature may allow."""
    return [
        replace(box, acts=box.acts & ~TRAINED, depicts=box.depicts & ~SEXUAL, scene=box.scene & ~SEXUAL)
        for box in boxes
        if box.acts & ~TRAINED
    ]


def _with_later_projects(box: Scope, nodes: frozenset[str], below: Mapping[str, frozenset[str]]) -> Scope:
    later = frozenset().union(*(below.get(node, frozenset()) for node in nodes & box.projects))
    return replace(box, projects=box.projects | later) if later else box
