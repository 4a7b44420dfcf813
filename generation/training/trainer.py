"""
Run the numeric loop in a process of its own: `python -m generation.video.train`.

It is given a pack and a folder, and nothing else of ours: no database, no keys, no settings. Its lines are handed on as
they come. Left out: whether the run is allowed, and what becomes of the weights.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from registry.core.errors import DomainError

WEIGHTS_FILE = "weights.safetensors"
MAX_STEPS = 10_000_000
PLANNED_STEPS, BATCH = 1_400, 4  # what ``generation.video.train`` does unless told otherwise
SAMPLES_A_CLIP = 3  # at most: a background, a figure, a motion
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "OMP_WAIT_POLICY",
)


class TrainerFailed(DomainError):
    """The trainer's process ended with an error; its own words went to the terminal."""

    code = "trainer_failed"
    status = 500

    def __init__(self, *, exit_status: int) -> None:
        super().__init__(f"the trainer ended with status `{exit_status}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How to train: at most so many steps and minutes, from the last checkpoint or anew."""

    out: Path
    steps: int | None = None
    minutes: float | None = None
    threads: int | None = None
    resume: bool = False

    def epochs(self, samples: int) -> int:
        """Return how often the run reads each of so many samples, at most: a clip of a batch shows several."""
        steps = PLANNED_STEPS if self.steps is None else self.steps
        return max(1, -(-steps * BATCH * SAMPLES_A_CLIP // samples))

    def arguments(self, pack: Path) -> list[str]:
        """Write the arguments of ``generation.video.train``."""
        given = {"--steps": self.steps, "--minutes": self.minutes, "--threads": self.threads}
        told = [word for name, value in given.items() if value is not None for word in (name, str(value))]
        return [str(pack), "--out", str(self.out), *told, *(["--resume"] if self.resume else [])]


def run_trainer(pack: Path, run: Run, *, root: Path, say: Callable[[str], None]) -> bytes:
    """Train from a pack and return the weights' bytes; ``root`` holds our packages. Raises ``TrainerFailed``."""
    command = [sys.executable, "-m", "generation.video.train", *run.arguments(pack)]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # it was asked for
        for line in process.stdout:
            say(line.rstrip("\n"))
    if process.returncode != 0:
        raise TrainerFailed(exit_status=process.returncode)
    return (run.out / WEIGHTS_FILE).read_bytes()
