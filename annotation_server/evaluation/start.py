"""Asking for a report, and deleting one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.errors import Conflict, Refused
from annotation_server.evaluation.chain import FREEZE, SHARES
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.name_table import similarities_of
from annotation_server.evaluation.sets import find_set, label_of
from annotation_server.projects.models import Project
from annotation_server.requests import progress
from annotation_server.requests.models import Request, WorkState

OVERLAP_RULES = ("refuse", "resolve", "allow")
VOID_RULES = ("crowd", "background")


@transaction.atomic
def start_report(
    project: Project,
    *,
    name: str,
    truth: Mapping[str, Any],
    found: Mapping[str, Any],
    split: str,
    options: Mapping[str, Any],
    by: Any,
) -> EvaluationReport:
    """Record a report and have it worked out.

    Raises NotFound for sets that this project does not have, Conflict where they have no image in common or
    lack what the similarity of names needs, and Refused for two equal sets.
    """
    if dict(truth) == dict(found):
        raise Refused(_("Both sides are the same set: choose another one to judge."), code="same_set")
    sides = find_set(project.pk, truth), find_set(project.pk, found)
    if not similarities_of(project.pk).get(options["similarity"], False):
        raise Conflict(
            _("This project lacks what this similarity needs: parents of terms, or vectors of terms."),
            code="no_similarity",
        )
    labels = [label_of(side.told) for side in sides]
    if sides[0].images().isdisjoint(sides[1].images()):
        raise Conflict(
            _("“%(found)s” says nothing of any image of “%(truth)s”. Pre-annotate its images first.")
            % {"found": labels[1], "truth": labels[0]},
            code="nothing_to_measure",
        )
    report = EvaluationReport.objects.create(
        project=project,
        name=name or _("%(found)s against %(truth)s") % {"found": labels[1], "truth": labels[0]},
        truth=sides[0].told,
        found=sides[1].told,
        truth_label=labels[0],
        found_label=labels[1],
        split=split,
        options=dict(options),
        created_by=by,
    )
    job = progress.NewJob(task=FREEZE, payload={"report": report.pk}, share=SHARES[FREEZE])
    report.request = progress.start(project.pk, Request.Kind.EVALUATE, [job], by=by)
    report.request.result = {"url": f"/projects/{project.pk}/evaluation/{report.pk}"}
    report.request.save(update_fields=["result"])
    report.save(update_fields=["request"])
    audit.record(by, project.pk, "evaluation.start", report, truth=report.truth, found=report.found)
    return report


@transaction.atomic
def delete_report(report_id: int, *, by: Any) -> None:
    """Delete a report and its files; figures that another report of the same inputs shares stay.

    Raises Conflict while it is worked out.
    """
    report = EvaluationReport.objects.select_for_update().get(pk=report_id)
    if report.state in WorkState.open_states():
        raise Conflict(_("This report is being worked out. Cancel its request first."), code="open")
    audit.record(by, report.project_id, "evaluation.delete", report, name=report.name)
    folders = [report.folder]
    shared = EvaluationReport.objects.filter(inputs_sha256=report.inputs_sha256).exclude(pk=report.pk)
    if report.inputs_sha256 and not shared.exists():
        folders.append(report.results_folder)
    report.delete()
    transaction.on_commit(lambda: _delete_folders(folders))


def _delete_folders(folders: list[str]) -> None:
    for folder in folders:
        media.delete_folder(folder)
