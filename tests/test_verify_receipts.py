"""Receipts by themselves: checked against their statement, and carried over to a newer checkpoint of their log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generation.core.receipt import STEPS
from generation.core.resealed import STEPS as RESEAL_STEPS
from generation.verify.__main__ import main
from registry.core.checkpoint import Checkpoint, NoteSigner, Proof
from registry.core.entry import entry_of
from registry.core.envelope import Envelope, canonical, sign_statement
from tests.decision_bodies import id_of, key_of
from tests.records import signed
from tests.tile_logs import TileLog, entry

Capture = pytest.CaptureFixture[str]


def statement(number: int = 0) -> Envelope:
    return signed("key.added", {"party": id_of("ada"), "number": number}, "ada")


class Paper:
    """A statement in a log, with its receipt, as files."""

    def __init__(self, folder: Path, **log: Any) -> None:
        self.envelope = statement()
        self.log = TileLog(folder=folder / "log", **log)
        self.log.append([*(entry(number) for number in range(20)), entry_of(self.envelope), entry(21)])
        self.proof = self.log.proof(20)
        self.receipt, self.statement = folder / "receipt.tlog-proof", folder / "statement.json"
        self.statement.write_bytes(canonical(self.envelope.format()))
        self.receipt.write_bytes(self.proof.format())
        self.trust = self.log.write_trust(folder / "trust.json")
        self.made = folder / "new.tlog-proof"

    def checked(self, capsys: Capture, *more: str, trust: bool = True) -> dict[str, Any]:
        options = ("--trust", self.trust) if trust else ()
        code = main([str(self.receipt), "--envelope", str(self.statement), "--json", *options, *more])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert report["exit"] == code
        return report

    def resealed(self, capsys: Capture, *, trust: bool = True) -> dict[str, Any]:
        named = ["--envelope", str(self.statement), "--log", str(self.log.folder), "--out", str(self.made)]
        options = ("--trust", self.trust) if trust else ()
        code = main(["reseal", str(self.receipt), *named, "--json", *options])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert report["exit"] == code
        return report


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


def test_a_receipt_proves_its_statement_to_whoever_has_the_log_s_keys(paper: Paper, capsys: Capture) -> None:
    report = paper.checked(capsys)
    assert (report["kind"], report["exit"]) == ("receipt", 0)
    assert report["about"] == {"digest": paper.envelope.digest, "index": 20}
    assert "signatures" in [step["name"] for step in report["steps"] if step["outcome"] == "vouched"]


def test_the_answer_of_the_registry_serves_as_statement(paper: Paper, capsys: Capture) -> None:
    answer = {"digest": paper.envelope.digest, "envelope": paper.envelope.format(), "text": None}
    paper.statement.write_text(json.dumps(answer))
    assert paper.checked(capsys)["exit"] == 0


def test_a_receipt_names_no_keys_so_that_without_trust_it_is_consistent_at_best(paper: Paper, capsys: Capture) -> None:
    report = paper.checked(capsys, trust=False)
    outcomes = {step["name"]: step["outcome"] for step in report["steps"]}
    assert report["exit"] == 2
    assert (outcomes["inclusion"], outcomes["checkpoint"], outcomes["trust"]) == ("proven", "consistent", "consistent")


def test_the_kind_is_told_by_what_a_file_holds(paper: Paper, tmp_path: Path, capsys: Capture) -> None:
    paper.receipt = paper.receipt.rename(tmp_path / "paper.bin")
    assert paper.checked(capsys)["kind"] == "receipt"


Damage = Callable[[Paper], object]


def with_proof(**fields: Any) -> Damage:
    return lambda paper: paper.receipt.write_bytes(replace(paper.proof, **fields).format())


def of_another_statement(paper: Paper) -> None:
    paper.statement.write_bytes(canonical(statement(1).format()))


def signed_by_one_more(paper: Paper) -> None:
    """The log commits to the signatures too."""
    both = sign_statement(paper.envelope.payload, key_of("ada"), key_of("mallory"))
    paper.statement.write_bytes(canonical(both.format()))


def not_canonical(paper: Paper) -> None:
    loose = Envelope(payload=paper.envelope.payload + b" ", signatures=paper.envelope.signatures)
    paper.statement.write_bytes(canonical(loose.format()))


def under_a_stranger_s_checkpoint(paper: Paper) -> None:
    paper.log.key = "mallory"
    paper.log.sign(paper.log.edge.root)
    paper.receipt.write_bytes(paper.log.proof(20).format())


def under_another_root(paper: Paper) -> None:
    paper.log.sign(bytes(32))
    with_proof(checkpoint_text=(paper.log.folder / "checkpoint").read_text())(paper)


def falsely_cosigned(paper: Paper) -> None:
    witness = NoteSigner.witness("witness.example", key_of("witness"))
    paper.trust = paper.log.write_trust(Path(paper.trust), witnesses=[witness.key.format()], quorum=1)
    line = witness.signature(Checkpoint(origin="other", size=1, root=bytes(32)).format()).format()
    with_proof(checkpoint_text=f"{paper.proof.checkpoint_text}{line}\n")(paper)


DAMAGED: dict[str, tuple[Damage, str]] = {
    "not-canonical": (not_canonical, "statement"),
    "of-another-statement": (of_another_statement, "inclusion"),
    "signed-by-one-more": (signed_by_one_more, "inclusion"),
    "another-place": (with_proof(index=19), "inclusion"),
    "beyond-the-tree": (with_proof(index=22), "inclusion"),
    "no-hashes": (with_proof(hashes=()), "inclusion"),
    "extra": (with_proof(extra=b"trust me"), "inclusion"),
    "another-root": (under_another_root, "inclusion"),
    "stranger": (under_a_stranger_s_checkpoint, "checkpoint"),
    "false-cosignature": (falsely_cosigned, "witnesses"),
}


@pytest.mark.parametrize("attack", DAMAGED)
def test_damage_is_named_at_its_step(attack: str, paper: Paper, capsys: Capture) -> None:
    damage, step = DAMAGED[attack]
    damage(paper)
    assert (paper.checked(capsys)["failed"], paper.checked(capsys)["exit"]) == (step, 1)


def test_every_step_can_fail() -> None:
    assert {name for name, _ in STEPS} - {step for _, step in DAMAGED.values()} == {"trust"}


def test_no_byte_of_a_receipt_can_change(paper: Paper, capsys: Capture) -> None:
    whole = paper.receipt.read_bytes()
    for at in range(0, len(whole), 41):
        paper.receipt.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert main([str(paper.receipt), "--envelope", str(paper.statement), "--trust", paper.trust]) != 0, at
    capsys.readouterr()


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"c2sp.org/tlog-proof@v1\n", b"\xff" * 99, b"c2sp.org/tlog-proof@v2\nindex 1\n"],
    ids=["empty", "prose", "head", "noise", "another-version"],
)
def test_what_is_no_receipt_gets_one_sentence(data: bytes, paper: Paper, capsys: Capture) -> None:
    paper.receipt.write_bytes(data)
    assert main([str(paper.receipt), "--envelope", str(paper.statement)]) == 64
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("more", [[], ["--pin", "0" * 64, "--envelope", "s"], ["video.mp4", "--envelope", "s"]])
def test_a_receipt_takes_an_envelope_and_nothing_else(more: list[str], paper: Paper, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(paper.receipt), *more])
    assert stopped.value.code == 64
    assert "usage:" in capsys.readouterr().err


# --- Carried over ----------------------------------------------------------------------------------------------------


def test_an_old_receipt_is_carried_over_to_a_post_quantum_checkpoint_without_the_signer(
    tmp_path: Path, capsys: Capture
) -> None:
    """It was signed by Ed25519 alone; the log goes on with ML-DSA-44, and the trust of that day asks for both."""
    paper = Paper(tmp_path, signs=("ed25519",))
    paper.log.signs = ("ed25519", "mldsa44")
    paper.trust = paper.log.write_trust(tmp_path / "trust.json")
    assert paper.checked(capsys)["exit"] == 2
    paper.log.append([entry(number) for number in range(22, 900)])
    report = paper.resealed(capsys)
    assert (report["kind"], report["exit"]) == ("reseal", 0)
    assert Proof.parse(paper.receipt.read_bytes()).index == Proof.parse(paper.made.read_bytes()).index == 20
    paper.receipt = paper.made
    assert paper.checked(capsys)["exit"] == 0


def test_an_old_key_need_not_be_believed_any_more(tmp_path: Path, capsys: Capture) -> None:
    paper = Paper(tmp_path, key="old")
    paper.log.key = "log"
    paper.log.append([entry(number) for number in range(22, 300)])
    paper.trust = paper.log.write_trust(tmp_path / "trust.json")
    assert paper.checked(capsys)["failed"] == "checkpoint"
    assert paper.resealed(capsys)["exit"] == 0
    paper.receipt = paper.made
    assert paper.checked(capsys)["exit"] == 0


def test_a_receipt_of_today_is_carried_over_to_itself(paper: Paper, capsys: Capture) -> None:
    assert paper.resealed(capsys)["exit"] == 0
    assert paper.made.read_bytes() == paper.receipt.read_bytes()


def test_nothing_is_written_over(paper: Paper, capsys: Capture) -> None:
    paper.made.write_text("mine")
    named = ["--envelope", str(paper.statement), "--log", str(paper.log.folder), "--out", str(paper.made)]
    assert main(["reseal", str(paper.receipt), *named, "--trust", paper.trust]) == 64
    assert paper.made.read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def rewritten_history(paper: Paper) -> None:
    """The log signs a larger tree that does not begin with the old one."""
    after = [entry(number) for number in range(21, 90)]
    before = [entry(number) for number in (1_000, *range(1, 20))]
    TileLog(folder=paper.log.folder).append([*before, entry_of(paper.envelope), *after])


def rolled_back(paper: Paper) -> None:
    TileLog(folder=paper.log.folder).append([entry(number) for number in range(5)])


def broken_tile(paper: Paper) -> None:
    paper.log.append([entry(number) for number in range(22, 300)])
    (paper.log.folder / "tile/0/000").write_bytes(bytes(8192))


def withheld_tile(paper: Paper) -> None:
    paper.log.append([entry(number) for number in range(22, 300)])
    (paper.log.folder / "tile/0/000").unlink()


def stranger_s_log(paper: Paper) -> None:
    paper.log.key = "mallory"
    paper.log.append([entry(number) for number in range(22, 300)])


RESEAL_DAMAGED: dict[str, tuple[Damage, str]] = {
    "not-canonical": (not_canonical, "statement"),
    "of-another-statement": (of_another_statement, "old receipt"),
    "stranger": (stranger_s_log, "newer checkpoint"),
    "rewritten-history": (rewritten_history, "consistency"),
    "rolled-back": (rolled_back, "consistency"),
    "broken-tile": (broken_tile, "consistency"),
    "withheld-tile": (withheld_tile, "consistency"),
}


@pytest.mark.parametrize("attack", RESEAL_DAMAGED)
def test_what_is_not_consistent_is_not_carried_over(attack: str, paper: Paper, capsys: Capture) -> None:
    damage, step = RESEAL_DAMAGED[attack]
    damage(paper)
    report = paper.resealed(capsys)
    assert (report["failed"], report["exit"]) == (step, 1)
    assert not paper.made.exists()


def test_every_step_of_resealing_can_fail() -> None:
    left = {name for name, _ in RESEAL_STEPS} - {step for _, step in RESEAL_DAMAGED.values()}
    assert left == {"trust", "witnesses"}
