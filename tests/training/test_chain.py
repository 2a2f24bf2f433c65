"""What the ML worker hands back is checked, taken once, and ends a run whatever becomes of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from annotation_server import media, tasks
from annotation_server.annotation.seen import Sight
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.requests import progress
from annotation_server.requests.models import Job
from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.training.evaluation_jobs import Judged, bundle_of, judged_examples, results_key
from annotation_server.training.models import TrainingRun
from annotation_server.training.promote import promote
from annotation_server.training.start import start_run
from annotation_server.training.tidy_evaluations import tidy_evaluations
from tests.training.night import next_job

pytestmark = pytest.mark.services


@pytest.fixture
def begun(project, champion, accepted, broker) -> TrainingRun:
    """A run whose examples are frozen: two images to learn from, ten to judge by."""
    for split in ["train"] * 2 + ["val"] * 10:
        accepted(split)
    run = start_run(project, kind="manual")
    media.delete_folder(run.folder)
    tasks.gather_examples(next_job(run).pk)
    return refreshed(run)


def refreshed(run: TrainingRun) -> TrainingRun:
    return TrainingRun.objects.select_related("request", "champion", "candidate").get(pk=run.pk)


def train(run: TrainingRun, tmp_path: Path, **told: Any) -> Job:
    """The trainer's files, as it writes them; the job it was asked by."""
    job = next_job(run)
    path = tmp_path / "model.safetensors"
    save_file({"weight": np.full((3, 5), run.pk, np.float32), "bias": np.zeros(5, np.float32)}, path)
    media.write_file(f"{run.folder}/model.safetensors", path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    result = {"job_id": job.pk, "sha256": sha256, "steps": 3, "final": {"loss": 1.5}} | told
    media.write(f"{run.folder}/result.json", json.dumps(result).encode())
    return job


def evaluate(job: Job, quality: float) -> None:
    """The evaluator's files: so large a share of each entity found."""
    message = job.payload["message"]
    rows = json.loads(media.read(message["examples_key"]))["examples"]
    for row in rows:
        if row["image"] in message["images"]:
            truth = _map_of(row)
            found = np.where(np.arange(32)[:, None] < 32 * quality, truth, 0).astype(np.uint16)
            figures = compare_maps(pack_map(truth), pack_map(found), {1: 0.9, 2: 0.8}, image=row["image"])
            told = figures.to_dict() | {"map_sha256": row["map_sha256"]}
            media.write(f"{message['result_key']}/{row['image']}.json", json.dumps(told).encode())
            media.write(f"{message['result_key']}/{row['image']}.elm.gz", b"map")


def _map_of(row: dict[str, Any]) -> np.ndarray:
    label_map, _ = decode_bundle(decompress_bundle(media.read(row["map_key"])))
    return label_map.pixels()


def to_the_verdict(run: TrainingRun, tmp_path: Path, *, champion: float, candidate: float) -> TrainingRun:
    """Everything but the last job."""
    tasks.training_done(train(run, tmp_path).pk, run.folder)
    tasks.take_in_candidate(next_job(run).pk)
    jobs = list(run.request.jobs.filter(task="ml.evaluate").order_by("id"))
    for job, quality in zip(jobs, (champion, candidate), strict=True):
        evaluate(job, quality)
        tasks.evaluation_done(job.pk, "")
    return refreshed(run)


def test_it_works(begun, tmp_path, champion) -> None:
    assert (begun.state, begun.images, begun.judged_images) == ("training", 2, 10)
    message = next_job(begun).payload["message"]
    assert message["examples_key"] == begun.examples_key
    assert (message["start_sha256"], message["config"]) == ("c" * 64, {"seed": begun.seed})
    run = to_the_verdict(begun, tmp_path, champion=0.8, candidate=0.95)
    assert (run.state, run.candidate.parameters, run.candidate.stage) == ("comparing", 20, "candidate")
    assert sum(run.request.jobs.values_list("share", flat=True)) == pytest.approx(1)
    tasks.compare_models(next_job(run).pk)
    run = refreshed(run)
    assert (run.state, run.request.state) == ("promoted", "succeeded")
    assert run.figures["candidate"]["AP"] > run.figures["champion"]["AP"]
    assert champion_of(run.project_id) == run.candidate
    assert run.champion == champion


def test_of_an_older_evaluation_the_maps_that_its_page_shows_stay(begun, tmp_path, accepted) -> None:
    def judged(run: TrainingRun, quality: float) -> TrainingRun:
        run = to_the_verdict(run, tmp_path, champion=0.9, candidate=quality)
        tasks.compare_models(next_job(run).pk)
        return refreshed(run)

    media.write("evaluations/of-a-run-that-is-gone/1.elm.gz", b"map")
    first = judged(begun, 0.7)
    tidy_evaluations()
    assert len(media.folders("evaluations")) == 2, "those of the last run spare the next one work"
    accepted("val")
    second = start_run(begun.project, kind="manual")
    tasks.gather_examples(next_job(second).pk)
    second = judged(refreshed(second), 0.6)
    for _ in range(2):
        tidy_evaluations()
    assert set(media.folders("evaluations")) == {
        results_key(Judged.of(model), judged_examples(second)).removeprefix("evaluations/")
        for model in (second.champion, second.candidate)
    }
    for run in (first, second):
        for row in run.worst:
            for side in ("champion", "candidate"):
                assert media.read(bundle_of(run, row["image"], side)) == b"map"


def test_progress_is_that_of_the_whole_run(begun, client_of, carl) -> None:
    progress.heard(next_job(begun).pk, 0.5)
    row = client_of(carl).get(f"/api/v1/training-runs/{begun.pk}").json()
    assert row["request"]["progress"] == pytest.approx(0.05 + 0.7 / 2)


def test_what_comes_twice_does_nothing_twice(begun, tmp_path) -> None:
    job = train(begun, tmp_path)
    for _ in range(2):
        tasks.training_done(job.pk, begun.folder)
    take_in = next_job(begun)
    for _ in range(2):
        tasks.take_in_candidate(take_in.pk)
    for job in begun.request.jobs.filter(task="ml.evaluate"):
        evaluate(job, 0.8)
        for _ in range(2):
            tasks.evaluation_done(job.pk, "")
    compare = next_job(begun)
    for _ in range(2):
        tasks.compare_models(compare.pk)
    assert [job.task for job in begun.request.jobs.order_by("id")] == [
        "server.gather_examples",
        "ml.train",
        "server.take_in_candidate",
        "ml.evaluate",
        "ml.evaluate",
        "server.compare_models",
    ]
    run = refreshed(begun)
    assert (run.state, run.figures["difference"]) == ("kept", 0)
    assert ModelVersion.objects.filter(project=run.project).count() == 2


def test_a_worse_candidate_is_kept_out(begun, tmp_path, champion) -> None:
    run = to_the_verdict(begun, tmp_path, champion=0.95, candidate=0.7)
    tasks.compare_models(next_job(run).pk)
    run = refreshed(run)
    assert (run.state, champion_of(run.project_id)) == ("kept", champion)
    assert run.reason.startswith("Worse: ")
    assert run.figures["interval"][1] < 0
    assert run.worst[0]["why"] == "lost"


def test_a_champion_chosen_meanwhile_is_not_displaced(begun, tmp_path, project) -> None:
    run = to_the_verdict(begun, tmp_path, champion=0.8, candidate=0.95)
    chosen = ModelVersion.objects.create(project=project, name="chosen", checkpoint_sha256="d" * 64)
    promote(project.pk, chosen)
    tasks.compare_models(next_job(run).pk)
    run = refreshed(run)
    assert (run.state, champion_of(project.pk)) == ("kept", chosen)
    assert run.reason.startswith("Another model became champion")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"sha256": "0" * 64}, "not those the worker told of"),
        ({"job_id": 0}, "not of this training"),
    ],
)
def test_weights_that_are_not_what_was_told_end_the_run(begun, tmp_path, champion, told, sentence) -> None:
    tasks.training_done(train(begun, tmp_path, **told).pk, begun.folder)
    tasks.take_in_candidate(next_job(begun).pk)
    run = refreshed(begun)
    assert (run.state, run.request.state, run.candidate) == ("failed", "failed", None)
    assert sentence in run.reason
    assert champion_of(run.project_id) == champion


