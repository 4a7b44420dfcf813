"""
Train the starter network from a pack: `python -m generation.video.train PACK --out DIR [--steps N] [--resume]`.

Runs on a bare machine that has torch, numpy and safetensors. Leaves in DIR, each written whole:
`weights.safetensors` (the averaged network, bfloat16), `training.json` (what they were made from and how it went), and
`checkpoint.safetensors`, from which `--resume` goes on exactly where the run stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from generation.video.config import Config
from generation.video.files import write_atomically
from generation.video.pack import Pack, load_pack
from generation.video.trainer import Plan, Trainer

Say = Callable[[str], None]
LOG_LINES = 40  # of the log that training.json keeps


def train(
    pack: Pack,
    *,
    out: Path,
    plan: Plan,
    config: Config,
    device: torch.device,
    resume: bool = False,
    minutes: float = math.inf,
    say: Say = print,
) -> bytes:
    """
    Train, leave the three files under `out`, and return the weights' bytes.

    Stops at the plan's steps, or at a step's end when `minutes` are over. Raises ValueError when the checkpoint to
    resume is of another pack, config, seed or batch.
    """
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(pack, config, plan, device)
    log: list[dict[str, float]] = []
    if resume and (out / "checkpoint.safetensors").exists():
        trainer.resume(out / "checkpoint.safetensors")
        log = [line for line in json.loads((out / "log.json").read_text()) if line["step"] <= trainer.step]
    before = log[-1]["minutes"] if log else 0.0
    started, errors = time.monotonic(), []
    while trainer.step < plan.steps and time.monotonic() - started < minutes * 60:
        errors.append(trainer.take_step())
        if trainer.step % plan.report_every == 0:
            spent = before + (time.monotonic() - started) / 60
            psnr = 10 * math.log10(4 / (sum(errors) / len(errors)))
            log.append({"step": trainer.step, "minutes": round(spent, 2), "psnr": round(psnr, 3)})
            say(f"step {trainer.step}/{plan.steps}  {spent:.1f} min  {psnr:.2f} dB")
            errors = []
        if trainer.step % plan.checkpoint_every == 0:
            _leave(trainer, out, log)
    return _leave(trainer, out, log)


def _leave(trainer: Trainer, out: Path, log: list[dict[str, float]]) -> bytes:
    weights = trainer.weights()
    trainer.save(out / "checkpoint.safetensors")
    write_atomically(out / "log.json", json.dumps(log).encode())
    write_atomically(out / "weights.safetensors", weights)
    told = json.dumps(account(trainer, weights, log), indent=1, sort_keys=True) + "\n"
    write_atomically(out / "training.json", told.encode())
    return weights


def account(trainer: Trainer, weights: bytes, log: list[dict[str, float]]) -> dict[str, Any]:
    """What the weights were made from, and how it went."""
    pack, plan = trainer.pack, trainer.plan
    kept = log[:: max(1, math.ceil(len(log) / LOG_LINES))]
    return {
        "v": 1,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "pack_sha256": pack.sha256,
        "assets": sorted([*(p.sha256 for p in pack.plates), *(s.sha256 for s in pack.sheets)]),
        "config": trainer.config.to_dict(),
        "steps": trainer.step,
        "planned_steps": plan.steps,
        "batch": plan.batch,
        "seed": plan.seed,
        "minutes": log[-1]["minutes"] if log else 0.0,
        "torch": torch.__version__,
        "log": [*kept, *([log[-1]] if log and log[-1] not in kept else [])],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="train the starter network from a pack")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1400)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    plan = Plan(steps=args.steps, batch=args.batch, seed=args.seed)
    train(
        load_pack(args.pack), out=args.out, plan=plan, config=Config.starter(), device=torch.device(args.device),
        resume=args.resume, minutes=args.minutes, say=lambda line: print(line, flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main()
