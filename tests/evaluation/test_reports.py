import json

import pytest

from annotation_server import media, tasks
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.seen import Sight
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.releases.models import Release
from annotation_server.requests.models import Job
from annotation_server.requests.progress import cancel
from tests.evaluation.reports import ACCEPTED, OPTIONS, asked, do_jobs, worked_out

pytestmark = pytest.mark.services
REPORTS = "/api/v1/evaluation-reports"


@pytest.fixture
def found(model):
    return {"kind": "model", "model_version": model.pk}


@pytest.fixture
def three(accepted, predict, broker):
    """Three images; the model does the first best and the last worst."""
    annotations = [accepted(at, split="val", file_name=f"{at}.png") for at in (10, 16, 20)]
    for annotation, at in zip(annotations, (10, 17, 2), strict=True):
        predict(annotation.image, at)
    return annotations


def test_it_works(client_of, rita, project, three, found, carl):
    report = worked_out(project, found, carl, split="val")
    assert (report.state, report.images, report.left_out) == ("succeeded", 3, []), report.error
    reviewer = client_of(rita)
    told = reviewer.get(f"{REPORTS}/{report.pk}").json()
    assert told["headline"]["AP"] == told["figures"]["ap"]["AP"] > 0.4
    assert (told["truth_label"], told["found_label"]) == ("Accepted annotations", "Model seer")
    (row,) = reviewer.get(f"{REPORTS}?project={project.pk}").json()["results"]
    assert row == {name: value for name, value in told.items() if name not in ("figures", "names")}
    rows = reviewer.get(f"{REPORTS}/{report.pk}/images?ordering=ap&page_size=2").json()
    assert (rows["count"], [row["file_name"] for row in rows["results"]]) == (3, ["20.png", "16.png"])
    exact = reviewer.get(f"{REPORTS}/{report.pk}/images?ordering=-pq").json()["results"][0]
    assert (exact["file_name"], exact["AP"], exact["boundary_AP"]) == ("10.png", 1.0, 1.0)
    request = reviewer.get(f"/api/v1/requests/{report.request_id}").json()
    assert (request["progress"], request["result_url"]) == (
        1.0,
        f"/projects/{project.pk}/evaluation/{report.pk}",
    )


def test_truth_that_began_as_the_judged_model_s_proposals_is_named(project, three, found, carl):
    flattered = three[1]
    prediction = flattered.image.annotations.get(model_version__isnull=False)
    flattered.masks.filter(number=1).update(source=prediction, source_number=1)
    report = worked_out(project, found, carl)
    assert report.left_out == [{"kind": "begun_from_found", "count": 1, "examples": ["16.png"]}]
    assert report.images == 3


def test_an_image_in_detail(client_of, rita, project, three, found, carl):
    report = worked_out(project, found, carl)
    badly = three[2].image_id
    told = client_of(rita).get(f"{REPORTS}/{report.pk}/images/{badly}").json()
    assert told["counts"] == {"right": 0, "border": 1, "name": 0, "missing": 1, "extra": 1, "in_void": 0}
    pair = next(pair for pair in told["pairs"] if pair["kind"] == "missing")
    assert (pair["true"], pair["found"], pair["true_box"]) == (2, None, [20, 0, 12, 32])
    assert told["annotations"]["truth"] == three[2].pk
    assert client_of(rita).get(f"{REPORTS}/{report.pk}/images/999999999").status_code == 404


def test_whoever_works_on_an_image_blind_sees_no_masks_of_it(client_of, rita, project, three, found, carl):
    report = worked_out(project, found, carl)
    blind, other = three[0].image_id, three[1].image_id
    Assignment.objects.create(image_id=blind, annotator=rita, round=Assignment.Round.STUDY)
    reviewer, images = client_of(rita), f"{REPORTS}/{report.pk}/images"
    assert [reviewer.get(f"{images}/{image}").status_code for image in (blind, other)] == [403, 200]
    assert reviewer.get(f"{images}/{blind}/truth.png").json()["code"] == "blind"
    assert list(Sight.objects.values_list("person", "image")) == [(rita.pk, other)]


