"""The app's configuration."""

from importlib import import_module

from django.apps import AppConfig


class TesseraConfig(AppConfig):
    """Tessera's server."""

    name = "annotation_server"
    verbose_name = "Tessera"

    def ready(self) -> None:
        import_module("annotation_server.startup_checks")  # registers them
