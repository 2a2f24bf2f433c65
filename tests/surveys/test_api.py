"""Surveys for members: who may do what, preparation, results, exports."""

import csv
import io

import pytest

from annotation_server import media
from annotation_server.annotation.models import Annotation
from annotation_server.consistency.models import Study, StudyImage
from annotation_server.requests import progress
from annotation_server.requests.models import Job
from annotation_server.surveys.models import Survey
from annotation_server.surveys.take_part import answer, join, places_of
from annotation_server.tasks import prepare_survey
from tests.surveys.conftest import prepared

pytestmark = pytest.mark.django_db


def order(models, **fields):
    sets = [{"kind": "model", "model_version": version.pk} for version in models]
    return {"kind": "preference", "name": "Which", "sets": sets, "size": 3, "seed": 4, **fields}


def test_it_works(client_of, project, ada, models):
    client = client_of(ada)
    asked = client.post("/api/v1/surveys", {**order(models), "project": project.pk}, format="json")
    assert asked.status_code == 202, asked.content
    row = asked.json()
    assert (row["state"], [one["label"] for one in row["sets"]]) == (
        "preparing",
        ["Model plain", "Model bold"],
    )
    assert "secret" not in str(row)
    request = client.get(f"/api/v1/requests/{row['request']}").json()
    assert (request["kind"], request["total"]) == ("survey", 1)
    survey = prepared(Survey.objects.get(pk=row["id"]))
    assert (survey.state, survey.images, len(survey.inputs_sha256)) == ("ready", 3, 64)
    url = f"/api/v1/surveys/{survey.pk}"
    assert client.post(f"{url}/open").json()["state"] == "open"
    assert client.delete(url).json()["code"] == "wrong_state"
    link = client.post(f"{url}/link", {"days": 3}, format="json").json()
    assert client_of(None).get(link["url"]).status_code == 200
    assert client.get(url).json()["has_link"] is True
    assert client.delete(f"{url}/link").status_code == 204
    assert client_of(None).get(link["url"]).status_code == 404
    assert client.post(f"{url}/close").json()["state"] == "closed"
    key = survey.picture_key(survey.inputs[0]["image"], "0")
    assert media.exists(key)
    assert client.delete(url).status_code == 204
    assert not Survey.objects.exists()


def test_preparing_again_changes_nothing(make, ada):
    survey = make(is_open=False)
    key = survey.picture_key(survey.inputs[0]["image"], "1")
    painted = media.read(key)
    job = Job.objects.get(request=survey.request_id)
    Job.objects.filter(pk=job.pk).update(state="queued")
    Survey.objects.filter(pk=survey.pk).update(state="preparing")
    media.delete(key)
    prepare_survey(job.pk)
    again = Survey.objects.get(pk=survey.pk)
    assert (again.state, again.inputs_sha256) == ("ready", survey.inputs_sha256)
    assert again.items.count() == 3 and media.read(key) == painted


def test_a_cancelled_preparation_fails_and_can_be_tried_again(client_of, project, ada, models):
    client = client_of(ada)
    row = client.post("/api/v1/surveys", {**order(models), "project": project.pk}, format="json").json()
    progress.cancel(row["request"])
    url = f"/api/v1/surveys/{row['id']}"
    assert client.get(url).json()["state"] == "failed"
    assert client.post(f"{url}/open").json()["code"] == "wrong_state"
    assert client.post(f"{url}/prepare").json()["state"] == "preparing"
    assert prepared(Survey.objects.get(pk=row["id"])).state == "ready"


@pytest.mark.parametrize(
    "fields",
    [
        {"sets": []},
        {"sets": [{"kind": "accepted"}]},
        {"sets": [{"kind": "accepted"}, {"kind": "accepted"}]},
        {"sets": [{"kind": "accepted"}, {"kind": "model", "model_version": 10**6}]},
        {"sets": [{"kind": "accepted"}, {"kind": "annotator", "user": "nobody"}]},
        {"kind": "satisfaction"},
        {"split": "test"},
        {"size": 0},
        {"name": ""},
    ],
)
def test_what_makes_no_survey_is_refused(client_of, project, ada, models, fields):
    asked = {**order(models), "project": project.pk, **fields}
    response = client_of(ada).post("/api/v1/surveys", asked, format="json")
    assert response.status_code in (400, 404), response.content
    assert response.json()["error"]
    assert not Survey.objects.exists()


