"""What every page promises: no inline code, names as text, failures in the design."""

import re

import pytest
from django.test import Client
from django.urls import path

from annotation_server import urls
from annotation_server.accounts.models import User
from annotation_server.projects.models import Project
from tests.pages.test_access import browser_of

INLINE = re.compile(r"""<script(?![^>]*\ssrc=)|\son\w+=["']|\sstyle=["']|<style""")


@pytest.mark.parametrize("address", ["", "/releases", "/vocabulary", "/members", "/dashboard", "/work"])
def test_there_is_no_inline_code_or_style(project: Project, ada: User, address: str) -> None:
    answer = browser_of(ada).get(f"/projects/{project.pk}{address}")
    assert not INLINE.search(answer.content.decode())
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_names_are_text(ada: User, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(
        name='<b onclick="x()">Streets</b>', description="<img src=x>"
    )
    page = browser_of(ada).get(f"/projects/{project.pk}").content.decode()
    assert "<b onclick" not in page
    assert "<img src=x>" not in page
    assert "&lt;b onclick=&quot;x()&quot;&gt;" in page


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
def test_the_chosen_theme_is_in_the_first_answer(db: None, theme: str) -> None:
    client = Client()
    client.cookies["theme"] = theme
    assert f'data-theme="{theme}"' in client.get("/login").content.decode()


def test_any_other_theme_is_ignored(db: None) -> None:
    client = Client()
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="dark"' in client.get("/login").content.decode()


def test_an_unknown_address_has_a_page(ada: User) -> None:
    answer = browser_of(ada).get("/no/such/page")
    assert answer.status_code == 404
    assert b"There is nothing here" in answer.content


def test_an_unknown_api_address_answers_in_the_error_shape(db: None) -> None:
    answer = Client().get("/api/no-such-thing")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_old_form_is_explained(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login", {"username": "ada", "password": "x"})
    assert answer.status_code == 403
    assert b"too old" in answer.content


def _fail(request: object) -> None:
    raise RuntimeError("on purpose")


# This module is also the address list of the test below: the product's, and two that fail.
handler500 = urls.handler500
urlpatterns = [*urls.urlpatterns, path("fails", _fail), path("api/fails", _fail)]


@pytest.mark.urls(__name__)
def test_a_failure_of_the_server_has_a_page_without_details(db: None) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/fails")
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content
    assert b"on purpose" not in answer.content
    assert client.get("/api/fails").json()["code"] == "server_error"
