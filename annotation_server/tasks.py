"""Every task of the server's workers, in the order data comes to be: fetch, call."""

from celery import shared_task

from annotation_server.annotation import look_again, measure
from annotation_server.annotation import mask_vectors as mask_vectors  # keeps answers to questions
from annotation_server.annotation import store_prediction as predictions
from annotation_server.consistency import work_out as studies
from annotation_server.evaluation import chain as evaluation
from annotation_server.evaluation import comparisons as evaluation_comparisons
from annotation_server.evaluation import uploads as evaluation_uploads
from annotation_server.images import tiling
from annotation_server.images.models import Image
from annotation_server.model_registry import importing
from annotation_server.model_registry.predict import pre_annotate
from annotation_server.quality import keep_up
from annotation_server.releases import build
from annotation_server.requests import progress, questions, reap
from annotation_server.requests.models import Job
from annotation_server.requests.pulse import Pulse
from annotation_server.requests.run import run_job
from annotation_server.surveys import prepare as surveys
from annotation_server.training import chain as training
from annotation_server.training.give_up import clear_up_late
from annotation_server.training.nightly import run_nights
from annotation_server.training.tidy_evaluations import tidy_evaluations


@shared_task(name="server.tile_image", time_limit=1800)
def tile_image(job_id: int) -> None:
    """Make an uploaded image ready, then let the champion propose its masks."""
    run_job(job_id, _tile_and_pre_annotate)


def _tile_and_pre_annotate(job: Job, pulse: Pulse) -> None:
    tiling.tile_image(job, pulse)
    if job.image is not None and job.image.state == Image.State.READY:
        pre_annotate(job.image)


@shared_task(name="server.job_progress")
def job_progress(job_id: int, fraction: float) -> None:
    """The ML worker is alive and so far with a job."""
    progress.heard(job_id, fraction)


@shared_task(name="server.store_prediction")
def store_prediction(job_id: int, result_key: str) -> None:
    """The ML worker has written a prediction; where, the job itself says."""
    predictions.take_in(job_id)


@shared_task(name="server.measure_submission")
def measure_submission(annotation_id: int) -> None:
    """Work out what a submission's figures need, once."""
    measure.measure(annotation_id)


@shared_task(name="server.count_verdict")
def count_verdict(annotation_id: int) -> None:
    """Let a reviewer's verdict reach the figures of whoever drew."""
    keep_up.count_verdict(annotation_id)


@shared_task(name="server.keep_quality")
def keep_quality() -> None:
    """Every quarter of an hour: count figures of annotators, renew honeypots, find alarms."""
    keep_up.keep_quality()


@shared_task(name="server.plan_vectors")
def plan_vectors(job_id: int) -> None:
    """Have a new champion look at the next accepted masks."""
    run_job(job_id, look_again.plan)


@shared_task(name="server.store_vectors")
def store_vectors(job_id: int, result_key: str) -> None:
    """The ML worker has looked at some masks; at which, the job itself says."""
    look_again.take_in(job_id)


@shared_task(name="server.fail_job")
def fail_job(job_id: int, reason: str) -> None:
    """The ML worker cannot do a job, and trying again would not help."""
    progress.fail(job_id, reason)


@shared_task(name="server.take_in_checkpoint")
def take_in_checkpoint(job_id: int, result_key: str) -> None:
    """The ML worker has converted an uploaded checkpoint; where it lies, the job itself says."""
    importing.take_in(job_id)


@shared_task(name="server.measure_study_images")
def measure_study_images(job_id: int) -> None:
    """Compare what people drew of some images of a study."""
    run_job(job_id, studies.measure_images)


@shared_task(name="server.sum_up_study")
def sum_up_study(job_id: int) -> None:
    """Write the report of a study."""
    run_job(job_id, studies.sum_up)


@shared_task(name="server.build_release")
def build_release(job_id: int) -> None:
    """Build and publish a release."""
    run_job(job_id, build.build_release)


@shared_task(name="server.prepare_survey")
def prepare_survey(job_id: int) -> None:
    """Fix what a survey shows and paint its pictures."""
    run_job(job_id, surveys.prepare_survey)


@shared_task(name="server.read_evaluation_upload")
def read_evaluation_upload(job_id: int) -> None:
    """Read a file of masks and match it to the project's images."""
    run_job(job_id, evaluation_uploads.take_in)


@shared_task(name="server.freeze_evaluation")
def freeze_evaluation(job_id: int) -> None:
    """Freeze what a report compares."""
    run_job(job_id, evaluation.freeze_inputs)


@shared_task(name="server.evaluate_images")
def evaluate_images(job_id: int) -> None:
    """Measure some images of a report."""
    run_job(job_id, evaluation.evaluate_images)


@shared_task(name="server.sum_up_evaluation")
def sum_up_evaluation(job_id: int) -> None:
    """Sum a report up."""
    run_job(job_id, evaluation.sum_up_report)


@shared_task(name="server.compare_evaluations")
def compare_evaluations(job_id: int) -> None:
    """Compare two reports."""
    run_job(job_id, evaluation_comparisons.compare)


@shared_task(name="server.run_nights")
def start_nights() -> None:
    """Once a day: clear up after ended trainings, and start those that are due."""
    clear_up_late()
    tidy_evaluations()
    run_nights()


@shared_task(name="server.gather_examples")
def gather_examples(job_id: int) -> None:
    """Freeze what a run learns from and is judged by."""
    run_job(job_id, training.gather)


@shared_task(name="server.training_done")
def training_done(job_id: int, run_key: str) -> None:
    """The ML worker has written trained weights; where, the job itself says."""
    training.training_done(job_id)


@shared_task(name="server.take_in_candidate")
def take_in_candidate(job_id: int) -> None:
    """Register trained weights and have both models evaluated."""
    run_job(job_id, training.take_in)


@shared_task(name="server.evaluation_done")
def evaluation_done(job_id: int, result_key: str) -> None:
    """The ML worker has evaluated some images; which, the job itself says."""
    training.evaluation_done(job_id)


@shared_task(name="server.compare_models")
def compare_models(job_id: int) -> None:
    """Promote the candidate or keep the champion."""
    run_job(job_id, training.compare)


@shared_task(name="server.reap")
def reap_lost_jobs() -> None:
    """Every 15 s: send lost jobs again, end those tried too often; the same for questions and submissions."""
    reap.reap()
    questions.reap_questions()
    measure.reap_unmeasured()
