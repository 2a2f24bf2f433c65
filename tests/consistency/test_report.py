"""The report of a small study whose figures can be told by hand."""

import pytest

from annotation_server.consistency.models import Study
from annotation_server.consistency.protocol import close_study
from annotation_server.consistency.work_out import MEASURE, SUM_UP, measure_images, sum_up, work_out
from annotation_server.requests.models import Request
from annotation_server.requests.run import run_job
from tests.consistency.conftest import HALVES

QUARTERS = HALVES.copy()
QUARTERS[:8, 8:], QUARTERS[8:, 8:] = 3, 4
WORK = {MEASURE: measure_images, SUM_UP: sum_up}


def run_all(request: Request) -> Request:
    """Do a request's jobs as workers would, and those that follow."""
    while job := request.jobs.filter(state="queued").first():
        run_job(job.pk, WORK[job.task])
    request.refresh_from_db()
    return request


@pytest.fixture
def closed_study(project, anna, bea, carl, ada, make_accepted, make_study, draw_part) -> Study:
    """Two images; on the first Bea agrees with Anna and Carl splits both halves, on the other all agree."""
    make_accepted(project, anna), make_accepted(project, anna)
    study = make_study(project, size=2, annotators=2)
    for person in (bea, carl):
        draw_part(person, project, HALVES if person == bea else QUARTERS)
        draw_part(person, project, HALVES)
    close_study(ada, study.pk)
    request = run_all(work_out(ada, study.pk))
    assert request.state == "succeeded", request.error
    return Study.objects.get(pk=study.pk)


def test_it_works(closed_study, rita, client_of):
    client = client_of(rita)
    url = f"/api/v1/studies/{closed_study.pk}"
    report = client.get(f"{url}/report").json()
    assert report["n_images"] == 2 and [one["place"] for one in report["places"]] == [1, 2, 3]
    assert report["masks"]["pooled"][0][1] == report["masks"]["per_image"][1][0] == 1.0
    assert report["masks"]["pooled"][0][0] is None and report["masks"]["tie_break"] == "largest"
    # Of the split image Carl's quarters have an IoU of .5 with Anna's halves: a hit at .5 alone for AP,
    # none for PQ, whose partners are unique only above it.
    assert report["pq"][0] == [None, 1.0, 0.5] and report["pq"][2][1] == 0.5
    assert report["f1"][0][1] == 1.0 and report["covering"][0][2] == pytest.approx(0.75)
    assert report["kinds"] == {"missing": 0, "extra": 0, "granularity": 4, "boundary": 0, "name": 0}
    assert report["kinds_by_pair"]["1-2"]["granularity"] == 0
    assert report["masks"]["intervals"][0][1] == [1.0, 1.0]
    low, high = report["pq_intervals"][0][2]
    assert (low, high) == (0.0, 1.0)
    assert report["names"] is None and report["references"]["masks"]["1-2"] == 0.906
    assert {row["annotator"]: row["batches"][0]["pq"] for row in report["drift"]} == {
        "bea": 1.0, "carl": 0.5,
    }  # fmt: skip
    assert report["worst"][0]["file_name"] == "street_1.png" or report["worst"][0]["pq"] < 1