def test_roles(client_of, project, anna, rita, carl, ada, eve, make, models):
    survey = make(is_open=False)
    url = f"/api/v1/surveys/{survey.pk}"
    asked = {**order(models), "project": project.pk}
    seen = {}
    for person in (anna, rita, carl, ada, eve):
        client = client_of(person)
        seen[person.username] = (
            client.get(url).status_code,
            client.get(f"{url}/results").status_code,
            client.post("/api/v1/surveys", asked, format="json").status_code,
            client.post(f"{url}/link", {}, format="json").status_code,
        )
    assert seen == {
        "anna": (404, 404, 403, 404),
        "rita": (200, 200, 403, 403),
        "carl": (200, 200, 403, 403),
        "ada": (200, 200, 202, 201),
        "eve": (404, 404, 404, 404),
    }
    client_of(ada).post(f"{url}/open")
    row = client_of(anna).get(url).json()
    assert row["state"] == "open" and "sets" not in row and "name" not in row
    assert client_of(anna).get(f"{url}/results").status_code == 403
    assert client_of(anna).get(f"{url}/answers.csv").status_code == 403


def test_texts_change_until_somebody_answers(client_of, ada, carl, make):
    survey = make(kind="satisfaction", consent="Yes")
    url = f"/api/v1/surveys/{survey.pk}"
    admin, curator = client_of(ada), client_of(carl)
    assert curator.patch(url, {"title": "X"}, format="json").status_code == 403
    told = admin.patch(url, {"title": "How good?", "definition": "A thing."}, format="json").json()
    assert (told["title"], told["definition"], told["consent"]) == ("How good?", "A thing.", "Yes")
    curator.post(f"{url}/part/participants", {"consent": True}, format="json")
    assert admin.patch(url, {"title": "How well?"}, format="json").status_code == 200
    assert admin.patch(url, {"consent": "No"}, format="json").json()["code"] == "agreed"
    curator.put(f"{url}/part/answers/1", {"score": 7}, format="json")
    assert admin.patch(url, {"title": "How bad?"}, format="json").json()["code"] == "answered"
    survey.refresh_from_db()
    assert (survey.title, survey.consent) == ("How well?", "Yes")


def test_results_and_exports_name_nobody(client_of, rita, make):
    survey = make(identical_checks=1, asks_name=True, allowed_failures=0)
    for careless in (False, True):
        person, _key = join(survey.pk, name="Mia")
        for place in places_of(survey, person):
            first = "left" if place.first_is_left else "right"
            said = "same" if place.item.role == "identical" and not careless else first
            answer(survey.pk, person.pk, place.number, {"choice": said, "comment": "=1+1"})
    client = client_of(rita)
    told = client.get(f"/api/v1/surveys/{survey.pk}/results").json()
    assert [(row["participant"], row["reason"]) for row in told["participants"]] == [
        ("P001", ""),
        ("P002", "failed_checks"),
    ]
    assert told["pairs"][0]["votes"] == {"first": 3, "same": 0, "second": 0}
    assert told["is_bounded"] is False and told["counted_answers"] == 3
    file = client.get(f"/api/v1/surveys/{survey.pk}/answers.csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert len(rows) == 8 and {row["comment"] for row in rows} == {"'=1+1"}
    assert {row["counts"] for row in rows if row["participant"] == "P002"} == {"False"}
    assert b"Mia" not in file.content + client.get(f"/api/v1/surveys/{survey.pk}/results.json").content


def test_people_and_models_are_compared(client_of, project, ada, models):
    client = client_of(ada)
    sets = [{"kind": "accepted"}, {"kind": "model", "model_version": models[1].pk}]
    body = {"project": project.pk, "sets": sets}
    assert client.post("/api/v1/surveys/preview", body, format="json").json() == {"images": 1}
    asked = {**order(models, name="People"), **body}
    row = client.post("/api/v1/surveys", asked, format="json").json()
    assert prepared(Survey.objects.get(pk=row["id"])).images == 1


def test_images_of_a_study_that_goes_on_are_not_drawn(client_of, project, ada, models):
    study = Study.objects.create(
        project=project, name="s", population_images=1, seed=0, annotators=1, not_before_days=0, every=5
    )
    first = Annotation.objects.get(state=Annotation.State.ACCEPTED)
    StudyImage.objects.create(study=study, image=first.image, order=0, first=first, revision=0)
    body = {"project": project.pk, "sets": order(models)["sets"]}
    client = client_of(ada)
    assert client.post("/api/v1/surveys/preview", body, format="json").json() == {"images": 4}
    Study.objects.update(state=Study.State.CLOSED)
    assert client.post("/api/v1/surveys/preview", body, format="json").json() == {"images": 5}
