"""The jobs of a report, each adding the next in the transaction that ends it.

    freeze the inputs → measure images, some a job → sum up

Whatever comes twice finds its job ended and does nothing; a job that fails or is cancelled ends the report.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.errors import Refused
from annotation_server.evaluation.code_version import measures_version
from annotation_server.evaluation.freeze import Frozen, freeze
from annotation_server.evaluation.measure_images import measure_part
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.sum_up import sum_up
from annotation_server.requests import progress
from annotation_server.requests.models import Job, WorkState
from annotation_server.requests.progress import NewJob, when_given_up
from annotation_server.requests.pulse import Pulse

FREEZE = "server.freeze_evaluation"
MEASURE = "server.evaluate_images"
SUM_UP = "server.sum_up_evaluation"

# Of a report's work, as it is felt; the measuring jobs share theirs among them.
SHARES = {FREEZE: 0.05, MEASURE: 0.85, SUM_UP: 0.1}


def freeze_inputs(job: Job, pulse: Pulse) -> None:
    """Freeze what a job's report compares, then have it measured; an equal report's figures are taken."""
    report = _report_of(job)
    frozen = freeze(report, pulse.check)

    def then(ended: Job) -> Sequence[NewJob]:
        _note_frozen(report, frozen)
        twin = _twin_of(report)
        if twin is not None:
            _take_figures(report, twin)
            return ()
        return _measuring(report, frozen)

    progress.finish(job.pk, then)


def evaluate_images(job: Job, pulse: Pulse) -> None:
    """Measure some images; when all are measured, have them summed up."""
    report = _report_of(job)
    told = job.payload
    _refuse_other_code(job)
    measure_part(report, told["start"], told["length"], named=told["named"], check=pulse.check)

    def then(ended: Job) -> Sequence[NewJob]:
        siblings = Job.objects.filter(request_id=ended.request_id, task=MEASURE)
        if siblings.filter(state__in=WorkState.open_states()).exists():
            return ()
        return [_summing_up(report)]

    progress.finish(job.pk, then)


def sum_up_report(job: Job, pulse: Pulse) -> None:
    """Sum a report up and publish its figures."""
    report = _report_of(job)
    _refuse_other_code(job)
    summed = sum_up(report, pulse.check)

    def then(ended: Job) -> Sequence[NewJob]:
        report.figures, report.headline = summed.figures, summed.headline
        _publish(report)
        return ()

    progress.finish(job.pk, then)


@when_given_up(FREEZE)
@when_given_up(MEASURE)
@when_given_up(SUM_UP)
def end_report(job: Job, reason: str) -> None:
    """The report ends with the reason of the job that ended first; its other jobs are called off."""
    was_cancelled = job.state == WorkState.CANCELLED
    open_reports = EvaluationReport.objects.filter(
        pk=job.payload["report"], state__in=WorkState.open_states()
    )
    ended = open_reports.update(
        state=WorkState.CANCELLED if was_cancelled else WorkState.FAILED,
        error=reason,
        finished_at=timezone.now(),
    )
    if ended:
        others = Job.objects.filter(request_id=job.request_id, state__in=WorkState.open_states())
        for other in others.values_list("pk", flat=True):
            progress.call_off(other)


def _report_of(job: Job) -> EvaluationReport:
    return EvaluationReport.objects.select_related("project").get(pk=job.payload["report"])


def _refuse_other_code(job: Job) -> None:
    """What was frozen for one version of the measures is not measured by another."""
    if job.payload["measures"] != measures_version():
        raise Refused(_("Tessera was updated while this report was worked out. Ask for it again."))


def _note_frozen(report: EvaluationReport, frozen: Frozen) -> None:
    report.state = WorkState.RUNNING
    report.inputs_sha256, report.images = frozen.sha256, frozen.images
    report.left_out, report.names = frozen.left_out, frozen.names
    report.save(update_fields=["state", "inputs_sha256", "images", "left_out", "names"])


def _twin_of(report: EvaluationReport) -> EvaluationReport | None:
    """A finished report of the same project and inputs."""
    twins = EvaluationReport.objects.filter(
        project_id=report.project_id, inputs_sha256=report.inputs_sha256, state=WorkState.SUCCEEDED
    )
    return twins.order_by("pk").first()


def _take_figures(report: EvaluationReport, twin: EvaluationReport) -> None:
    report.same_as, report.figures, report.headline = twin, twin.figures, twin.headline
    _publish(report)


def _publish(report: EvaluationReport) -> None:
    report.state, report.finished_at = WorkState.SUCCEEDED, timezone.now()
    report.save(update_fields=["state", "finished_at", "same_as", "figures", "headline"])


def _measuring(report: EvaluationReport, frozen: Frozen) -> list[NewJob]:
    share = SHARES[MEASURE] / len(frozen.parts)
    return [
        _job(MEASURE, report, share, start=part.start, length=part.length, named=frozen.named)
        for part in frozen.parts
    ]


def _summing_up(report: EvaluationReport) -> NewJob:
    return _job(SUM_UP, report, SHARES[SUM_UP])


def _job(task: str, report: EvaluationReport, share: float, **payload: Any) -> NewJob:
    return NewJob(
        task=task, payload={"report": report.pk, "measures": measures_version(), **payload}, share=share
    )
