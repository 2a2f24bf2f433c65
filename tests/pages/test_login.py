"""Logging in and out by the form."""

from collections.abc import Iterator

import pytest
from django.test import Client

from annotation_server.accounts import login_attempts
from annotation_server.accounts.models import User
from annotation_server.projects.models import Membership, Project
from annotation_server.rate_limits import counts
from tests.cast import PASSWORD


@pytest.fixture(autouse=True)
def few_attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three instead of ten, each of which costs a real password hash; earlier ones are forgotten."""
    monkeypatch.setattr(login_attempts, "LIMIT", 3)
    counts.clear()
    yield
    counts.clear()


def log_in(client: Client, password: str = PASSWORD, following: str = "") -> object:
    return client.post("/login", {"username": "anna", "password": password, "next": following})


def test_it_works(anna: User) -> None:
    client = Client()
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/queue")
    assert client.get("/queue").status_code == 200
    assert client.get("/").status_code == 200


def test_whoever_does_more_than_annotate_comes_to_the_projects(project: Project, anna: User) -> None:
    Membership.objects.create(project=Project.objects.create(name="Another"), user=anna, role="reviewer")
    assert log_in(Client())["Location"] == "/"
    Membership.objects.all().delete()
    assert log_in(Client())["Location"] == "/"


def test_a_wrong_password_is_explained(anna: User) -> None:
    answer = log_in(Client(), "wrong")
    assert answer.status_code == 200
    assert b"do not match" in answer.content


def test_one_comes_back_to_the_page_one_asked_for(anna: User) -> None:
    assert (
        log_in(Client(), following="/projects/7?state=accepted")["Location"] == "/projects/7?state=accepted"
    )


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_one_is_never_sent_to_another_site(anna: User, elsewhere: str) -> None:
    assert log_in(Client(), following=elsewhere)["Location"] == "/queue"


def test_guessing_is_slowed_down(anna: User) -> None:
    client = Client()
    for _ in range(login_attempts.LIMIT):
        assert log_in(client, "wrong").status_code == 200
    answer = log_in(client)
    assert answer.status_code == 429
    assert b"Too many failed attempts" in answer.content


def test_right_passwords_are_not_counted(anna: User) -> None:
    assert {log_in(Client()).status_code for _ in range(login_attempts.LIMIT + 1)} == {302}


def test_logging_out_is_a_post(anna: User) -> None:
    client = Client()
    client.force_login(anna)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout")["Location"] == "/login"
    assert client.get("/").status_code == 302
