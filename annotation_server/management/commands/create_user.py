"""`manage.py create_user NAME`: there is no sign-up, an operator makes the accounts."""

import secrets
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation_server.accounts.models import User


class Command(BaseCommand):
    """Ask for the password, or make one and print it once."""

    help = "Create an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--staff", action="store_true", help="an operator: sees and administers all projects"
        )
        parser.add_argument("--generate", action="store_true", help="make a password and print it once")

    def handle(self, *args: Any, username: str, staff: bool, generate: bool, **options: Any) -> None:
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user {username} already.")
        user = User(username=username, is_staff=staff, is_superuser=staff)
        password = secrets.token_urlsafe(16) if generate else getpass("Password: ")
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        self.stdout.write(f"Created {username}." + (f" Password: {password}" if generate else ""))
