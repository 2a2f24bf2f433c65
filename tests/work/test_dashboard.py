"""Every figure of the dashboard, from a history that can be counted by hand."""

from typing import Any

import pytest

from annotation_server.annotation.submission import Submission
from annotation_server.vocabulary.models import Term
from tests.work.conftest import noon

SPAN = "first=2026-03-02&last=2026-03-05"


@pytest.fixture
def figures(project, history, client_of) -> Any:
    def figures(user, span: str = SPAN) -> Any:
        return client_of(user).get(f"/api/v1/projects/{project.pk}/dashboard?{span}").json()

    return figures


def column(rows, name):
    return [row[name] for row in rows]


def test_it_works(figures, rita):
    answer = figures(rita)
    assert column(answer["burn_up"], "day") == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
    assert column(answer["burn_up"], "images") == [2, 2, 3, 4]
    assert column(answer["burn_up"], "begun") == [2, 2, 3, 4]
    assert column(answer["burn_up"], "submitted") == [0, 2, 3, 3]
    assert column(answer["burn_up"], "accepted") == [0, 0, 1, 2]
    assert answer["by_state"] == {
        "none": 0, "predicted": 0, "assigned": 1, "submitted": 1, "returned": 0, "accepted": 2,
    }  # fmt: skip


def test_a_later_span_begins_with_what_was_there_before(figures, rita):
    answer = figures(rita, "first=2026-03-04&last=2026-03-04")
    assert answer["burn_up"] == [
        {"day": "2026-03-04", "images": 3, "begun": 3, "submitted": 3, "accepted": 1}
    ]


def test_throughput_by_day_and_person(figures, rita):
    """Images and masks count on the day they were submitted first, time whenever it was spent."""
    rows = [
        (r["day"], r["username"], r["images"], r["masks"], r["active_ms"])
        for r in figures(rita)["throughput"]
    ]
    assert rows == [
        ("2026-03-03", "anna", 2, 10, 160_000),
        ("2026-03-04", "rita", 1, 2, 40_000),
        ("2026-03-05", "anna", 0, 0, 20_000),
    ]


def test_people(figures, rita):
    anna, own = figures(rita)["people"]
    assert anna == {
        "username": "anna", "name": "Anna", "images": 2, "masks": 10, "active_ms": 180_000,
        "judged": 3, "returned": 1,
    }  # fmt: skip
    assert (own["username"], own["judged"]) == ("rita", 0)


def test_what_is_accepted_without_a_review_was_not_judged(figures, history, submit_on, rita):
    submit_on(history["c"], 3, verdict="accept")
    assert figures(rita)["returned"] == {"judged": 3, "returned": 1}


def test_acceptance_by_model_version(figures, history, rita):
    """Only what was submitted last counts: A 2+1+3, B 3+2+1."""
    assert figures(rita)["acceptance"] == [
        {"model_version": history["version"].pk, "name": "v1", "images": 2,
         "proposed": 12, "kept": 5, "edited": 3, "rejected": 4, "drawn": 1},
        {"model_version": None, "name": "", "images": 1,
         "proposed": 0, "kept": 0, "edited": 0, "rejected": 0, "drawn": 2},
    ]  # fmt: skip


def test_times_of_images_and_masks(figures, rita, anna):
    """A 60 s for 4 masks, B 120 s for 6, C 40 s for 2."""
    times = figures(rita)["times"]
    assert times["images"] == 3
    assert times["image"] == {"median": 60_000, "p90": pytest.approx(108_000)}
    assert times["mask"] == {"median": 20_000, "p90": 20_000}
    assert figures(anna)["own_times"]["image"]["median"] == 90_000


def test_returned_coverage_and_vocabulary(figures, project, rita):
    Term.objects.filter(project=project).update(created_at=noon(-5))
    before = Term.objects.filter(project=project).count()
    made = Term.objects.create(project=project, name="tuk tuk")
    Term.objects.filter(pk=made.pk).update(created_at=noon(1))
    answer = figures(rita)
    assert answer["returned"] == {"judged": 3, "returned": 1}
    assert answer["coverage"] == [
        {"day": "2026-03-03", "coverage": 0.95},
        {"day": "2026-03-04", "coverage": 1.0},
        {"day": "2026-03-05", "coverage": 1.0},
    ]
    assert column(answer["vocabulary"], "terms") == [before, before + 1, before + 1, before + 1]


def test_an_annotator_sees_the_totals_and_nobody_elses_figures(figures, anna):
    answer = figures(anna)
    assert not answer["sees_people"]
    assert set(column(answer["throughput"], "username")) == {"anna"}
    assert column(answer["people"], "username") == ["anna"]
    assert answer["returned"] == {"judged": 3, "returned": 1}


def test_a_stranger_learns_nothing(project, history, eve, client_of):
    for address in ("dashboard", "dashboard/people.csv"):
        assert client_of(eve).get(f"/api/v1/projects/{project.pk}/{address}").status_code == 404
    assert client_of(None).get(f"/api/v1/projects/{project.pk}/dashboard").status_code == 401


def test_tables_as_csv(project, history, anna, rita, client_of):
    def csv(user, name):
        return client_of(user).get(f"/api/v1/projects/{project.pk}/dashboard/{name}.csv?{SPAN}")

    anna.first_name = "=cmd()"
    anna.save()
    answer = csv(rita, "people")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    lines = answer.content.decode().splitlines()
    assert lines[0] == "username,name,images,judged,returned,masks,active_ms"
    assert lines[1] == "anna,'=cmd(),2,3,1,10,180000"
    assert len(csv(anna, "people").content.decode().splitlines()) == 2
    assert csv(rita, "progress").content.decode().splitlines()[-1] == "2026-03-05,4,4,3,2"
    assert csv(rita, "passwords").status_code == 404


@pytest.mark.parametrize(
    "span", ["first=x", "first=2026-03-02&last=2026-03-01", "first=0001-01-01&last=2026-01-01"]
)
def test_a_span_that_makes_no_sense_is_refused(project, rita, client_of, span):
    assert client_of(rita).get(f"/api/v1/projects/{project.pk}/dashboard?{span}").status_code == 400


def test_the_number_of_queries_does_not_grow(
    project, history, rita, client_of, django_assert_max_num_queries
):
    client = client_of(rita)
    assert Submission.objects.count() == 4
    with django_assert_max_num_queries(26):
        client.get(f"/api/v1/projects/{project.pk}/dashboard?{SPAN}")
