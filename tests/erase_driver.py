"""
Carry out one erasure in a process that dies at a given moment, as a machine does when the power goes.

    python -m tests.erase_driver REQUEST POINT

``POINT`` is the number of the statement to PostgreSQL before which the process kills itself, counted from the beginning
of the erasure; `commit` lets it commit and dies before the first file is removed; `none` lets it live. Prints how many
statements there were.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def main(request: str, point: str) -> None:
    django.setup()
    from django.db import connection

    from generation.services import erasing, erasing_rows

    seen = 0

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if str(seen) == point:
            die()
        seen += 1
        return execute(sql, params, many, context)

    if point == "commit":
        erasing_rows.vault.discard = lambda name: die()  # type: ignore[assignment]  # it does not come back
    with connection.execute_wrapper(count):
        erasing.erase(request)
    print(json.dumps({"statements": seen}))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
