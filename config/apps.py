"""The house as an app: its commands, and the Celery application that tasks bind to."""

from importlib import import_module

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"
    verbose_name = "the house"

    def ready(self) -> None:
        import_module("config.celery")  # not at the top: Celery reads the settings, which are being read just then
