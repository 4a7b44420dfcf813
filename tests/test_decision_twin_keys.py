"""
Decisions from signed envelopes agree with their slow twins where something happened to somebody's keys.

Keys that others brought back, keys that were in other hands, persons who were erased: first whose word each statement
is, then what is allowed, in both readings. ``DECISION_CASES`` sets how many cases are compared, as in
``tests/test_decision_twin_told.py``; each costs some three times as much, since all of it is signed.
"""

import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

from consent.core.decision import decide
from consent.core.facts import facts_from
from consent.core.request import parse_request
from consent.core.settled.read import Read
from consent.core.settled.reading import read_all
from consent.core.vouched import Vouched
from registry.core.envelope import Envelope
from tests.decision_cases_keys import told_with_keys
from tests.decisions import AT
from tests.reference_answers import Verdict
from tests.reference_signers import NARROWS, Signers, letters_of
from tests.reference_statements import verdict
from tests.reference_turns import turns_of
from tests.test_decision_twin_told import AT_S, agree, nights
from tests.told_signed import Sent

CASES = int(os.environ.get("DECISION_CASES", "20000")) // 20
NIGHTLY_CASES = 50_000
RARE = 0.2  # each outcome must be more frequent than this
SELDOM = 0.01  # and so must each thing that may become of a statement, or of a key


def compare(sent: Sent) -> Counter[str]:
    """Compare one case; return what occurred in it."""
    envelopes, vouched, request = [*sent.envelopes().values()], sent.vouched(), sent.request()
    letters = letters_of(envelopes, vouched.indices)
    twin = Signers(letters, vouched)
    reads = _signed_alike(envelopes, vouched, twin)
    said = verdict(request, twin.reads(), vouched, AT_S)
    moments = turns_of(twin.reads(), vouched)
    seen = _seen(twin, reads)
    if twin.bear_keys_of_the_erased():
        other = Signers(letters, vouched, believing=True)
        _signed_alike(envelopes, vouched, other)
        believed = verdict(request, other.reads(), vouched, AT_S)
        seen["believed: refuses more"] += said.cleared and not believed.cleared
        seen["not believed: refuses more"] += believed.cleared and not said.cleared
        said = _both(said, believed)
        seen["read both ways"] += 1
    decision = decide(parse_request(request), facts_from(envelopes, vouched), AT)
    agree(decision, said, moments, sent.bars(), sent.tale.damage)
    seen["cleared" if said.cleared else "refused"] += 1
    seen.update({f"{name}: {'cleared' if said.cleared else 'refused'}" for name in sent.tale.damage[-3:]})
    return seen


def _signed_alike(envelopes: list[Envelope], vouched: Vouched, twin: Signers) -> dict[str, Read]:
    """Compare whose word each statement is, and return the statements as they were read."""
    reads = {read.digest: read for read in read_all(envelopes, vouched, believing=twin.believing)}
    for letter in twin.letters:
        read = reads[letter.digest]
        assert read.signers == twin.of(letter), (letter, read.signers)
        assert read.suspect == twin.suspect(letter), letter
        assert read.authorised == (letter.issuer in twin.of(letter)), letter
    return reads


def _both(one: Verdict, other: Verdict) -> Verdict:
    """A use has to be allowed by both readings; what it rests on is what the first says."""
    return Verdict(
        refusals=one.refusals | other.refusals,
        missing=one.missing | other.missing,
        barred=one.barred | other.barred,
        grounds=one.grounds,
        pending=one.pending | other.pending,
    )


def _seen(twin: Signers, reads: dict[str, Read]) -> Counter[str]:
    """Say what became of keys and statements, so that a case that shows nothing is noticed."""
    seen: Counter[str] = Counter()
    for letter in twin.letters:
        if letter.type == "key.added" and letter.issuer != letter.body["party"]:
            ripe = twin.ripe(letter)
            seen["recovery counts" if ripe is not None else "recovery counts for nothing"] = 1
            held_back = ripe is not None and ripe > letter.issued_at.timestamp() + 7 * 86_400
            seen["recovery held back by a dispute"] |= held_back
        keys = [keyid for keyid in letter.named if twin.bringer(keyid) is not None]
        lost = any(twin.stood(keyid, letter) and letter.place >= twin.lost_from(keyid) for keyid in keys)
        seen["under a lost key, permits"] |= lost and letter.type not in NARROWS
        seen["under a lost key, narrows"] |= lost and letter.type in NARROWS
        seen["under an erased key"] |= any(keyid in twin.erased for keyid in letter.named)
        green = any(not twin.stood(k, letter) and not twin.ends(k) and twin.bringer(k) != letter for k in keys)
        seen["under a key that is green, or not there yet"] |= green
    seen["somebody was erased"] |= any(letter.type == "erasure.done" for letter in twin.letters)
    seen["not the word of its issuer"] |= any(not read.authorised for read in reads.values())
    return +seen


def compare_many(cases: int, seed: str) -> Counter[str]:
    seen: Counter[str] = Counter()
    for number in range(cases):
        seen += compare(told_with_keys(random.Random(f"{seed} {number}")))
    assert min(seen["cleared"], seen["refused"]) > RARE * cases, seen
    return seen


OCCUR = (
    "recovery counts", "recovery counts for nothing", "recovery held back by a dispute", "under a lost key, permits",
    "under a lost key, narrows", "under an erased key", "under a key that is green, or not there yet",
    "somebody was erased", "not the word of its issuer", "read both ways", "not believed: refuses more",
    *(f"{what}: {how}" for what in ("recovered", "compromised", "erased") for how in ("cleared", "refused")),
)  # fmt: skip


def test_whose_word_each_statement_is_agrees_with_the_twin() -> None:
    """The first half alone, on few cases: what planted faults are tried on."""
    for number in range(60):
        sent = told_with_keys(random.Random(f"words {number}"))
        envelopes, vouched = [*sent.envelopes().values()], sent.vouched()
        letters = letters_of(envelopes, vouched.indices)
        for believing in (False, True):
            _signed_alike(envelopes, vouched, Signers(letters, vouched, believing=believing))


@pytest.mark.slow
def test_decisions_agree_with_their_twins_whatever_happened_to_keys() -> None:
    seen = compare_many(CASES, "keys")
    assert CASES < 500 or min(seen[what] for what in OCCUR) > SELDOM * CASES, seen


@pytest.mark.nightly
def test_decisions_agree_with_their_twins_whatever_happened_to_keys_in_many_cases() -> None:
    with ProcessPoolExecutor() as pool:
        seen = sum(pool.map(partial(compare_many, 5_000), nights(NIGHTLY_CASES)), Counter[str]())
    assert min(seen[what] for what in OCCUR) > SELDOM * NIGHTLY_CASES, seen
    assert seen["believed: refuses more"], seen
