"""Accounts made on the command line."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError


def test_it_works(db, capsys) -> None:
    call_command("create_user", "nora", "--generate")
    password = capsys.readouterr().out.rpartition("Password: ")[2].strip()
    user = authenticate(username="nora", password=password)
    assert user is not None
    assert not user.is_staff


def test_a_name_is_given_once_and_must_be_one(db) -> None:
    call_command("create_user", "nora", "--generate", "--staff")
    with pytest.raises(CommandError, match="already"):
        call_command("create_user", "nora", "--generate")
    with pytest.raises(CommandError, match="valid username"):
        call_command("create_user", "no name!", "--generate")


def test_a_weak_password_is_refused(db, monkeypatch) -> None:
    monkeypatch.setattr("annotation_server.management.commands.create_user.getpass", lambda prompt: "1234")
    with pytest.raises(CommandError, match="too short"):
        call_command("create_user", "nora")
