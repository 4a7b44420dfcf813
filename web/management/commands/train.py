"""
``manage.py train``: train the starter engine on samples that are decided for `train`, and log the weights.

    manage.py train --out DIR [--steps N] [--minutes M] [--resume]   on the library's training split
    manage.py train --out DIR --asset ID --asset ID …                these assets instead
    manage.py train --out DIR --allowed                              leave out what may not be trained on, and say so
    manage.py train --export PACK                                    only the pack, for a machine without registry
    manage.py train --shipped                                        at set-up: take in the weights that are shipped

Ctrl-C reaches the trainer too, which has left a checkpoint; ``--resume`` decides anew and goes on from it. Nothing here
decides: see ``generation.services.training``.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.services import training
from generation.training.samples import Pairs, library_samples, samples_of
from generation.training.trainer import MAX_STEPS, Run
from registry.core.errors import DomainError


class Command(BaseCommand):
    help = "train the starter engine on samples that are decided for training, and log its weights"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--out", type=Path, metavar="DIR", help="train, and leave weights, checkpoint and log here")
        what.add_argument("--export", type=Path, metavar="PACK", help="write the training pack here, and do not train")
        what.add_argument("--shipped", action="store_true", help="take in the shipped weights")
        parser.add_argument(
            "--asset", action="append", default=[], metavar="ID", help="train on these, not the library"
        )
        parser.add_argument("--allowed", action="store_true", help="leave out samples that may not be trained on")
        parser.add_argument("--steps", type=int, metavar="N", help=f"stop at this step, at most {MAX_STEPS}")
        parser.add_argument("--minutes", type=float, metavar="M", help="stop after so many minutes")
        parser.add_argument("--threads", type=int, metavar="N", help="processor threads")
        parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["shipped"]:
                self._say(f"weights {training.ensure_shipped_weights()} are logged")
            elif options["export"] is not None:
                path = options["export"].resolve()
                self._export(self._samples(options, Run(out=path.parent)), path)
            else:
                run = _run(options)
                self._train(self._samples(options, run), run)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error}") from error

    def _samples(self, options: dict[str, Any], run: Run) -> Pairs:
        named = samples_of(options["asset"]) if options["asset"] else library_samples()
        return training.allowed(named, run=run, say=self._say) if options["allowed"] else named

    def _export(self, samples: Pairs, path: Path) -> None:
        exported = training.export(samples, path)
        manifest = exported.admitted.manifest
        self._say(f"{len(samples)} samples, root {manifest.root}, clearance {exported.admitted.clearance.digest}")
        self._say(f"pack {exported.pack_sha256} in {path}")

    def _train(self, samples: Pairs, run: Run) -> None:
        trained = training.train(samples, run, say=self._say)
        self._say(f"weights {trained.weights}, root {trained.manifest.root}, logged as {trained.statement}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _run(options: dict[str, Any]) -> Run:
    steps = options["steps"]
    if steps is not None and not 0 < steps <= MAX_STEPS:
        raise CommandError(f"--steps is 1 to {MAX_STEPS}")
    return Run(
        out=options["out"].resolve(),
        steps=steps,
        minutes=options["minutes"],
        threads=options["threads"],
        resume=options["resume"],
    )
