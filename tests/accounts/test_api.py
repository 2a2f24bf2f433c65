"""Tokens, sessions, and who may look up whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from annotation_server.accounts.models import ApiToken
from annotation_server.rate_limits import counts
from tests.cast import PASSWORD


@pytest.fixture(autouse=True)
def no_failures_yet():
    counts.clear()


def get_token(**given):
    return APIClient().post("/api/v1/tokens", given, format="json")


def test_it_works(anna, project):
    response = get_token(username="anna", password=PASSWORD, name="script")
    assert response.status_code == 201
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {response.json()['token']}")
    me = client.get("/api/v1/me").json()
    assert (me["username"], me["name"], me["is_staff"]) == ("anna", "Anna", False)
    assert me["memberships"] == [{"project": project.pk, "role": "annotator"}]
    assert client.delete("/api/v1/tokens/current").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_only_the_digest_of_a_token_is_kept(anna):
    key = get_token(username="anna", password=PASSWORD).json()["token"]
    kept = ApiToken.objects.get()
    assert kept.digest == ApiToken.digest_of(key)
    assert key not in {str(value) for value in vars(kept).values()}


@pytest.mark.parametrize(
    "given",
    [
        {"username": "anna", "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "an\0na", "password": PASSWORD},
        {"username": "anna"},
        {},
    ],
)
def test_wrong_credentials_are_refused(anna, given):
    response = get_token(**given)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not ApiToken.objects.exists()


def test_an_expired_token_is_refused(anna, client_of):
    client = client_of(anna)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = client.get("/api/v1/me")
    assert response.status_code == 401
    assert "expired" in response.json()["error"]


def test_the_token_of_a_closed_account_is_refused(anna, client_of):
    client = client_of(anna)
    anna.is_active = False
    anna.save()
    assert client.get("/api/v1/me").status_code == 401
    assert get_token(username="anna", password=PASSWORD).status_code == 400


def test_an_unknown_token_is_refused(db):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token nonsense")
    assert client.get("/api/v1/me").status_code == 401


def test_guessing_is_slowed_down_however_the_header_is_forged(anna):
    for attempt in range(10):
        response = APIClient().post(
            "/api/v1/tokens",
            {"username": "anna", "password": "guess"},
            format="json",
            headers={"X-Forwarded-For": f"10.0.0.{attempt}"},
        )
        assert response.status_code == 400
    response = get_token(username="anna", password=PASSWORD)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def session_client():
    """A browser's client that checks CSRF as a real server does."""
    client = Client(enforce_csrf_checks=True)
    return client, client.get("/api/v1/session").json()["csrf_token"]


def test_a_session_begins_and_ends(anna):
    client, token = session_client()
    me = client.post(
        "/api/v1/session",
        {"username": "anna", "password": PASSWORD},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    ).json()
    assert me["username"] == "anna"
    assert client.get("/api/v1/session").json()["authenticated"]
    assert client.delete("/api/v1/session").status_code == 403
    assert client.delete("/api/v1/session", headers={"X-CSRFToken": me["csrf_token"]}).status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_log_in_without_a_csrf_token_is_refused(anna):
    client, _ = session_client()
    response = client.post(
        "/api/v1/session", {"username": "anna", "password": PASSWORD}, content_type="application/json"
    )
    assert response.status_code == 403
    assert not client.get("/api/v1/session").json()["authenticated"]


def test_a_session_has_no_token_to_delete(anna):
    client = APIClient()
    client.force_login(anna)
    assert client.delete("/api/v1/tokens/current").status_code == 404


def test_admins_find_accounts_to_add(ada, eve, anna, client_of):
    found = client_of(ada).get("/api/v1/users?search=ev").json()["results"]
    assert found == [{"id": eve.pk, "username": "eve", "name": "Eve"}]
    assert client_of(ada).get("/api/v1/users?search=e").status_code == 400
    assert client_of(anna).get("/api/v1/users?search=ev").status_code == 403
    assert client_of(None).get("/api/v1/users?search=ev").status_code == 401


def test_tokens_are_listed_named_and_revoked(anna, rita, client_of):
    anna_s, rita_s = client_of(anna), client_of(rita)
    rows = anna_s.get("/api/v1/tokens").json()["results"]
    assert [row["name"] for row in rows] == ["test"]
    assert set(rows[0]) == {"id", "name", "created_at", "expires_at", "last_used_at"}
    address = f"/api/v1/tokens/{rows[0]['id']}"
    assert rita_s.patch(address, {"name": "mine"}, format="json").status_code == 404
    assert rita_s.delete(address).status_code == 404
    assert anna_s.patch(address, {"name": "cluster"}, format="json").json()["name"] == "cluster"
    assert anna_s.patch(address, {"expires_at": "2099-01-01"}, format="json").json()["expires_at"] < "2099"
    assert anna_s.delete(address).status_code == 204
    assert anna_s.get("/api/v1/tokens").status_code == 401
    assert client_of(None).get("/api/v1/tokens").status_code == 401
