"""`manage.py import_images PROJECT FOLDER`: take in every picture of a folder on this server."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation_server.errors import Refused
from annotation_server.images.folder import import_folder
from annotation_server.projects.models import Project


class Command(BaseCommand):
    """Import, then say what was taken and why the rest was not."""

    help = "Add every picture below a folder to a project; workers prepare them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", type=int, help="the project's number")
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, project: int, folder: Path, **options: Any) -> None:
        found = Project.objects.filter(pk=project).first()
        if found is None:
            raise CommandError(f"There is no project {project}.")
        try:
            taken = import_folder(found, folder)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        for _name, why in taken.refused:
            self.stderr.write(why.sentence)
        self.stdout.write(
            f"{len(taken.accepted)} images added to {found}, {len(taken.refused)} files refused."
        )