def test_the_same_inputs_give_the_same_bytes(client_of, rita, project, three, found, carl):
    first = worked_out(project, found, carl)
    files = {
        file: _file(client_of(rita), first, file) for file in ("report.json", "report.csv", "images.csv")
    }
    media.delete_folder(first.results_folder)
    EvaluationReport.objects.filter(pk=first.pk).update(inputs_sha256="of something else")
    second = worked_out(project, found, carl)
    assert (second.inputs_sha256, second.same_as_id) == (first.inputs_sha256, None)
    assert files == {file: _file(client_of(rita), second, file) for file in files}
    third = worked_out(project, found, carl)
    assert (third.same_as_id, third.figures) == (second.pk, second.figures)
    assert not Job.objects.filter(request=third.request, task="server.evaluate_images").exists()
    inputs = _file(client_of(rita), third, "inputs.json")
    assert b"created" not in inputs and json.loads(files["report.json"])["figures"] == third.figures


def test_what_changes_the_inputs_changes_their_digest(project, three, found, carl):
    digests = {worked_out(project, found, carl).inputs_sha256}
    digests.add(worked_out(project, found, carl, void="background").inputs_sha256)
    Annotation.objects.filter(pk=three[0].pk).update(state=Annotation.State.RETURNED)
    less = worked_out(project, found, carl)
    assert len(digests | {less.inputs_sha256}) == 3
    assert less.left_out == [{"kind": "no_truth", "count": 1, "examples": ["10.png"]}]


def test_images_without_a_prediction_are_named(client_of, rita, project, three, found, carl, accepted):
    missing = accepted(5, split="train", file_name="unseen.png")
    report = worked_out(project, found, carl)
    assert report.left_out == [{"kind": "no_found", "count": 1, "examples": ["unseen.png"]}]
    choices = client_of(rita).get(f"{REPORTS}/choices?project={project.pk}").json()
    seer = next(row for row in choices["models"] if row["name"] == "seer")
    assert (seer["images"], seer["missing"]) == (3, {"train": 1, "val": 0, "test": 0, "none": 0})
    assert choices["annotators"] == [{"username": "anna", "images": 4}]
    asked_for = f"{REPORTS}/missing?project={project.pk}&model_version={seer['id']}"
    assert client_of(rita).get(asked_for).json() == {"images": [missing.image_id]}


def test_work_that_goes_while_it_is_measured_is_named(project, three, found, carl, accepted, predict):
    gone = accepted(27, file_name="gone.png")
    predict(gone.image, 27)
    report = asked(project, found, carl)
    tasks.freeze_evaluation(Job.objects.get(request=report.request).pk)
    Annotation.objects.filter(pk=gone.pk).delete()
    do_jobs(report.request_id)
    report.refresh_from_db()
    assert report.state == "failed" and "gone.png is gone" in report.error


def test_measures_of_another_version_are_not_mixed(project, three, found, carl):
    report = asked(project, found, carl)
    tasks.freeze_evaluation(Job.objects.get(request=report.request).pk)
    measuring = Job.objects.get(request=report.request, task="server.evaluate_images")
    measuring.payload["measures"] = "of the version before"
    measuring.save()
    do_jobs(report.request_id)
    report.refresh_from_db()
    assert report.state == "failed" and "was updated" in report.error


def test_a_release_is_measured_at_its_frozen_revision(project, three, found, carl, accepted):
    now = worked_out(project, found, carl)
    rows = [
        {"image": one.image_id, "annotation": one.pk, "revision": one.revision_number} for one in three[:2]
    ]
    release = Release.objects.create(project=project, name="v1", state="published", inputs=rows)
    of_release = worked_out(project, found, carl, truth={"kind": "release", "release": release.pk})
    assert (of_release.images, of_release.truth["name"]) == (2, "v1")
    assert of_release.left_out == [{"kind": "no_truth", "count": 1, "examples": ["20.png"]}]
    assert of_release.headline["AP"] > now.headline["AP"]