def test_weights_that_are_no_safetensors_end_the_run(begun, tmp_path) -> None:
    job = train(begun, tmp_path, sha256=hashlib.sha256(b"code").hexdigest())
    media.write(f"{begun.folder}/model.safetensors", b"code")
    tasks.training_done(job.pk, begun.folder)
    tasks.take_in_candidate(next_job(begun).pk)
    assert "no safetensors file" in refreshed(begun).reason


def test_one_evaluation_that_fails_ends_all(begun, tmp_path) -> None:
    tasks.training_done(train(begun, tmp_path).pk, begun.folder)
    tasks.take_in_candidate(next_job(begun).pk)
    first, second = begun.request.jobs.filter(task="ml.evaluate").order_by("id")
    tasks.fail_job(first.pk, "The model cannot be used.")
    run = refreshed(begun)
    assert (run.state, run.reason) == ("failed", "The model cannot be used.")
    second.refresh_from_db()
    assert second.state == "cancelled"
    tasks.evaluation_done(second.pk, "")
    assert next_job(begun) is None
    assert refreshed(begun).request.state == "failed"


def test_results_of_another_label_map_end_the_run(begun, tmp_path) -> None:
    run = to_the_verdict(begun, tmp_path, champion=0.8, candidate=0.9)
    job = run.request.jobs.filter(task="ml.evaluate").first()
    key = f"{job.payload['message']['result_key']}/{job.payload['message']['images'][0]}.json"
    media.write(key, json.dumps(json.loads(media.read(key)) | {"map_sha256": "0" * 64}).encode())
    tasks.compare_models(next_job(run).pk)
    assert "is of another image or label map" in refreshed(run).reason


