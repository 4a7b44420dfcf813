"""Training: exact when resumed, honest about what it was made from, and never fooled by another file."""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from generation.video.config import Config
from generation.video.files import told_by, write_atomically
from generation.video.network import Network
from generation.video.pack import read_pack
from generation.video.tasks import TASKS
from generation.video.train import train
from generation.video.trainer import Plan
from generation.video.weights import Provenance, read_weights, write_weights
from library.draw import fresh_pack

torch.set_num_threads(1)  # small tensors: threads would only wait for each other

CPU = torch.device("cpu")
PACK = read_pack(fresh_pack(33_000, performers=2, hours=("day",)))
CONFIG = Config.tiny()
PLAN = Plan(steps=4, batch=2, seed=7, warmup=2, checkpoint_every=2, report_every=1)


def silent(_: str) -> None:
    """Say nothing."""


def run(out: Path, plan: Plan = PLAN, *, minutes: float = 1e9, resume: bool = False) -> bytes:
    return train(PACK, out=out, plan=plan, config=CONFIG, device=CPU, minutes=minutes, resume=resume, say=silent)


def test_a_stopped_and_resumed_run_ends_in_the_same_bytes(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    taken = iter(range(10))

    def stop_after_three(_: str) -> None:
        if next(taken) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(PACK, out=tmp_path / "parts", plan=PLAN, config=CONFIG, device=CPU, say=stop_after_three)
    assert told_by((tmp_path / "parts" / "checkpoint.safetensors").read_bytes())["step"] == 2
    assert run(tmp_path / "parts", resume=True) == whole
    log = json.loads((tmp_path / "parts" / "log.json").read_text())
    assert [line["step"] for line in log] == [1, 2, 3, 4]


def test_a_run_tells_what_it_was_made_from(tmp_path: Path) -> None:
    weights = run(tmp_path)
    told = json.loads((tmp_path / "training.json").read_text())
    assert told["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert told["assets"] == sorted(art.sha256 for art in (*PACK.plates, *PACK.sheets))
    assert (told["steps"], told["pack_sha256"]) == (4, PACK.sha256)
    assert read_weights(weights)[1] == Provenance(pack_sha256=PACK.sha256, steps=4, seed=7)


def test_training_learns(tmp_path: Path) -> None:
    run(tmp_path, Plan(steps=16, batch=2, seed=7, warmup=4, checkpoint_every=16, report_every=4))
    log = json.loads((tmp_path / "log.json").read_text())
    assert log[-1]["psnr"] > log[0]["psnr"]


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    run(tmp_path, Plan(steps=1, batch=2, seed=7))
    with pytest.raises(ValueError, match="another run"):
        run(tmp_path, Plan(steps=2, batch=2, seed=8), resume=True)


def test_weights_come_back_as_the_network_they_were() -> None:
    torch.manual_seed(1)
    network = Network(CONFIG)
    provenance = Provenance(pack_sha256="ab" * 32, steps=3, seed=7)
    data = write_weights(network, provenance)
    assert data == write_weights(network, provenance)
    back, told = read_weights(data)
    assert told == provenance
    for name, parameter in network.state_dict().items():
        assert torch.equal(back.state_dict()[name], parameter.bfloat16().float()), name


def test_what_is_no_weights_file_is_refused() -> None:
    data = write_weights(Network(CONFIG), Provenance(pack_sha256="ab" * 32, steps=3, seed=7))
    read_weights(data)
    for bad in (b"", b"\x80\x04pickled", data[: len(data) // 2], fresh_pack(33_000, performers=1, hours=("day",))):
        with pytest.raises(ValueError, match=r"no weights|no tensor file"):
            read_weights(bad)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["log.json"]


def test_the_tasks_share_all_clips_between_them() -> None:
    assert sum(share for share, _ in TASKS) == pytest.approx(1)
