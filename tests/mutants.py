"""
Mutation tests of the core that decides: ``python -m tests.mutants`` (`make mutants`).

mutmut changes the deciding code one operator, constant or argument at a time and runs the tests that reach it; a change
that no test notices survives. Survivors are equivalent, or a test is missing.

1. Copy the checkout to ``var/mutants`` and tell mutmut there what to change and by which tests.
2. Run every mutant; with ``--sample`` one in ten, with ``--only`` those of some modules, with ``--keys`` those of what
   says whose word a statement is, with ``--around`` those of what the four call.
3. Fail where fewer than ``LEAST`` of all are noticed, where a survivor is not listed in ``mutants_survivors.md`` with
   the reason why it changes nothing, and where one that is listed is noticed after all or is no mutant any more.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
TREE = CHECKOUT / "var" / "mutants"
LISTED = CHECKOUT / "tests" / "mutants_survivors.md"
LEAST = 0.95  # of all mutants are noticed
LEAST_AROUND = 0.90  # where explanations of refusals are most of the code
NOTICED = {1, 3, 24, 36, 152, 255, -24, -11, -9}  # mutmut's exit codes: a test failed, ran out of time, or crashed
DECIDING = (
    "registry/core/scope.py",
    "registry/core/stretches.py",
    "registry/core/title.py",
    "consent/core/facts.py",
    "consent/core/decision.py",
)
AROUND = (  # what these call to decide; of its mutants only the share is looked at
    "consent/core/asked/asking.py",
    "consent/core/asked/asking_demands.py",
    "consent/core/asked/asking_people.py",
    "consent/core/asked/asking_titles.py",
    "consent/core/asked/conditions.py",
    "consent/core/asked/covering.py",
    "consent/core/asked/demands.py",
    "consent/core/settled/standing.py",
    "consent/core/settled/consents.py",
    "consent/core/settled/consent_boxes.py",
    "consent/core/settled/withdrawals.py",
    "consent/core/settled/licences.py",
    "consent/core/settled/chains.py",
    "consent/core/settled/exclusivity.py",
    "consent/core/settled/bars.py",
)
KEYS = (  # whose word a statement is, and whose a checkpoint
    "consent/core/settled/identities.py",
    "consent/core/settled/keyring.py",
    "consent/core/settled/reading.py",
    "consent/core/settled/recovering.py",
    "registry/core/passkey.py",
    "registry/core/quorum.py",
    "registry/core/recovery.py",
    "registry/core/resealing.py",
)
TESTS = (
    "tests/test_decision*.py",
    "tests/test_core_scope.py",
    "tests/test_core_box.py",
    "tests/test_core_note.py",
    "tests/test_core_passkey*.py",
    "tests/test_core_resealing.py",
    "tests/test_core_title.py",
    "tests/test_erasure_decision.py",
    "tests/test_laws_core.py",
)
SLOW = ("tests/test_decision_laws_told.py", "tests/test_decision_reading.py")  # what they notice others notice sooner
SOURCES = ("config", "consent", "generation", "registry", "web")
TWINNED = "400"  # random cases for the twins while they look for mutants
_NAME = re.compile(r"x_?ǁ?(?P<path>.+)__mutmut_\d+")
_LISTED = re.compile(r"^## (?P<function>\S+)\n+```diff\n(?P<diff>.*?)```\n(?P<why>.*?)(?=^## |\Z)", re.M | re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A change that no test notices: where, which lines it takes away, and which it puts in their place."""

    function: str
    taken: tuple[str, ...]
    put: tuple[str, ...]

    @classmethod
    def read(cls, function: str, diff: str) -> "Survivor":
        lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
        taken, put = (tuple(" ".join(line[1:].split()) for line in lines if line[:1] == sign) for sign in "-+")
        return cls(function=function, taken=taken, put=put)

    def __str__(self) -> str:
        changed = "".join(f"- {line}\n" for line in self.taken) + "".join(f"+ {line}\n" for line in self.put)
        return f"## {self.function}\n\n```diff\n{changed}```\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the mutants of one run fared."""

    run: int
    survivors: tuple[Survivor, ...]
    functions: frozenset[str]  # of which every mutant was run

    @property
    def noticed(self) -> float:
        return (self.run - len(self.survivors)) / self.run if self.run else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the mutants and print what survived; 0 where all is as listed."""
    options = argparse.ArgumentParser(prog="python -m tests.mutants")
    options.add_argument("--sample", action="store_true", help="one mutant in ten")
    options.add_argument("--only", nargs="+", default=[], metavar="MODULE", help="such as registry.core.title")
    options.add_argument("--keys", action="store_true", help="the modules that say whose word a statement is")
    options.add_argument("--around", action="store_true", help="the modules around the four that decide")
    given = options.parse_args(argv)
    group = AROUND if given.around else KEYS if given.keys else DECIDING
    modules = [f"{name.replace('.', '/')}.py" for name in given.only] or group
    began_s = time.monotonic()
    tests = sorted({str(path.relative_to(CHECKOUT)) for glob in TESTS for path in CHECKOUT.glob(glob)} - {*SLOW})
    prepare(TREE, CHECKOUT, modules, tests)
    run(TREE, ["*__mutmut_*7"] if given.sample else [])
    outcome = outcome_of(TREE, modules, whole=not given.sample)
    if given.around:
        problems = judge(outcome, outcome.survivors, least=LEAST_AROUND)
    else:
        problems = judge(outcome, read_listed(LISTED.read_text("utf-8")))
    took_s = time.monotonic() - began_s
    print(f"{outcome.run} mutants, {outcome.noticed:.1%} noticed, {len(outcome.survivors)} survived, {took_s:.0f} s")
    print("\n".join(problems))
    return 1 if problems else 0


def prepare(tree: Path, checkout: Path, modules: Iterable[str], tests: Iterable[str]) -> None:
    """Copy what the tests need, and say what to change."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    sources = [name for name in (*SOURCES, "tests", "docs", "library", "manage.py") if (checkout / name).exists()]
    for name in sources:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    packages = [name for name in sources if name in SOURCES]
    settings = {
        "source_paths": packages,
        "only_mutate": [*modules],
        "also_copy": [name for name in sources if name not in packages],
        "pytest_add_cli_args_test_selection": [*tests],
        "pytest_add_cli_args": ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not nightly"],
        "use_setproctitle": False,
        "timeout_constant": 5.0,
        "timeout_multiplier": 3.0,
    }
    toml = (checkout / "pyproject.toml").read_text("utf-8")
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (tree / "pyproject.toml").write_text(f"{toml}\n[tool.mutmut]\n{lines}")


