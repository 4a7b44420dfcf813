"""
``manage.py recreate``: make this instance anew: empty database, migrated; media and log emptied. Keys stay.

For the demo and for trying things. It refuses the instance ``run`` without ``--yes``, and any database that
``DATABASE_URL`` names: those hold somebody's rights.
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config import provisioning


class Command(BaseCommand):
    help = "Make this instance's database, media and log anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="also the instance `run`")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        if settings.POSTGRES_HOME is None:
            raise CommandError("DATABASE_URL is set: only an embedded database is made anew")
        if settings.INSTANCE == "run" and not yes:
            raise CommandError("this is the instance `run`: set INSTANCE to another one, or say --yes")
        for alias in settings.DATABASES:
            connections[alias].close()
            connections[alias].close_pool()
        with connections["owner"]._nodb_cursor() as cursor:
            provisioning.drop(settings.DATABASES["owner"]["NAME"], cursor)
        for directory in (settings.MEDIA_DIR, settings.LOG_DIR):
            shutil.rmtree(directory, ignore_errors=True)
        call_command("migrate", verbosity=0)
