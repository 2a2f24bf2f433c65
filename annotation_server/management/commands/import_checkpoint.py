"""`manage.py import_checkpoint FILE`: convert published weights and register them as a model version."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation_server.errors import Refused
from annotation_server.model_registry.importing import import_here
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import make_shared_champion
from annotation_server.projects.models import Project
from annotation_server.training.promote import promote


class Command(BaseCommand):
    """Convert, register, and with --champion let the model propose from now on."""

    help = "Convert a published checkpoint (.pth, .safetensors) and register it as a model version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", default="", help="what it is called; default: the file's name")
        parser.add_argument("--project", type=int, help="the project's number; default: for every project")
        parser.add_argument("--champion", action="store_true", help="let it propose from now on")

    def handle(
        self,
        *args: Any,
        file: Path,
        name: str,
        project: int | None,
        champion: bool,
        **options: Any,
    ) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if project is not None and not Project.objects.filter(pk=project).exists():
            raise CommandError(f"There is no project {project}.")
        try:
            version, is_new = import_here(file, name or file.name, project)
            if champion:
                _make_champion(version, project)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        what = f"{version.architecture}, {version.parameters:,} parameters"
        self.stdout.write(
            f"{'Registered' if is_new else 'Known already'}: {version.name}, number {version.pk} "
            f"({what}, SHA-256 {version.checkpoint_sha256})."
        )


def _make_champion(version: ModelVersion, project: int | None) -> None:
    if version.stage == ModelVersion.Stage.CHAMPION:
        return
    if project is None:
        make_shared_champion(version)
    else:
        promote(project, version)
