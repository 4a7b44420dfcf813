"""
What may I use for this, where, when? One page of an answer over everything a party may ask about.

1. Subjects are gone through in the order of kind and id, as many at a time as a sheet takes, each by the algebra, until
   the page is full or ``MAX_LOOKED`` were looked at; then the cursor says where to go on.
2. In brief, where a whole window is to be covered for every project, one set-based pass settles what single grants
   cover, for every act asked; only the rest is looked at. (A project brings its own law, agreement and policies.)

Both ways give the same subjects. Reads only, but for the sheets it leaves; the answer binds nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent.core.ages import SEXUAL
from consent.core.available import Availability, Gap, Mode, Question, available, gaps, matching, request_for
from consent.selectors.available import Wanted, covered
from consent.selectors.visible import Kind, visible_after
from consent.services.selecting import broken_facts
from consent.services.sheets import SHEET_SUBJECTS, Looked, look_at
from registry.core.stretches import Window
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s, whole_second
from registry.locks import clock

MAX_LOOKED: Final = 4 * SHEET_SUBJECTS  # by the algebra, for one page: about a second
BATCH: Final = 1_024  # ids read at a time

Place = tuple[Kind, str]  # where a page ended: every subject up to here is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A question, and which answers are wanted."""

    question: Question
    window: Window
    mode: Mode
    min_s: int
    kinds: tuple[Kind, ...]  # in the order in which they are gone through
    with_gaps: bool  # tell also of what does not answer, and why
    brief: bool  # ids alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One subject: the stretches that answer, what stands in the way in the rest of the window, and when it ends."""

    kind: Kind
    id: str
    stretches: tuple[Window, ...] = ()
    gaps: tuple[Gap, ...] = ()
    expires_s: int | None = None  # of what is available in the window or next after its start


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    answers: tuple[Answer, ...]
    next: Place | None


def find_available(search: Search, *, viewer: str, after: Place | None, limit: int) -> Page:
    """Return the next answers, in the order of kind and id. Runs its own transactions."""
    settled = {kind: _settled(search, kind) for kind in search.kinds}
    answers: list[Answer] = []
    looked, place = 0, after
    for kind, chunk in _chunks(search, viewer, after):
        rest = [ident for ident in chunk if ident not in settled[kind]]
        if looked and looked + len(rest) > MAX_LOOKED:
            return Page(answers=tuple(answers), next=place)
        looked += len(rest)
        told = _look(search, kind, rest)
        for ident in chunk:
            answer = told.get(ident) if ident in rest else Answer(kind=kind, id=ident)
            answers += [answer] if answer is not None else []
            place = (kind, ident)
            if len(answers) == limit:
                return Page(answers=tuple(answers), next=place)
    return Page(answers=tuple(answers), next=None)


def _chunks(search: Search, viewer: str, after: Place | None) -> Iterator[tuple[Kind, Sequence[str]]]:
    """Go through what a viewer may ask about, from a place on, as many at a time as a sheet takes."""
    for kind in search.kinds:
        last = after[1] if after is not None and after[0] == kind else ""
        if after is not None and search.kinds.index(after[0]) > search.kinds.index(kind):
            continue
        while batch := visible_after(kind, last, viewer=viewer, for_=search.question.for_, count=BATCH):
            for start in range(0, len(batch), SHEET_SUBJECTS):
                yield kind, batch[start : start + SHEET_SUBJECTS]
            last = batch[-1]


def _look(search: Search, kind: Kind, idents: Sequence[str]) -> dict[str, Answer]:
    """Ask the algebra for each of these; leave out what does not answer."""
    if not idents:
        return {}
    own = {"assets": idents} if kind == "asset" else {"performers": idents}
    looked = look_at(search.question.for_, project=search.question.project, **own)
    found = {ident: _answer(search, kind, ident, looked) for ident in idents}
    return {ident: answer for ident, answer in found.items() if answer is not None}


def _answer(search: Search, kind: Kind, ident: str, looked: Looked) -> Answer | None:
    found = available(search.question, looked.facts, looked.at, kind=kind, ident=ident)
    if found is None:
        return None
    stretches = matching(found, search.mode, search.window, search.min_s)
    if not stretches and not search.with_gaps:
        return None
    if search.brief:
        return Answer(kind=kind, id=ident)
    return Answer(
        kind=kind,
        id=ident,
        stretches=stretches,
        gaps=_gaps(search, found, looked),
        expires_s=found.expires_s(search.window[0]),
    )


def _gaps(search: Search, found: Availability, looked: Looked) -> tuple[Gap, ...]:
    return gaps(search.question, looked.facts, looked.at, found=found, window=search.window)


def _settled(search: Search, kind: Kind) -> frozenset[str]:
    """Return what the set-based pass says is covered for every act; nothing where more than coverage is asked."""
    question = search.question
    plain = search.brief and search.mode == "cover_entirely" and not search.with_gaps
    lasts = search.window[1] - search.window[0] >= search.min_s
    content = question.depicts | question.scene
    if not plain or not lasts or content & SEXUAL or question.role is not None or question.project is not None:
        return frozenset()
    at_s = to_epoch_s(whole_second(clock()))
    return frozenset.intersection(*(_covered(search, act, kind, at_s) for act in ACTS.names(question.acts)))


def _covered(search: Search, act: str, kind: Kind, at_s: int) -> frozenset[str]:
    question = search.question
    shown = None if act == "train" else question.shown
    broken = broken_facts(request_for(question, act, ()), act=act, at_s=at_s, project=None, shown=shown)
    if broken is None:
        return frozenset()
    aspects = question.of_performers | (question.of_assets if kind == "asset" else 0)
    wanted = Wanted(
        requester=question.for_,
        box=question.box(act, aspects, search.window),
        broken=broken,
        replica_use=None if shown is None else shown.replica_use,
    )
    return covered(wanted, kind=kind)
