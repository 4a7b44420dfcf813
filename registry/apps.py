"""Who holds what, and the log that remembers it."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from registry import custody


class RegistryConfig(AppConfig):
    name = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Open the keys without which nothing works: one that is missing stops the start, not the first request."""
        try:
            custody.check()
        except custody.CustodyError as error:
            raise ImproperlyConfigured(str(error)) from None