def test_cancelling_and_deleting(client_of, carl, project, three, found, django_capture_on_commit_callbacks):
    report = asked(project, found, carl)
    curator, one = client_of(carl), f"{REPORTS}/{report.pk}"
    assert curator.delete(one).json()["code"] == "open"
    cancel(report.request_id)
    assert curator.get(one).json()["state"] == "cancelled"
    done = worked_out(project, found, carl)
    assert curator.delete(one).status_code == 204
    assert media.exists(f"{done.results_folder}/report.json")
    with django_capture_on_commit_callbacks(execute=True):
        assert curator.delete(f"{REPORTS}/{done.pk}").status_code == 204
    assert not media.exists(f"{done.results_folder}/report.json")


def test_a_job_that_comes_again_measures_nothing_twice(project, three, found, carl):
    report = asked(project, found, carl)
    tasks.freeze_evaluation(Job.objects.get(request=report.request).pk)
    measuring = Job.objects.get(request=report.request, task="server.evaluate_images")
    report.refresh_from_db()
    key = f"{report.results_folder}/figures/{three[0].image_id}.json"
    tasks.evaluate_images(measuring.pk)
    before = media.read(key)
    media.write(key, before + b" ")
    Job.objects.filter(pk=measuring.pk).update(state="queued")
    tasks.evaluate_images(measuring.pk)
    assert media.read(key) == before + b" "


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"found": ACCEPTED}, 400, "same_set"),
        ({"found": {"kind": "model", "model_version": 10**6}}, 404, "not_found"),
        ({"found": {"kind": "release", "release": 10**6}}, 404, "not_found"),
        ({"found": {"kind": "release"}}, 400, "invalid"),
        ({"found": {"kind": "annotator", "user": "eve"}}, 404, "not_found"),
        ({"found": {"kind": "cheese"}}, 400, "invalid"),
        ({"options": OPTIONS | {"similarity": "embedding"}}, 409, "no_similarity"),
        ({"options": {"overlaps": "allow"}}, 400, "invalid"),
        ({"split": "cheese"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_started_is_refused(client_of, carl, project, three, found, body, status, code):
    asked_for = {"project": project.pk, "truth": ACCEPTED, "found": found} | body
    response = client_of(carl).post(REPORTS, asked_for, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code), response.json()
    assert not EvaluationReport.objects.exists()


def test_nothing_in_common_is_refused(client_of, carl, project, accepted, model, found, broker):
    accepted(5)
    asked_for = {"project": project.pk, "truth": ACCEPTED, "found": found}
    response = client_of(carl).post(REPORTS, asked_for, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "nothing_to_measure")


def test_roles(client_of, anna, rita, carl, eve, project, three, found):
    report = worked_out(project, found, carl)
    listed = f"{REPORTS}?project={project.pk}"
    for address in (listed, f"{REPORTS}/{report.pk}", f"{REPORTS}/{report.pk}/report.json"):
        assert [client_of(user).get(address).status_code for user in (anna, rita, eve)] == [403, 200, 404]
    assert client_of(anna).get(REPORTS).json()["count"] == 0
    body = {"project": project.pk, "truth": ACCEPTED, "found": found}
    for user, status in ((anna, 403), (rita, 403), (eve, 404), (carl, 202)):
        assert client_of(user).post(REPORTS, body, format="json").status_code == status
    assert client_of(rita).delete(f"{REPORTS}/{report.pk}").status_code == 403


def test_plots_are_drawn_once_and_alike(client_of, rita, project, three, found, carl):
    report = worked_out(project, found, carl)
    reviewer, folder = client_of(rita), f"{REPORTS}/{report.pk}/plots"
    png = reviewer.get(f"{folder}/precision_recall.png")
    assert (png["Content-Type"], png.content[:4]) == ("image/png", b"\x89PNG")
    svg = reviewer.get(f"{folder}/sizes.svg")
    assert svg["Content-Disposition"].startswith("attachment") and b"<svg" in svg.content
    media.delete_folder(f"{report.results_folder}/plots")
    assert reviewer.get(f"{folder}/sizes.svg").content == svg.content
    assert reviewer.get(f"{folder}/terms.png").status_code == 404
    assert reviewer.get(f"{folder}/cheese.png").status_code == 404
    assert reviewer.get(f"{REPORTS}/{report.pk}/cheese.json").status_code == 404


def _file(client, report: EvaluationReport, file: str) -> bytes:
    response = client.get(f"{REPORTS}/{report.pk}/{file}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)
