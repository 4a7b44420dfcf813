"""
Tell the story in short lines: who does what, and the digest that proves it.

On a terminal with colour and a progress bar that moves; into a file or a pipe the same lines, plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import wrap

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

WHO = 17  # columns of the name
WHAT = 56  # columns of what happened, before the digest
LINE = 74  # columns of what is quoted
DIGITS = 12  # of a digest; enough to tell any two apart


class Narrator:
    """Writes numbered beats; ``yes`` what was allowed, ``no`` what was refused."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, width=None, soft_wrap=True)
        self._beats = 0

    def heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]\n")

    def beat(self, who: str, what: str, digest: str = "") -> None:
        self._beats += 1
        self._console.print(f"[dim]{self._beats:>2}[/dim]  [bold]{who:<{WHO}}[/bold] {_column(what, digest)}")

    def more(self, text: str, digest: str = "") -> None:
        self._console.print(f"    {'':<{WHO}} {_column(text, digest)}")

    def quote(self, text: str) -> None:
        """Add words that are not ours, as many lines as they need."""
        for line in wrap(text, LINE):
            self.more(escape(line))

    @contextmanager
    def progress(self, label: str, steps: int) -> Iterator[Callable[[int], None]]:
        """A bar that ``tell(step)`` moves; where nobody watches, one line at the end."""
        columns = (
            TextColumn(f"    {'':<{WHO}} {{task.description}}"),
            BarColumn(bar_width=36),
            TextColumn("step {task.completed:.0f} of {task.total:.0f}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=False) as bar:
            task = bar.add_task(label, total=steps)
            yield lambda step: bar.update(task, completed=step)


def _column(what: str, digest: str) -> str:
    """Put the digest where all digests stand."""
    gap = WHAT - Text.from_markup(what).cell_len if digest else 0
    return f"{what}{' ' * max(1, gap)}{digest}" if digest else what


def short(digest: str) -> str:
    return f"[cyan]{digest[:DIGITS]}…[/cyan]"


def yes(word: str) -> str:
    return f"[green]{word}[/green]"


def no(word: str) -> str:
    return f"[red]{word}[/red]"
