"""What is allowed."""

from django.apps import AppConfig

from consent.core.rules import installed


class ConsentConfig(AppConfig):
    name = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the rule packs now: with one that cannot be read, nothing starts."""
        installed()