def run(tree: Path, mutants: Iterable[str]) -> None:
    """Run mutmut in a tree; what it prints is of use where something went wrong."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}  # of a test
    environment = inherited | {"DECISION_CASES": TWINNED, "HYPOTHESIS_PROFILE": "usual"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1), *mutants]
    with (tree / "mutmut.log").open("w") as log:
        done = subprocess.run(command, cwd=tree, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode and not [*_metas(tree)]:
        sys.exit(f"mutmut failed: see {tree / 'mutmut.log'}")


def outcome_of(tree: Path, modules: Iterable[str], *, whole: bool) -> Outcome:
    """Read what became of each mutant."""
    ran: dict[str, int] = {}
    for module in modules:
        meta = tree / "mutants" / f"{module}.meta"
        codes = json.loads(meta.read_text("utf-8"))["exit_code_by_key"] if meta.exists() else {}
        ran |= {name: code for name, code in codes.items() if code is not None}
    survivors = [
        Survivor.read(function_of(name), _diff(tree, name)) for name, code in ran.items() if code not in NOTICED
    ]
    functions = frozenset(map(function_of, ran)) if whole else frozenset()
    return Outcome(run=len(ran), survivors=tuple(sorted(survivors, key=str)), functions=functions)


def function_of(mutant: str) -> str:
    """Return the dotted name of what a mutant changes: `consent.core.asked.asking.Asked.grantor`."""
    module, _, name = mutant.rpartition(".")
    found = _NAME.fullmatch(name)
    return f"{module}.{found['path'].replace('ǁ', '.').lstrip('.') if found else name}"


def judge(outcome: Outcome, listed: Collection[Survivor], *, least: float = LEAST) -> list[str]:
    """Return what is wrong: too few noticed, a survivor nobody listed, one that is listed and is none."""
    problems = []
    if not outcome.run:
        problems.append("no mutant was run")
    elif outcome.noticed < least:
        problems.append(f"only {outcome.noticed:.1%} were noticed, {least:.0%} are wanted")
    problems += [f"not listed:\n{survivor}" for survivor in outcome.survivors if survivor not in listed]
    problems += [
        f"listed, but no survivor:\n{survivor}"
        for survivor in listed
        if survivor.function in outcome.functions and survivor not in outcome.survivors
    ]
    return problems


def read_listed(text: str) -> list[Survivor]:
    """Read the survivors that are known, each with the reason why it changes nothing."""
    found = []
    for match in _LISTED.finditer(text):
        if not match["why"].strip():
            sys.exit(f"{match['function']} is listed without a reason")
        found.append(Survivor.read(match["function"], match["diff"]))
    return found


def _metas(tree: Path) -> Iterator[Path]:
    return (tree / "mutants").rglob("*.meta")


def _diff(tree: Path, name: str) -> str:
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mutmut", "show", name],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in shown.stdout.splitlines() if line.startswith(("-", "+")))


if __name__ == "__main__":
    sys.exit(main())
