"""`manage.py retrain --project N [--now]`: train a project's champion as a night would."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation_server.errors import Refused
from annotation_server.projects.models import Project
from annotation_server.training.models import TrainingRun
from annotation_server.training.nightly import NotDue, decide
from annotation_server.training.start import start_run


class Command(BaseCommand):
    """Decide like the night, or start at once; workers do the rest."""

    help = "Train a project's champion on what is accepted, if enough is new; with --now in any case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", type=int, required=True, help="the project's number")
        parser.add_argument("--now", action="store_true", help="do not ask whether its night has come")
        parser.add_argument(
            "--steps", type=int, default=0, help="steps of the training; 0: as the project says"
        )

    def handle(self, *args: Any, project: int, now: bool, steps: int, **options: Any) -> None:
        found = Project.objects.filter(pk=project).first()
        if found is None:
            raise CommandError(f"There is no project {project}.")
        decision = decide(found)
        if isinstance(decision, NotDue) and not now:
            self.stdout.write(f"{found} is not due. {decision.reason}")
            return
        kind = TrainingRun.Kind.MANUAL if now else TrainingRun.Kind.NIGHTLY
        try:
            run = start_run(found, kind=kind, options={"steps": steps} if steps > 0 else None)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"Training {run.pk} of {found} has begun, from {run.started_from.name}.")
