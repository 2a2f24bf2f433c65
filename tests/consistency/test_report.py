"""The report of a small study whose figures can be told by hand."""

import hashlib
import io
import json
import re
import tarfile

import pytest

from annotation_server import media
from annotation_server.consistency.models import Study
from annotation_server.consistency.protocol import close_study, start_names
from annotation_server.consistency.report import image_agreements
from annotation_server.consistency.work_out import MEASURE, SUM_UP, measure_images, sum_up, work_out
from annotation_server.releases.build import build_release
from annotation_server.releases.start import start_release
from annotation_server.requests.models import Request
from annotation_server.requests.run import run_job
from annotation_server.vocabulary.models import Term
from tests.consistency.conftest import HALVES, submit

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
    worst, best = report["worst"]
    assert worst["pq"] < best["pq"] == 1.0 and worst["file_name"].startswith("street_")


def test_its_files_images_and_pictures(closed_study, anna, rita, client_of):
    client, url = client_of(rita), f"/api/v1/studies/{closed_study.pk}"
    content = client.get(f"{url}/report.json").content
    assert hashlib.sha256(content).hexdigest() == closed_study.report_sha256
    words = set(re.findall(rb"\w+", content))  # whole ones: a hash may hold b"bea" by chance
    assert not {word for word in words if word in (b"bea", b"carl") or word.startswith(b"street_")}
    lines = client.get(f"{url}/report.csv").content.decode().splitlines()
    assert lines[0] == "measure,truth,other,value,low,high" and "PQ,1,3,0.5,0.0,1.0" in lines
    rows = client.get(f"{url}/images", {"ordering": "-pq"}).json()["results"]
    assert [row["pq"] for row in rows] == [1.0, pytest.approx(1 / 3)]
    assert rows[1]["kinds"]["granularity"] == 4
    split = f"{url}/images/{rows[1]['image']}"
    detail = client.get(split).json()
    assert [one["annotator"] for one in detail["annotations"]] == ["anna", "bea", "carl"]
    found = [one for one in detail["disagreements"] if one["places"] == [1, 3]]
    assert [one["kind"] for one in found] == ["granularity"] * 2
    assert [(len(one["a"]), len(one["b"]), one["iou"]) for one in found] == [(1, 2, 1.0)] * 2
    for name in ("1", "3", "1-3"):
        picture = client.get(f"{split}/{name}.png")
        assert picture["Content-Type"] == "image/png" and picture.content[1:4] == b"PNG"
        again = client.get(f"{split}/{name}.png", headers={"If-None-Match": picture["ETag"]})
        assert again.status_code == 304
    assert client.get(f"{split}/4.png").status_code == client.get(f"{split}/1-1.png").status_code == 404
    assert client.get("/api/v1/requests").json()["results"][0]["result_url"].endswith(url[len("/api/v1") :])
    assert client_of(anna).get("/api/v1/requests").json()["count"] == 0
    for path in ("", "/report", "/report.json", "/images"):
        assert client_of(anna).get(f"{url}{path}").status_code == 403
    agreements = {image: pq for image, pq, _first in image_agreements(closed_study.project_id)}
    assert agreements == {row["image"]: row["pq"] for row in rows}


def test_working_out_again_measures_nothing_and_gives_the_same_bytes(closed_study, ada):
    before = list(closed_study.images.values_list("figures", flat=True))
    first = work_out(ada, closed_study.pk)
    assert work_out(ada, closed_study.pk) == first
    assert run_all(first).state == "succeeded"
    assert list(closed_study.images.values_list("figures", flat=True)) == before
    assert Study.objects.get(pk=closed_study.pk).report_sha256 == closed_study.report_sha256


def test_while_it_runs_only_admins_see_figures_and_nobody_images(
    project, anna, bea, rita, ada, make_accepted, make_study, draw_part, client_of
):
    make_accepted(project, anna)
    study = make_study(project)
    url = f"/api/v1/studies/{study.pk}"
    assert client_of(ada).post(f"{url}/work-out").json()["code"] == "nothing_done"
    draw_part(bea, project)
    answer = client_of(ada).post(f"{url}/work-out")
    assert answer.status_code == 202
    run_all(Request.objects.get(pk=answer.json()["request"]))
    report = client_of(ada).get(f"{url}/report").json()
    assert report["n_images"] == 1 and report["worst"] == []
    assert client_of(rita).get(f"{url}/report").status_code == 403
    for path in ("/images", "/report.json", f"/images/{study.images.get().image_id}"):
        assert client_of(ada).get(f"{url}{path}").json()["code"] == "study_open"
    closed = client_of(ada).post(f"{url}/close").json()
    assert closed["state"] == "closed" and closed["parts"]["masks"] == {"waiting": 0, "open": 0, "done": 1}
    assert closed["request"] != answer.json()["request"]


def test_names_as_typed_and_as_merged(
    project, anna, bea, ada, make_accepted, make_study, draw_part, tab_of, client_of
):
    tree = Term.objects.get(project=project, name="tree")
    sky = Term.objects.get(project=project, name="sky")
    make_accepted(project, anna, QUARTERS, named="tree")
    study = make_study(project)
    draw_part(bea, project, QUARTERS)
    start_names(ada, study.pk)
    tab = tab_of(bea, project)
    names = [("tree", tree), ("A tree", tree), ("sky", sky), ("TREE", tree)]
    tab.save(*(tab.change(n, term=term.pk, raw_name=name) for n, (name, term) in enumerate(names, 1)))
    submit(tab)
    close_study(ada, study.pk)
    run_all(work_out(ada, study.pk))
    names = client_of(ada).get(f"/api/v1/studies/{study.pk}/report").json()["names"]
    assert names["accuracy"] == [[None, 0.5], [0.5, None]]
    assert names["accuracy_merged"] == [[None, 0.75], [0.75, None]] and names["masks"][0][1] == 4
    assert names["intervals_merged"][0][1] == [0.75, 0.75]


def test_a_release_carries_the_report_by_its_hash(closed_study, ada):
    releases = [start_release(closed_study.project, name, "", by=ada) for name in ("v1", "v2")]
    for release in releases:
        run_job(release.request.jobs.get().pk, build_release)
        release.refresh_from_db()
    archives = [media.read(release.archive_key) for release in releases]
    assert archives[0] == archives[1] and releases[0].state == "published"
    path = f"consistency/study_{closed_study.pk:06d}/report.json"
    with tarfile.open(fileobj=io.BytesIO(archives[0])) as tar:
        content = tar.extractfile(f"entityseg/{path}").read()
    assert hashlib.sha256(content).hexdigest() == closed_study.report_sha256
    manifest = json.loads(media.read(releases[0].manifest_key))
    told = {"study": closed_study.pk, "report_sha256": closed_study.report_sha256, "path": path}
    assert manifest["studies"] == [told]
    assert [row["sha256"] for row in manifest["files"] if row["path"] == path] == [told["report_sha256"]]
