"""A log followed from its last verified checkpoint: what is believed, what is held against it, and what that proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import Checkpoint, Note, NoteSigner, VerifierKey, sign_checkpoint
from registry.core.errors import BadNote, DomainError
from registry.core.merkle import EMPTY_ROOT
from registry.core.times import to_epoch_s
from registry.watch.evidence import Evidence, ProvesNothing
from registry.watch.following import Followed, Watch
from registry.watch.signed import Keys, Seen
from tests.log_files import LOG_KEY, LOG_SIGNER, LOG_VKEY, ORIGIN, Files, entries, entry

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW_S = to_epoch_s(AT)
PQ_SIGNER = NoteSigner.of(ORIGIN, MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))))
KEYS = Keys(log=(LOG_VKEY,))
TIMED_KEYS = Keys(log=(LOG_VKEY, PQ_SIGNER.key))
WITNESSES = [
    NoteSigner.witness(f"witness{number}.example", Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
    for number in (1, 2, 3)
]
WATCHED = Keys(log=(LOG_VKEY,), witnesses=tuple(one.key for one in WITNESSES), quorum=2)


def log_of(size: int, *, world: str = "") -> Files:
    log = Files()
    log.grow(entries(size, world=world))
    return log


def follow(log: Files, last: Seen | None = None, *, keys: Keys = KEYS, at: datetime = AT) -> Followed:
    return Watch(source=log, keys=keys, at=at, remember={}.get).follow(last)


def seen(log: Files, keys: Keys = KEYS) -> Seen:
    return keys.open(log.files["checkpoint"])


def codes(found: Followed) -> list[str]:
    return [finding.code for finding in found.findings]


def evidence_of(found: Followed) -> Evidence:
    """The one piece of evidence, as it comes back from its file."""
    (evidence,) = [finding.evidence for finding in found.findings if finding.evidence]
    assert Evidence.parse(evidence.format()) == evidence
    return evidence


def signed_at(log: Files, time_s: int) -> Files:
    """The same log, its checkpoint signed by both keys at this time."""
    checkpoint = Checkpoint(origin=ORIGIN, size=log.edge.size, root=log.edge.root)
    note = sign_checkpoint(checkpoint, LOG_SIGNER, PQ_SIGNER, time_s=time_s)
    return replace(log, files=log.files | {"checkpoint": note})


def cosigned(log: Files, *signers: NoteSigner, time_s: int = NOW_S) -> Files:
    note = Note.parse(log.files["checkpoint"])
    note = note.signed_also(signer.signature(note.text, time_s=time_s) for signer in signers)
    return replace(log, files=log.files | {"checkpoint": note.format()})


# --- an honest log ----------------------------------------------------------------------------------------------------


def test_an_honest_log_is_followed_through_every_size_without_a_finding() -> None:
    log, last = Files(), None
    for step in (0, 1, 1, 3, 251, 0, 1, 300):
        log.grow(entries(log.edge.size + step)[log.edge.size :])
        found = follow(log, last)
        assert found.findings == ()
        assert found.seen is not None
        assert found.seen.size == log.edge.size
        last = found.seen
    assert last is not None
    assert list(found.tree.entries()) == entries(557)


def test_the_first_checkpoint_is_believed_only_with_the_tiles_that_lead_to_it() -> None:
    log = log_of(300)
    log.files["tile/0/001.p/44"] = bytes(44 * 32)
    assert codes(follow(log)) == ["bad_proof"]
    assert follow(log).seen is None
    del log.files["tile/0/001.p/44"]
    assert codes(follow(log)) == ["log_unreachable"]


# --- what is not believed ---------------------------------------------------------------------------------------------


def test_a_checkpoint_that_the_log_did_not_sign_is_not_believed() -> None:
    log, last = log_of(5), seen(log_of(3))
    forger = NoteSigner.of(ORIGIN, Ed25519PrivateKey.generate())
    for note in (log.signed(forger), b"garbage", log.files["checkpoint"][:-9], b""):
        found = follow(replace(log, files=log.files | {"checkpoint": note}), last)
        assert codes(found) == ["bad_note"]
        assert found.seen == last
        assert found.tree is not None


def test_a_checkpoint_of_another_log_is_refused_and_named() -> None:
    other = NoteSigner.of("other.example/log", LOG_KEY)
    foreign = sign_checkpoint(Checkpoint(origin="other.example/log", size=0, root=EMPTY_ROOT), other)
    found = follow(Files(files={"checkpoint": foreign}), seen(log_of(3)))
    assert codes(found) == ["other_origin"]
    assert "other.example/log" in str(found.findings[0].facts["problem"])
    lent = sign_checkpoint(Checkpoint(origin="other.example/log", size=0, root=EMPTY_ROOT), LOG_SIGNER)
    assert codes(follow(Files(files={"checkpoint": lent}))) == ["other_origin"]


def test_each_kind_of_key_that_is_known_of_the_log_must_have_signed() -> None:
    log = log_of(5)
    assert codes(follow(log, keys=TIMED_KEYS)) == ["bad_note"]
    assert codes(follow(signed_at(log, NOW_S), keys=TIMED_KEYS)) == []


def test_a_checkpoint_from_the_future_is_refused_and_reported() -> None:
    log = log_of(5)
    assert codes(follow(signed_at(log, NOW_S + 299), keys=TIMED_KEYS)) == []
    found = follow(signed_at(log, NOW_S + 301), keys=TIMED_KEYS)
    assert codes(found) == ["from_the_future"]
    assert found.seen is None
    evidence = evidence_of(found)
    assert not evidence.verify(TIMED_KEYS).proven, "when it was seen is the keeper's word"
    with pytest.raises(ProvesNothing):
        replace(evidence, seen_at=AT + timedelta(hours=1)).verify(TIMED_KEYS)


# --- witnesses --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_needs_as_many_witnesses_as_are_asked_for() -> None:
    log = log_of(5)
    stranger = NoteSigner.witness("stranger.example", Ed25519PrivateKey.generate())
    assert codes(follow(log, keys=WATCHED)) == ["quorum_missing"]
    assert codes(follow(cosigned(log, WITNESSES[0], stranger), keys=WATCHED)) == ["quorum_missing"]
    assert codes(follow(cosigned(log, WITNESSES[0], WITNESSES[2]), keys=WATCHED)) == []


def test_the_word_of_a_witness_whose_clock_runs_ahead_is_not_counted() -> None:
    log = cosigned(log_of(5), WITNESSES[0], time_s=NOW_S + 1000)
    assert codes(follow(cosigned(log, WITNESSES[1]), keys=WATCHED)) == ["quorum_missing"]
    found = follow(cosigned(log, *WITNESSES[1:]), keys=WATCHED)
    assert codes(found) == ["witness_ahead"]
    assert found.findings[0].grade == "notice"
    assert found.seen is not None


def test_witnesses_that_cosigned_both_sides_of_a_fork_are_named() -> None:
    last = seen(cosigned(log_of(5), WITNESSES[0], WITNESSES[1]), WATCHED)
    found = follow(cosigned(log_of(5, world="b"), WITNESSES[1], WITNESSES[2]), last, keys=WATCHED)
    assert codes(found) == ["fork"]
    assert evidence_of(found).verify(WATCHED).witnesses == {"witness2.example"}


# --- what is held against the log -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 255, 256, 300])
def test_two_trees_of_one_size_are_a_fork(size: int) -> None:
    last = seen(log_of(size))
    other = log_of(size, world="b")
    found = follow(other, last)
    assert codes(found) == ["fork"]
    assert found.seen == last
    assert evidence_of(found).verify(KEYS).proven
    without_tiles = Files(files={"checkpoint": other.files["checkpoint"]})
    assert codes(follow(without_tiles, last)) == ["fork"], "two signatures are enough"


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (4, 9), (255, 256), (256, 300), (256, 700), (300, 513)])
def test_a_larger_tree_with_another_beginning_is_proven_to_rewrite(old: int, new: int) -> None:
    last = seen(log_of(old))
    for changed in {0, old // 2, old - 1}:
        said = entries(new)
        said[changed] = entry(changed, world="b")
        log = Files()
        log.grow(said)
        found = follow(log, last)
        assert codes(found) == ["rewritten"]
        evidence = evidence_of(found)
        assert evidence.verify(KEYS).proven
        for forged in (
            replace(evidence, root=last.checkpoint.root),
            replace(evidence, root=None),
            replace(evidence, root=bytes(32)),
            replace(evidence, proof=evidence.proof[1:]),
            replace(evidence, later=log_of(new).files["checkpoint"]),
        ):
            with pytest.raises(ProvesNothing):
                forged.verify(KEYS)


def test_a_smaller_tree_is_a_rollback_which_alone_rests_on_the_keepers_word() -> None:
    last = seen(log_of(9))
    found = follow(log_of(5), last)
    assert codes(found) == ["rollback"]
    assert found.seen == last
    evidence = evidence_of(found)
    assert not evidence.verify(KEYS).proven
    with pytest.raises(ProvesNothing):
        replace(evidence, earlier=evidence.later, later=evidence.earlier).verify(KEYS)


def test_a_rollback_is_proven_where_the_logs_own_times_say_the_order() -> None:
    last = seen(signed_at(log_of(9), NOW_S - 4000), TIMED_KEYS)
    found = follow(signed_at(log_of(5), NOW_S), last, keys=TIMED_KEYS)
    assert codes(found) == ["rollback"]
    assert evidence_of(found).verify(TIMED_KEYS).proven
    stale = follow(signed_at(log_of(5), NOW_S - 8000), last, keys=TIMED_KEYS)
    assert codes(stale) == ["rollback"]
    assert not evidence_of(stale).verify(TIMED_KEYS).proven, "an old checkpoint served again was true once"


def test_a_smaller_tree_that_contradicts_is_proven_from_the_larger_ones_tiles_or_from_memory() -> None:
    large, small = log_of(300), log_of(5, world="b")
    last = seen(large)
    both = Files(files=large.files | {"checkpoint": small.files["checkpoint"]})
    found = follow(both, last)
    assert codes(found) == ["rewritten"]
    assert evidence_of(found).verify(KEYS).proven
    remembered = {5: seen(log_of(5))}
    found = Watch(source=small, keys=KEYS, at=AT, remember=remembered.get).follow(last)
    assert codes(found) == ["fork"]
    assert evidence_of(found).verify(KEYS).proven


def test_times_that_go_back_while_the_tree_grows_are_reported() -> None:
    log = log_of(5)
    last = seen(signed_at(log, NOW_S - 100), TIMED_KEYS)
    log.grow(entries(9)[5:])
    assert codes(follow(signed_at(log, NOW_S - 399), last, keys=TIMED_KEYS)) == [], "clocks of honest machines differ"
    found = follow(signed_at(log, NOW_S - 900), last, keys=TIMED_KEYS)
    assert codes(found) == ["backdated"]
    assert evidence_of(found).verify(TIMED_KEYS).proven


# --- what others were shown -------------------------------------------------------------------------------------------


def compared(own: Files, other: bytes) -> str | None:
    found = Watch(source=own, keys=KEYS, at=AT).follow(None)
    assert found.seen is not None
    assert found.tree is not None
    finding = Watch(source=own, keys=KEYS, at=AT).compare(other, found.tree, found.seen)
    if finding and finding.evidence:
        assert finding.evidence.verify(KEYS).proven
    return None if finding is None else finding.code


def test_a_log_that_shows_each_client_another_tree_is_found_out_where_two_compare() -> None:
    own = log_of(300)
    assert compared(own, log_of(300).files["checkpoint"]) is None
    assert compared(own, log_of(7).files["checkpoint"]) is None
    assert compared(own, log_of(300, world="b").files["checkpoint"]) == "fork"
    assert compared(own, log_of(7, world="b").files["checkpoint"]) == "rewritten"
    assert compared(own, log_of(400).files["checkpoint"]) == "ahead"
    whole = log_of(400, world="b")
    assert compared(replace(own, files=whole.files | own.files), whole.files["checkpoint"]) == "ahead"
    with pytest.raises(BadNote):
        compared(own, own.signed(NoteSigner.of(ORIGIN, Ed25519PrivateKey.generate())))


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_no_byte_of_a_file_of_evidence_can_be_changed_so_that_it_says_something_else() -> None:
    evidence = evidence_of(follow(log_of(9, world="b"), seen(log_of(5))))
    data = evidence.format()
    kept = data.index(b'"where"')
    for position in range(len(data)):
        damaged = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        try:
            changed = Evidence.parse(damaged)
            changed.verify(KEYS)
        except DomainError:
            continue
        # Place and moment are the keeper's own words, and no signature is over them.
        assert replace(changed, where=evidence.where, seen_at=evidence.seen_at) == evidence, position
    assert kept


def test_two_honest_checkpoints_prove_nothing_whatever_the_file_says() -> None:
    small, large = log_of(5).files["checkpoint"], log_of(9).files["checkpoint"]
    honest = Evidence(kind="fork", seen_at=AT, where="x", earlier=small, later=large)
    for kind in ("fork", "rewritten", "backdated", "rollback", "from_the_future"):
        for root in (None, log_of(5).edge.root, bytes(32)):
            with pytest.raises(ProvesNothing):
                replace(honest, kind=kind, root=root).verify(KEYS)
    with pytest.raises(ProvesNothing):
        replace(honest, later=None).verify(KEYS)


def test_evidence_against_another_log_or_by_a_forger_accuses_nobody() -> None:
    evidence = evidence_of(follow(log_of(5, world="b"), seen(log_of(5))))
    with pytest.raises(BadNote):
        evidence.verify(Keys(log=(VerifierKey.of("other.example", LOG_KEY),)))
    with pytest.raises(BadNote):
        replace(evidence, later=log_of(5).signed(NoteSigner.of(ORIGIN, Ed25519PrivateKey.generate()))).verify(KEYS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data.replace(b'"v":1', b'"v":2'),
        lambda data: data.replace(b'"fork"', b'"anything"'),
        lambda data: data.replace(b'"v":1', b'"v":1,"w":1'),
        lambda data: data.replace(b'"root":null,', b""),
        lambda data: b"x" * 1_000_000,
        lambda data: b"",
    ],
)
def test_a_file_of_another_form_is_no_evidence(damage) -> None:
    data = evidence_of(follow(log_of(5, world="b"), seen(log_of(5)))).format()
    assert damage(data) != data
    with pytest.raises(DomainError):
        Evidence.parse(damage(data))


def test_a_monitor_needs_the_keys_of_one_log_and_no_more_witnesses_than_there_are() -> None:
    for build in (
        lambda: Keys(log=()),
        lambda: Keys(log=(LOG_VKEY, VerifierKey.of("other.example", LOG_KEY))),
        lambda: Keys(log=(WITNESSES[0].key,)),
        lambda: Keys(log=(LOG_VKEY,), witnesses=(WITNESSES[0].key,), quorum=2),
        lambda: Keys(log=(LOG_VKEY,), witnesses=(LOG_VKEY,), quorum=1),
    ):
        with pytest.raises(BadNote):
            build()
