"""Long work over HTTP."""

from typing import Any

from annotation_server.requests import progress
from annotation_server.requests.models import Request
from annotation_server.requests.progress import NewJob

URL = "/api/v1/requests"


def start(project: Any, by: Any = None) -> Request:
    new = [NewJob(task="test.task"), NewJob(task="test.task")]
    return progress.start(project.pk, Request.Kind.PREDICT, new, by=by)


def test_it_works(project, anna, client_of) -> None:
    request = start(project, anna)
    first, _ = request.jobs.all()
    progress.begin(first.pk)
    progress.tick(first.pk, 0.5)
    row = client_of(anna).get(f"{URL}/{request.pk}").json()
    assert (row["kind"], row["state"], row["done"], row["total"]) == ("predict", "running", 0, 2)
    assert row["progress"] == 0.25
    assert row["created_by"] == "anna"
    listed = client_of(anna).get(URL, {"project": project.pk, "kind": "predict"}).json()["results"]
    assert listed == [row]
    assert client_of(anna).get(URL, {"kind": "release"}).json()["count"] == 0


def test_whoever_asked_may_cancel_and_so_may_curators(project, anna, rita, carl, client_of) -> None:
    hers, his = start(project, anna), start(project)
    assert client_of(rita).post(f"{URL}/{hers.pk}/cancel").status_code == 403
    assert client_of(anna).post(f"{URL}/{hers.pk}/cancel").json()["state"] == "cancelled"
    assert client_of(carl).post(f"{URL}/{his.pk}/cancel").json()["state"] == "cancelled"
    again = client_of(carl).post(f"{URL}/{his.pk}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "ended")


def test_strangers_see_nothing(project, anna, eve, client_of) -> None:
    request = start(project, anna)
    assert client_of(eve).get(f"{URL}/{request.pk}").status_code == 404
    assert client_of(eve).post(f"{URL}/{request.pk}/cancel").status_code == 404
    assert client_of(eve).get(URL).json()["count"] == 0
    assert client_of(None).get(URL).status_code == 401
