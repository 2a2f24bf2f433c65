"""`manage.py demo`: a demo project with people, pictures and proposals, served until Ctrl-C."""

import secrets
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotation_server.accounts.models import User
from annotation_server.demo import content
from annotation_server.management.commands.serve import serve
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.supervise import Service
from annotation_server.vocabulary.start import start_project


class Command(BaseCommand):
    """Serve at once and fill the project meanwhile."""

    help = "Serve the demo project on loopback: photographs, generated scenes, proposals of the model."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--images", default="", help="import the pictures of this folder instead")
        parser.add_argument("--small", action="store_true", help="few pictures, for checks")

    def handle(self, *args: Any, port: int, images: str, small: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo has well-known users. Set TESSERA_DEMO=1 to say that you mean it.")
        refuse_a_folder_without_pictures(images)
        call_command("migrate", verbosity=0)
        password = demo_password()
        prepare(password)
        fill = [sys.executable, "-m", "annotation_server.demo.fill", "--address", f"http://127.0.0.1:{port}"]
        fill += ["--images", images] * bool(images) + ["--small"] * small
        service = Service("demo", fill, env={"TESSERA_DEMO_PASSWORD": password}, once=True)
        serve("127.0.0.1", port, also=[service], when_ready=lambda _: welcome(password))


def refuse_a_folder_without_pictures(images: str) -> None:
    """Say so at once, not when the server already runs."""
    if not images:
        return
    try:
        content.pictures_in(Path(images))
    except (OSError, ValueError) as error:
        raise CommandError(f"IMAGES={images}: {error}") from None


def demo_password() -> str:
    """The demo people's common password: made once, kept in TESSERA_HOME for this user only."""
    path = settings.HOME / "demo_password"
    if not path.exists():
        settings.HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


@transaction.atomic
def prepare(password: str) -> Project:
    """The demo's people and project, made if they are not there yet."""
    people = {name: _person(name, password) for name in content.PEOPLE}
    project = Project.objects.filter(name=content.PROJECT, created_by=people["ada"]).first()
    if project is None:
        project = start_project(
            people["ada"], name=content.PROJECT, description="Photographs and generated scenes to try out."
        )
    for name, role in content.PEOPLE.items():
        Membership.objects.get_or_create(project=project, user=people[name], defaults={"role": Role(role)})
    return project


def _person(name: str, password: str) -> User:
    user, is_new = User.objects.get_or_create(username=name, defaults={"first_name": name.capitalize()})
    if is_new or not user.check_password(password):
        user.set_password(password)
        user.save()
    return user


def welcome(password: str) -> None:
    names = ", ".join(f"{name} ({role})" for name, role in content.PEOPLE.items())
    print(f"Log in as {names}; the password of all four is {password}", flush=True)
