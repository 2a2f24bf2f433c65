"""Reports in tests: asking for one, and doing its jobs here instead of in a worker."""

from typing import Any

from annotation_server import tasks
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.start import start_report
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job, WorkState

WORK = {
    "server.freeze_evaluation": tasks.freeze_evaluation,
    "server.evaluate_images": tasks.evaluate_images,
    "server.sum_up_evaluation": tasks.sum_up_evaluation,
    "server.compare_evaluations": tasks.compare_evaluations,
    "server.read_evaluation_upload": tasks.read_evaluation_upload,
}
OPTIONS = {"overlap": "refuse", "void": "crowd", "similarity": "identity", "boundary": True}
ACCEPTED = {"kind": "accepted"}


def do_jobs(request_id: int) -> None:
    """Every job of a request, one after the other, until none is left."""
    while job := Job.objects.filter(request_id=request_id, state=WorkState.QUEUED).order_by("id").first():
        WORK[job.task](job.pk)


def asked(project: Project, found: dict[str, Any], by: Any, **told: Any) -> EvaluationReport:
    """A report that nobody works on yet; ``told`` are its options, and truth and split."""
    sides = {"truth": told.pop("truth", ACCEPTED), "split": told.pop("split", "")}
    return start_report(project, name="", found=found, options=OPTIONS | told, by=by, **sides)


def worked_out(project: Project, found: dict[str, Any], by: Any, **told: Any) -> EvaluationReport:
    """A report whose jobs are done."""
    report = asked(project, found, by, **told)
    do_jobs(report.request_id)
    report.refresh_from_db()
    return report
