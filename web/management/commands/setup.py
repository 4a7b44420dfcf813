"""
``manage.py setup``: what a registry needs before its first caller. Safe to run at every start.

1. The registry's own party, under its own key.
2. The sample library: its files, and the statements that its parties signed.
3. The shipped weights: this registry decides for itself whether every sample may train, and logs that they were.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from generation.services.training import ensure_shipped_weights
from registry.services.setup import ensure_registry
from web.library import submit_library


class Command(BaseCommand):
    help = "Enrol the registry, take in the sample library and the shipped weights; quick when that is done."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        began = time.monotonic()
        registry = ensure_registry()
        submitted = submit_library(settings.BASE_DIR / "library")
        weights = ensure_shipped_weights()
        if submitted.accepted or verbosity > 1:
            self.stdout.write(
                f"set up in {time.monotonic() - began:.1f} s: registry {registry}, "
                f"{submitted.accepted} of {submitted.statements} library statements, weights {weights[:12]}…"
            )
