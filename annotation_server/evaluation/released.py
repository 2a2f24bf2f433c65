"""Which reports a release carries: those whose truth is exactly what it publishes."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation_server.evaluation.freeze import read_inputs
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.sum_up import report_key
from annotation_server.releases.carried import Carried, carried_reports
from annotation_server.requests.models import WorkState

OF_PROJECT = ("accepted", "release")
Inputs = Sequence[Mapping[str, Any]]


@carried_reports
def reports_of(project_id: int, inputs: Inputs) -> list[Carried]:
    """The finished reports, one for equal inputs, on all images of a release or of one of its splits."""
    finished = EvaluationReport.objects.filter(project_id=project_id, state=WorkState.SUCCEEDED)
    found = []
    for report in finished.filter(same_as=None, truth__kind__in=OF_PROJECT).order_by("pk").defer("figures"):
        published = {
            row["image"]: (row["annotation"], row["revision"], row["map_sha256"])
            for row in inputs
            if report.split in ("", row["split"])
        }
        if report.images == len(published) and _truth_of(report) == published:
            found.append(_carried(report))
    return found


def _truth_of(report: EvaluationReport) -> dict[int, tuple[int, int, str]]:
    rows = ((row["image"], row["truth"]) for row in read_inputs(report)["images"])
    return {image: (true["annotation"], true["revision"], true["sha256"]) for image, true in rows}


def _carried(report: EvaluationReport) -> Carried:
    return {
        "path": f"evaluation/report_{report.pk:06d}.json",
        "key": report_key(report),
        "report": report.pk,
        "inputs_sha256": report.inputs_sha256,
        "split": report.split,
        "found": report.found,
    }
