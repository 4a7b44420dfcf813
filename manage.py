#!/usr/bin/env python
"""Run one of the project's commands, as Django does."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.postgres.home import PostgresError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
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
