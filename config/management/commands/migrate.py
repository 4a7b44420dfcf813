"""
``manage.py migrate``: Django's, as the owner of the tables, between the steps of ``config.provisioning``.

The application's role could not migrate if it wanted to.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections, transaction

from config import provisioning


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        provisioning.owner_settings()
        options["database"] = "owner"
        connection = connections["owner"]
        if settings.POSTGRES_HOME is not None:
            with connection._nodb_cursor() as cursor:
                provisioning.create(connection.settings_dict["NAME"], cursor)
        with transaction.atomic(using="owner"):
            provisioning.grant(connection)
        super().handle(*args, **options)
        if settings.BROKER_URL is None:
            with transaction.atomic(using="owner"):
                provisioning.install_queue(connection)
