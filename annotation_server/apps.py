"""The app's configuration."""

from django.apps import AppConfig


class TesseraConfig(AppConfig):
    """Tessera's server."""

    name = "annotation_server"
    verbose_name = "Tessera"
