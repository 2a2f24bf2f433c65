"""The app's configuration."""

import logging
from importlib import import_module

from django.apps import AppConfig

from annotation_server.translations.compile import compile_stale

logger = logging.getLogger(__name__)


class TesseraConfig(AppConfig):
    """Tessera's server."""

    name = "annotation_server"
    verbose_name = "Tessera"

    def ready(self) -> None:
        import_module("annotation_server.startup_checks")  # registers them
        import_module("annotation_server.consistency.hand_out")
        import_module("annotation_server.evaluation.released")
        import_module("annotation_server.quality.give_honeypot")
        import_module("annotation_server.quality.keep_up")
        try:
            compile_stale()
        except OSError as error:  # installed by someone else, such as an image's builder
            logger.warning("Translations stay as they were compiled: %s.", error)
