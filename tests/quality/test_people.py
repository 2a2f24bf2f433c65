"""Figures of annotators from made-up submissions: what counts, who sees it, how many questions it takes."""

from contextlib import nullcontext

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation_server import queue, tasks
from annotation_server.quality.annotator_days import count_days
from annotation_server.quality.models import AnnotatorDay
from annotation_server.quality.people import days_in, everyone, people_rows
from annotation_server.work.days import Span

from .conftest import days_ago

pytestmark = pytest.mark.django_db
MONTH = Span(days_ago(30), days_ago(0))


@pytest.fixture
def worked(project, anna, ben, rita, submitted):
    """Anna: two images in 20 minutes, one of them returned; Ben: one that nobody has judged."""
    submitted(anna, days_ago(2), reviewer=rita)
    submitted(anna, days_ago(1), reviewer=rita, accepted=False, reviewer_pq=0.8)
    submitted(ben, days_ago(1), accepted=None, strokes=None, operations=None)
    count_days(project.pk, MONTH)


def test_it_works(worked, project):
    anna, ben = people_rows(days_in(project.pk, MONTH))
    assert (anna["username"], anna["images"], anna["masks"], anna["active_ms"]) == ("anna", 2, 40, 1_200_000)
    assert (anna["images_per_hour"], anna["megapixels_per_hour"]) == (6, 6)
    assert (anna["strokes_per_mask"], anna["operations_per_mask"]) == (2, 3)
    assert (anna["judged"], anna["accepted"], anna["returned"]) == (2, 0.5, 0.5)
    assert (anna["compared"], anna["reviewer_pq"]) == (1, 0.8)
    assert (anna["kept"], anna["edited"], anna["rejected"]) == (0.5, 0.25, 0.25)
    assert (ben["judged"], ben["accepted"], ben["strokes_per_mask"]) == (0, None, None)
    assert everyone([anna, ben])["images"] == 3


def test_what_needed_no_review_was_not_judged(project, anna, submitted):
    submitted(anna, days_ago(1), reviewer=None)
    count_days(project.pk, MONTH)
    assert people_rows(days_in(project.pk, MONTH))[0]["judged"] == 0


def test_a_verdict_counts_as_soon_as_it_is_given(
    project, anna, rita, submitted, client_of, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(queue, "connected", nullcontext)
    monkeypatch.setattr(queue, "send", lambda _connection, task, args, **_options: sent.append((task, args)))
    annotation = submitted(anna, days_ago(3), accepted=None).annotation
    with django_capture_on_commit_callbacks(execute=True):
        url = f"/api/v1/annotations/{annotation.pk}/review"
        assert client_of(rita).post(url, {"verdict": "accept"}, format="json").status_code == 200
    assert sent == [("server.count_verdict", [annotation.pk])]
    for _ in range(2):
        tasks.count_verdict(annotation.pk)
    day, verdict_day = AnnotatorDay.objects.get(), annotation.submissions.get().verdict_day
    assert (day.annotator, day.day, day.judged, day.accepted) == (anna, verdict_day, 1, 1)


def test_counting_again_changes_nothing_and_removes_what_is_gone(worked, project, ben):
    before = list(AnnotatorDay.objects.order_by("pk").values())
    assert count_days(project.pk, MONTH) == 3
    assert list(AnnotatorDay.objects.order_by("pk").values()) == before
    ben_rows = AnnotatorDay.objects.filter(annotator=ben)
    project.submissions.filter(annotator=ben).delete()
    count_days(project.pk, MONTH)
    assert not ben_rows.exists()


def test_questions_do_not_grow_with_people(worked, project, rita, client_of, submitted, anna, ben):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            answer = client_of(rita).get(f"/api/v1/projects/{project.pk}/quality")
            assert answer.status_code == 200
        return len(asked)

    few = questions()
    for day in range(3, 25):
        submitted(anna, days_ago(day), reviewer=rita)
        submitted(ben, days_ago(day), reviewer=rita)
    count_days(project.pk, MONTH)
    assert questions() == few


def test_an_annotator_sees_their_own_row_only(worked, project, anna, client_of):
    address = f"/api/v1/projects/{project.pk}/quality"
    answer = client_of(anna).get(address).json()
    assert [row["username"] for row in answer["people"]] == ["anna"]
    assert "alarms" not in answer and "honeypots" not in str(answer)
    own = client_of(anna).get(f"{address}/people/anna").json()
    assert "honeypot" not in str(own) and "alarms" not in own
    assert [chart["measure"] for chart in own["charts"]] == ["accepted", "mask_time", "strokes", "kept"]
    assert client_of(anna).get(f"{address}/people/ben").status_code == 403
    assert client_of(anna).get(f"{address}/alarms.csv").status_code == 403
    table = client_of(anna).get(f"{address}/days.csv").content.decode()
    assert "ben" not in table and "honeypot" not in table
    assert len(table.splitlines()) == 3


def test_strangers_and_bad_days_are_refused(worked, project, eve, rita, client_of):
    address = f"/api/v1/projects/{project.pk}/quality"
    for path in ("", "/people/anna", "/annotators.csv"):
        assert client_of(eve).get(address + path).status_code == 404
    assert client_of(rita).get(f"{address}?first=yesterday").status_code == 400
    assert client_of(rita).get(f"{address}/people/eve").status_code == 404, "she has no part in it"
    assert client_of(rita).get(f"{address}/nothing.csv").status_code == 404
    assert (
        client_of(rita).get(f"{address}/annotators.csv").content.decode().startswith("username,name,images")
    )


def test_a_pace_needs_a_minute_of_work(project, anna, submitted):
    submitted(anna, days_ago(1), active_ms=59_000)
    count_days(project.pk, MONTH)
    (row,) = people_rows(days_in(project.pk, MONTH))
    assert (row["images"], row["images_per_hour"], row["masks_per_hour"]) == (1, None, None)
