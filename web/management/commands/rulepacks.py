"""
The rule packs, from the command line; what a pack is stands in ``docs/rulepacks.md``.

    manage.py rulepacks list [--all] [--on 2027-01-31]
    manage.py rulepacks explain sag-aftra-2026/notice-48-hours
    manage.py rulepacks check [--folder DIR]

``list`` shows what is in force on a day, today by default. ``check`` loads every pack, checks it against the schema and
runs the golden cases: exit 0, or 1 with each fault by name. ``--folder`` checks packs that are not installed yet, such
as an edited copy. ``--language fr`` speaks French.
"""

import sys
from argparse import SUPPRESS, ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consent.core.golden import Case, Fault, check, read_cases
from consent.core.rulepacks import Rule
from consent.core.rules import Rules, installed, policy_text, read_packs
from registry.core.errors import DomainError

WORDS: Final = {
    "en": {
        "rule": "rule", "title": "title", "status": "status", "dates": "from – to", "verified": "verified by",
        "source": "source", "jurisdiction": "jurisdiction", "applies": "asked of", "reads": "facts it reads",
        "policy": "policy", "pack": "pack", "hash": "hash of all packs", "open": "open",
        "nobody yet": "nobody yet", "in_force": "in force", "pending": "pending", "off": "off",
        "golden": "cases", "passes": "passes", "refuses": "refuses", "spares": "spares", "not_asked": "not asked",
        "in_force_on": "{count} of {total} rules are in force on {day}",
        "sound": "sound: {total} rules, {cases} golden cases", "not_sound": "NOT SOUND: {count} faults",
    },
    "fr": {
        "rule": "règle", "title": "intitulé", "status": "état", "dates": "du – au", "verified": "vérifiée par",
        "source": "source", "jurisdiction": "ressort", "applies": "demandée à", "reads": "faits qu’elle lit",
        "policy": "texte", "pack": "recueil", "hash": "empreinte des recueils", "open": "sans terme",
        "nobody yet": "personne encore", "in_force": "en vigueur", "pending": "en attente", "off": "inactive",
        "golden": "cas", "passes": "passe", "refuses": "refuse", "spares": "épargne", "not_asked": "non demandée",
        "in_force_on": "{count} règles sur {total} sont en vigueur le {day}",
        "sound": "en ordre : {total} règles, {cases} cas types", "not_sound": "PAS EN ORDRE : {count} défauts",
    },
}  # fmt: skip
FILE_COLUMNS: Final = 160  # where the output is no terminal and its width is not known
COLOURS: Final = {"in_force": "green", "pending": "yellow", "off": "dim"}


class Command(BaseCommand):
    help = "list, explain and check the rule packs"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", choices=sorted(WORDS), default="en")
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="the rules in force on a day")
        listing.add_argument("--all", action="store_true", help="those that are not in force too")
        listing.add_argument("--on", type=date.fromisoformat, help="a day, 2027-01-31; today if not given")
        acts.add_parser("explain", help="one rule, its source and its cases").add_argument("rule")
        checking = acts.add_parser("check", help="schema and golden cases of every pack")
        checking.add_argument("--folder", type=Path, help="packs that are not installed")
        for act in (listing, checking, acts.choices["explain"]):
            act.add_argument("--language", choices=sorted(WORDS), default=SUPPRESS)  # before or after the act

    def handle(self, *args: Any, act: str, language: str, **options: Any) -> None:
        self._words = WORDS[language]
        self._console = Console(file=self.stdout, highlight=False, width=None if self.stdout.isatty() else FILE_COLUMNS)
        try:
            getattr(self, f"_{act}")(language=language, **options)
        except DomainError as error:
            raise CommandError(f"{error} ({error.code})") from error

    def _list(self, *, language: str, on: date | None, all: bool, **_: Any) -> None:  # noqa: A002  # the option's name
        rules = installed()
        day = on or timezone.now().astimezone(UTC).date()
        at_s = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        standing = rules.in_force(at_s)
        table = Table()
        for name in ("rule", "title", "status", "dates", "verified"):
            table.add_column(self._words[name], no_wrap=name in ("rule", "status", "dates"))
        for rule in rules.rules if all else standing:
            status = Text(self._words[rule.status], style=COLOURS[rule.status])
            table.add_row(rule.id, _title(rule, language), status, self._dates(rule), self._verifier(rule))
        self._console.print(table)
        self._say("in_force_on", count=len(standing), total=len(rules.rules), day=day.isoformat())

    def _explain(self, *, language: str, rule: str, **_: Any) -> None:
        found = installed().find(rule)
        table = Table.grid(padding=(0, 2))
        for name, text in (
            ("rule", found.id),
            ("title", _title(found, language)),
            ("status", self._words[found.status]),
            ("dates", self._dates(found)),
            ("jurisdiction", found.jurisdiction),
            ("source", found.source),
            ("verified", self._verifier(found)),
            ("applies", found.applies),
            ("reads", ", ".join(found.reads)),
            ("golden", self._cases(read_cases(read_packs())[found.id])),
            ("policy", policy_text(found)),
            ("hash", installed().sha256),
        ):
            table.add_row(Text(self._words[name], style="bold"), Text(text))
        self._console.print(table)

    def _check(self, *, folder: Path | None, **_: Any) -> None:
        files = read_packs() if folder is None else _read_folder(folder)
        rules, cases, faults = _checked(files)
        for fault in faults:
            self._console.print(Text(f"{fault.rule}: {fault.problem}", style="red"))
        if faults:
            self._say("not_sound", count=len(faults))
            sys.exit(1)
        self._say("sound", total=len(rules.rules), cases=sum(_count(case) for case in cases.values()))

    def _cases(self, case: Case) -> str:
        lines = [f"{self._words['passes']}: {_facts(case.passes)}"]
        for name in ("refuses", "spares", "not_asked"):
            lines += [f"{self._words[name]}: {_facts(flip)}" for flip in getattr(case, name)]
        return "\n".join(lines)

    def _verifier(self, rule: Rule) -> str:
        return self._words.get(rule.verified_by, rule.verified_by)

    def _dates(self, rule: Rule) -> str:
        first, last = rule.effective_from, rule.effective_to
        return f"{first or self._words['open']} – {last or self._words['open']}"

    def _say(self, sentence: str, **values: object) -> None:
        self._console.print(Text(self._words[sentence].format(**values)))


def _checked(files: dict[str, str]) -> tuple[Rules, dict[str, Case], list[Fault]]:
    rules, cases = Rules.load(files), read_cases(files)
    return rules, cases, check(rules, cases)


def _read_folder(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise CommandError(f"`{folder}` is no folder")
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()}


def _title(rule: Rule, language: str) -> str:
    return rule.title_fr if language == "fr" else rule.title


def _facts(facts: Any) -> str:
    return ", ".join(f"{name} = {value}" for name, value in facts.items())


def _count(case: Case) -> int:
    return 1 + len(case.refuses) + len(case.spares) + len(case.not_asked)
