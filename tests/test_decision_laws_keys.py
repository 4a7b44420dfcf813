"""
Laws between two decisions on histories that differ in what happened to somebody's keys.

As in ``tests/test_decision_laws_told.py``, but from signed envelopes. Each law counts both outcomes and fails where
either is rare. What a law leaves out it says.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from consent.core.decision import Decision, decide
from consent.core.facts import facts_from
from consent.core.request import parse_request
from tests.decision_cases_damage import damaged
from tests.decision_cases_keys import compromised, erased, recovered
from tests.decision_cases_told import draw
from tests.decisions import AT, authority, id_of, keyid, public
from tests.reference_turns import turns_of
from tests.test_decision_laws_told import Missing, missing, refused, without_rules
from tests.told import FIRST
from tests.told_signed import Sent

CASES = 50
RARE = 0.2


def decided(sent: Sent) -> Decision:
    facts = facts_from(sent.envelopes().values(), sent.vouched())
    return without_rules(decide(parse_request(sent.request()), facts, AT))


def lacking(decision: Decision, *sents: Sent) -> Missing:
    """Return every point that is refused, told apart at every moment that any of the histories names."""
    moments = {moment for sent in sents for moment in turns_of(sent.tale.reads(), sent.tale.vouched())}
    return missing(decision, sorted(moments))


def histories(law: str) -> Iterator[tuple[Sent, random.Random, Decision]]:
    outcomes: Counter[bool] = Counter()
    for number in range(CASES):
        rng = random.Random(f"{law} {number}")
        sent = Sent(tale=damaged(rng) if rng.random() < 0.5 else draw(rng))
        before = decided(sent)
        outcomes[before.cleared] += 1
        yield sent, rng, before
    assert min(outcomes.values()) > RARE * CASES, outcomes


def again(sent: Sent) -> Sent:
    """Return the history with nothing sealed yet, so that more may happen in it."""
    return Sent(tale=replace(sent.tale, told=[*sent.tale.told]), keys={**sent.keys}, false={*sent.false})


def test_an_erasure_never_covers_anything() -> None:
    """Whoever is erased, a voucher or an agent, a performer or a holder: what was refused is refused."""
    effects = 0
    for sent, rng, before in histories("erased"):
        after = again(sent)
        erased(after, rng)
        decision = decided(after)
        assert before.cleared or not decision.cleared, sent.tale.damage
        lost = {subject for subject, _ in lacking(before, sent, after)} - {
            subject for subject, _ in lacking(decision, sent, after)
        }
        assert not lost, (sent.tale.damage, lost)
        effects += before.cleared and not decision.cleared
    assert effects > 2, effects


def test_a_recovery_by_itself_changes_nothing() -> None:
    """Neither the authority nor the key that it brings is anybody's consent; what the new key signs may be."""
    for sent, rng, before in histories("recovery"):
        after, who = again(sent), rng.choice(("ada", "gallery", "notary", "studio"))
        body = authority(who, "union", powers=["recover"], authority=id_of("a recovery"))
        after.tale.say("named", "authority.granted", who, body, issued_at=FIRST)
        added = {"party": id_of(who), "key": public(f"{who} new")}
        after.tale.say("brought", "key.added", "union", added, issued_at=FIRST)
        after.keys["brought"] = (f"{who} new", "union")
        decision = decided(after)
        said = [one.format() | {"facts_digest": "", "tree_size": 0} for one in (before, decision)]
        assert said[0] == said[1], sent.tale.damage


def test_whoever_loses_a_recovery_permits_nothing_by_its_key() -> None:
    """Of Ada: with the recovery gone, what only the new key signed covers nothing. What it withdrew is left out."""
    effects = 0
    for sent, rng, _ in histories("without the recovery"):
        with_it = again(sent)
        recovered(with_it, random.Random(f"ada {rng.random()}"))
        lost = [told for told in with_it.tale.told if told.name == "ada lost"]
        if not lost or any(told.type == "consent.revoked" for told in with_it.tale.told):
            continue
        before = decided(with_it)
        without = again(with_it)
        without.tale.told = [told for told in without.tale.told if told.name not in ("ada lost", "ada adds it too")]
        after = decided(without)
        assert before.cleared or not after.cleared, with_it.tale.damage
        effects += before.cleared and not after.cleared
    assert effects, effects


def test_a_loss_that_becomes_known_covers_nothing() -> None:
    """
    Of Ada's keys: what she says of them takes away what they permitted from there on, and nothing that they narrowed.

    Left out: whose loss sets others free, a holder of an exclusive licence or somebody who confirmed a namesake.
    """
    effects = 0
    for sent, rng, before in histories("lost"):
        after = again(sent)
        place = rng.randrange(len(sent.tale.told) + 1)
        body = {"party": id_of("ada"), "keyid": keyid("ada"), "compromised_from": place}
        after.tale.say("she says so", "key.revoked", "ada", body, logged=rng.random() < 0.5)
        decision = decided(after)
        assert lacking(before, sent, after) <= lacking(decision, sent, after), sent.tale.damage
        spared = {one for one in refused(before) - refused(decision) if one[0] != "approval_declined"}
        assert not spared, (sent.tale.damage, spared)  # who is not asked any more has not declined
        effects += before.cleared and not decision.cleared
    assert effects > 2, effects


def test_the_order_in_which_envelopes_are_read_never_matters() -> None:
    for sent, rng, _ in histories("order"):
        after = again(sent)
        for happening in (recovered, compromised, erased):
            happening(after, rng)
        envelopes, vouched, request = [*after.envelopes().values()], after.vouched(), parse_request(after.request())
        once = decide(request, facts_from(envelopes, vouched), AT)
        again_ = decide(request, facts_from(rng.sample(envelopes, len(envelopes)), vouched), AT)
        assert once == again_, after.tale.damage
