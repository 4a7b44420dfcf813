#!/usr/bin/env python
"""Run one of the project's commands, as Django does."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.postgres.home import PostgresError

OUTSIDE = {"witness", "monitor"}  # these watch a log without its database, on machines that have none of its keys


def main() -> None:
    settings = "config.outside" if OUTSIDE & {*sys.argv[1:2]} else "config.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("INSTANCE", "demo")  # the demo has a database and keys of its own, made anew each time
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, PostgresError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"proviso: {error}")


if __name__ == "__main__":
    main()