def test_cancelling_tells_the_trainer_and_clears_up(
    begun, tmp_path, django_capture_on_commit_callbacks
) -> None:
    job = train(begun, tmp_path)
    media.write(f"{begun.folder}/state.pt", b"state")
    with django_capture_on_commit_callbacks(execute=True):
        progress.cancel(begun.request_id)
    run = refreshed(begun)
    assert (run.state, run.request.state) == ("cancelled", "cancelled")
    assert media.exists(f"{run.folder}/cancelled")
    assert not media.exists(f"{run.folder}/state.pt")
    assert not media.exists(f"{run.folder}/model.safetensors")
    tasks.training_done(job.pk, run.folder)
    assert next_job(run) is None
    media.write(f"{run.folder}/state.pt", b"saved while it was called off")
    tasks.start_nights()
    assert not media.exists(f"{run.folder}/state.pt")


def test_a_night_without_images_of_val_says_so(project, champion, accepted, broker) -> None:
    accepted("train")
    run = start_run(project, kind="nightly")
    tasks.gather_examples(next_job(run).pk)
    run = refreshed(run)
    assert (run.state, run.request.state) == ("failed", "failed")
    assert run.reason.startswith("There is nothing to judge a new model by")


def test_pictures_of_what_is_true_and_what_models_saw(begun, client_of, ada, carl) -> None:
    client = client_of(carl)
    image = json.loads(media.read(begun.judged_key))["examples"][0]["image"]
    address = f"/api/v1/training-runs/{begun.pk}/images"
    answer = client.get(f"{address}/{image}/truth.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    learned = json.loads(media.read(begun.examples_key))["examples"][0]["image"]
    for wrong in (f"{image}/champion", f"{image}/other", f"{learned}/truth", "99999/truth"):
        assert client.get(f"{address}/{wrong}.png").status_code == 404
    assert Sight.objects.get().image_id == image
