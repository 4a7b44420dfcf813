#!/usr/bin/env python
"""Run one of the project's commands, as Django does."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("INSTANCE", "demo")  # the demo has a database and keys of its own, made anew each time
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
