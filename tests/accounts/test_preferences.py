"""How somebody wants the product: kept with the account, checked, and in the first answer of every page."""

from typing import Any

import pytest
from django.test import Client

from annotation_server.accounts.models import User
from tests.pages.test_access import browser_of


def prefer(client: Any, **preferences: Any) -> Any:
    return client.patch("/api/v1/me", {"preferences": preferences}, format="json")


def test_it_works(anna: User, client_of: Any) -> None:
    client = client_of(anna)
    assert client.get("/api/v1/me").json()["preferences"] == {
        "language": "",
        "theme": "",
        "motion": "system",
        "keys": {},
    }
    keys = {"preset": "cvat", "changed": {"tool.brush": ["q", "t b"]}}
    assert prefer(client, theme="light", language="de").status_code == 200
    answer = prefer(client, keys=keys).json()["preferences"]
    assert (answer["theme"], answer["language"], answer["keys"]) == ("light", "de", keys)


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "pink"},
        {"language": "tlh"},
        {"motion": "wild"},
        {"keys": {"preset": "vim"}},
        {"keys": {"changed": {"tool.brush": "b"}}},
        {"keys": {"changed": {"<script>": ["b"]}}},
        {"keys": {"changed": {"tool.brush": ["<b>"]}}},
        {"keys": {"changed": {"tool.brush": list("abcde")}}},
        {"keys": {"changed": {f"a{i}": [] for i in range(401)}}},
    ],
)
def test_what_is_no_preference_is_refused(anna: User, client_of: Any, wrong: dict[str, Any]) -> None:
    answer = prefer(client_of(anna), **wrong)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    anna.refresh_from_db()
    assert anna.preferences == {}


def test_a_page_comes_as_it_is_preferred(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(
        preferences={"theme": "contrast", "language": "zh-hans", "motion": "reduced"}
    )
    answer = browser_of(anna).get("/")
    page = answer.content.decode()
    assert '<html lang="zh-hans" data-theme="contrast" data-motion="reduced">' in page
    assert answer["Content-Language"] == "zh-hans"
    assert "/catalogue/zh-hans-" in page
    assert "项目" in page


def test_as_the_system_leaves_the_theme_open(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(preferences={"theme": "system"})
    assert '<html lang="en">' in browser_of(anna).get("/").content.decode()


@pytest.mark.parametrize(
    ("asked", "cookie", "spoken"),
    [("de-AT", "", "de"), ("zh-CN", "", "zh-hans"), ("fr", "", "en"), ("fr", "de", "de")],
)
def test_before_the_log_in_cookie_and_browser_decide(db: None, asked: str, cookie: str, spoken: str) -> None:
    client = Client(headers={"Accept-Language": asked})
    if cookie:
        client.cookies["language"] = cookie
    assert f'<html lang="{spoken}"' in client.get("/login").content.decode()


def test_refusals_are_said_in_the_language_of_whoever_asks(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(preferences={"language": "de"})
    answer = browser_of(anna).get("/api/v1/annotations/999999999")
    assert (
        answer.json()["error"] == "Diese Annotation gibt es nicht, oder du bist kein Mitglied ihres Projekts."
    )
