"""People who come by a link: what they can reach, and what they cannot."""

import io
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image as Picture

from annotation_server import media
from annotation_server.annotation.seen import Sight
from annotation_server.rate_limits import counts
from annotation_server.surveys.link import make_link, revoke_link
from annotation_server.surveys.models import Survey, SurveyAnswer
from annotation_server.surveys.pictures import recoloured
from annotation_server.surveys.run_survey import close_survey
from annotation_server.surveys.take_part import places_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    counts.clear()


@pytest.fixture
def linked(make, ada):
    """`linked(survey)`: the key of a new link."""
    return lambda survey: make_link(survey.pk, 7, by=ada)[0]


class Visitor:
    """A browser without an account at a survey's link."""

    def __init__(self, key: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.root = f"/api/v1/survey/{key}"
        self.page = self.client.get(f"/survey/{key}")
        token = self.client.cookies.get("csrftoken")
        self.headers = {"X-CSRFToken": token.value} if token else {}

    def get(self, path: str = ""):
        return self.client.get(f"{self.root}{path}")

    def post(self, path: str, body: dict | None = None):
        return self.client.post(
            f"{self.root}{path}", body or {}, content_type="application/json", headers=self.headers
        )

    def put(self, path: str, body: dict):
        return self.client.put(
            f"{self.root}{path}", body, content_type="application/json", headers=self.headers
        )

    def join(self, **said):
        return self.post("/participants", {"consent": True, **said})


def test_it_works(make, linked):
    survey = make(size=3, consent="Voluntary.", asks_name=True)
    visitor = Visitor(linked(survey))
    assert visitor.page.status_code == 200
    assert visitor.page["X-Robots-Tag"] == "noindex, nofollow" and visitor.page["Cache-Control"] == "no-store"
    assert visitor.get().json()["participant"] is None
    joined = visitor.join(name="Mia").json()["participant"]
    assert [item["place"] for item in joined["items"]] == [1, 2, 3]
    said = {"choice": "left", "comment": "Sharper.", "spent_ms": 1200}
    for _ in range(2):
        assert visitor.put("/answers/2", said).status_code == 200
    assert visitor.put("/answers/2", {**said, "choice": "right"}).status_code == 200
    row = SurveyAnswer.objects.get()
    place = places_of(survey, survey.participants.get())[1]
    assert row.choice == ("second" if place.first_is_left else "first")
    assert (row.first_was_left, row.comment) == (place.first_is_left, "Sharper.")
    assert visitor.get().json()["participant"]["items"][1]["answer"]["choice"] == "right"
    assert visitor.post("/finish").json()["participant"]["finished_at"]
    assert visitor.put("/answers/1", said).json()["code"] == "finished"


def test_the_same_device_goes_on_another_begins_anew(make, linked, ada):
    survey = make()
    key = linked(survey)
    first, second = Visitor(key), Visitor(key)
    first.join()
    first.put("/answers/1", {"choice": "same"})
    second.join()
    assert second.get().json()["participant"]["items"][0]["answer"] is None
    # A new link ends the old one; the device's place is kept.
    first.root = f"/api/v1/survey/{linked(survey)}"
    assert first.get().json()["participant"]["items"][0]["answer"]["choice"] == "same"
    assert second.get().json()["code"] == "unknown_link"
    first.join()
    assert survey.participants.count() == 2


def test_pictures_tell_nothing_but_what_is_seen(make, linked):
    survey = make(identical_checks=1, broken_checks=1)
    visitor = Visitor(linked(survey))
    assert visitor.get("/pictures/1/left").json()["code"] == "not_taking_part"
    visitor.join()
    for place in places_of(survey, survey.participants.get()):
        item, sides = place.item, {}
        for side in ("left", "right", "image"):
            answer = visitor.get(f"/pictures/{place.number}/{side}")
            assert answer["Content-Type"] == "image/jpeg" and "Content-Disposition" not in answer
            assert answer["Cache-Control"].startswith("private") and "Cookie" in answer["Vary"]
            picture = Picture.open(io.BytesIO(answer.content))
            assert picture.size == (40, 30) and not picture.getexif() and "comment" not in picture.info
            sides[side] = answer.content
        first = media.read(survey.picture_key(item.image_number, str(item.first)))
        assert sides["left" if place.first_is_left else "right"] == first
        assert (sides["left"] == sides["right"]) == (item.role == "identical")
    assert visitor.get("/pictures/1/masks").status_code == 404
    assert visitor.get("/pictures/9/left").status_code == 404
    told = visitor.get().content + visitor.page.content
    assert not [
        word for word in (b"street_", b"plain", b"bold", b"model", survey.name.encode()) if word in told
    ]


def test_colours_do_not_tell_the_sets_apart(make):
    """Each entity's colour is chance's choice, and the same on both sides where entities are alike."""
    survey = make()
    row = survey.inputs[0]
    pictures = [
        np.asarray(Picture.open(io.BytesIO(media.read(survey.picture_key(row["image"], side)))))
        for side in ("0", "1")
    ]
    assert not np.array_equal(*pictures)
    another = make()
    assert another.inputs_sha256 == survey.inputs_sha256
    assert another.secret != survey.secret
    coarse = np.repeat(np.arange(1, 4, dtype=np.uint16), 24)[None]
    fine = np.concatenate((coarse[0, :48], np.arange(100, 124))).astype(np.uint16)[None]
    for seed in range(3):
        of_coarse, of_fine = (set(np.unique(numbers) % 24) for numbers in recoloured([coarse, fine], seed))
        assert (len(of_coarse), len(of_fine)) == (3, 24), "as far apart as the palette allows, on either side"
    assert len({recoloured([coarse], seed)[0].tobytes() for seed in range(20)}) > 10


def test_a_link_leads_to_this_survey_and_nowhere_else(make, linked, project):
    survey, other = make(), make(kind="satisfaction")
    visitor = Visitor(linked(survey))
    visitor.join()
    image = project.images.first().pk
    for path in (
        f"/api/v1/surveys/{survey.pk}",
        f"/api/v1/surveys/{survey.pk}/results",
        f"/api/v1/surveys/{survey.pk}/part",
        f"/api/v1/surveys/{survey.pk}/images/{image}/0.jpg",
        f"/api/v1/surveys/{other.pk}/part/pictures/1/masks",
        f"/api/v1/images/{image}",
        f"/api/v1/projects/{project.pk}",
    ):
        assert visitor.client.get(path).status_code == 401, path
    stranger = Visitor(linked(other))
    stranger.client.cookies.update(visitor.client.cookies)
    assert stranger.get("/pictures/1/masks").status_code == 403


def test_without_the_csrf_token_nothing_is_written(make, linked):
    visitor = Visitor(linked(make()))
    token, visitor.headers = visitor.headers, {}
    assert visitor.join().status_code == 403
    visitor.headers = token
    visitor.join()
    visitor.headers = {}
    assert visitor.put("/answers/1", {"choice": "same"}).status_code == 403
    assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        (lambda survey, by: revoke_link(survey.pk, by=by), 404, "unknown_link"),
        (lambda survey, by: close_survey(survey.pk, by=by), 410, "survey_closed"),
        (
            lambda survey, by: Survey.objects.filter(pk=survey.pk).update(
                link_expires_at=timezone.now() - timedelta(seconds=1)
            ),
            410,
            "link_expired",
        ),
    ],
)
def test_a_link_that_ended_says_so_kindly(make, linked, ada, end, status, code):
    survey = make()
    key = linked(survey)
    visitor = Visitor(key)
    visitor.join()
    end(survey, ada)
    page = visitor.client.get(f"/survey/{key}")
    assert page.status_code == status and b"survey-gone" in page.content
    answer = visitor.put("/answers/1", {"choice": "same"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not SurveyAnswer.objects.exists()


def test_only_a_digest_of_the_key_is_kept(make, linked):
    survey = make()
    key = linked(survey)
    survey.refresh_from_db()
    assert key not in str(Survey.objects.filter(pk=survey.pk).values())
    Visitor(key).join()
    participant = survey.participants.get()
    assert len(participant.key_digest) == 64


def test_what_is_not_an_answer_is_refused(make, linked):
    preference, scores = Visitor(linked(make())), Visitor(linked(make(kind="satisfaction")))
    for visitor, bad in (
        (preference, {"score": 5}),
        (preference, {}),
        (preference, {"choice": "first"}),
        (scores, {"choice": "left"}),
        (scores, {"score": 11}),
        (scores, {"score": None}),
        (scores, {"score": 5, "comment": "x" * 2001}),
    ):
        assert visitor.page.status_code == 200
        visitor.join()
        assert visitor.put("/answers/1", bad).status_code in (400, 422), bad
    assert preference.put("/answers/99", {"choice": "same"}).status_code == 404
    assert scores.put("/answers/1", {"score": 0}).status_code == 200
    assert Visitor(linked(make())).post("/participants", {"consent": False}).status_code == 400


def test_places_and_tries_are_limited(make, linked):
    key = linked(make(max_participants=1))
    assert Visitor(key).join().status_code == 201
    late = Visitor(key)
    assert late.get().json()["is_full"] is True
    assert late.join().json()["code"] == "full"
    statuses = [late.client.get(f"/survey/guess{n}").status_code for n in range(40)]
    assert statuses[0] == 404 and statuses[-1] == 429


def test_members_take_part_inside_once(make, client_of, anna, eve):
    survey = make(kind="satisfaction")
    client = client_of(anna)
    root = f"/api/v1/surveys/{survey.pk}/part"
    for _ in range(2):
        assert client.post(f"{root}/participants", {"consent": True}, format="json").status_code == 201
    assert client.put(f"{root}/answers/1", {"score": 8}, format="json").status_code == 200
    for side, seen in (("masks", 0), ("image", 0), ("masks", 1)):  # a model's masks, none, people's
        assert client.get(f"{root}/pictures/1/{side}").status_code == 200
        assert Sight.objects.filter(person=anna).count() == seen
        Survey.objects.filter(pk=survey.pk).update(sets=[{"kind": "accepted"}])
    participant = survey.participants.get()
    assert participant.user == anna and participant.is_member and not participant.key_digest
    assert client_of(eve).get(root).status_code == 404
