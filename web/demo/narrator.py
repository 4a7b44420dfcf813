"""
Tell the story in short lines: who does what, and the digest that proves it.

On a terminal with colour and a progress bar that moves; into a file or a pipe the same lines, plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

WIDTH = 116  # columns; a wider terminal gains nothing
WHO = 17  # columns of the name
DIGITS = 12  # of a digest; enough to tell any two apart


class Narrator:
    """Writes numbered beats; ``yes`` what was allowed, ``no`` what was refused."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, width=None, soft_wrap=True)
        self._beats = 0

    def heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]\n")

    def beat(self, who: str, what: str) -> None:
        self._beats += 1
        self._console.print(f"[dim]{self._beats:>2}[/dim]  [bold]{who:<{WHO}}[/bold] {what}")

    def more(self, text: str) -> None:
        self._console.print(f"    {'':<{WHO}} {text}")

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


def short(digest: str) -> str:
    return f"[cyan]{digest[:DIGITS]}…[/cyan]"


def yes(word: str) -> str:
    return f"[green]{word}[/green]"


def no(word: str) -> str:
    return f"[red]{word}[/red]"
