"""Deleting a comparison of two reports."""

from annotation_server.audit import AuditEvent
from annotation_server.evaluation.models import EvaluationComparison, EvaluationReport
from annotation_server.requests.models import WorkState


def test_it_works_for_curators_once_it_is_worked_out(client_of, carl, rita, eve, project):
    first, second = (
        EvaluationReport.objects.create(project=project, name=name, truth={}, found={}) for name in "AB"
    )
    comparison = EvaluationComparison.objects.create(project=project, first=first, second=second)
    one = f"/api/v1/evaluation-comparisons/{comparison.pk}"
    assert client_of(carl).delete(one).json()["code"] == "open"
    EvaluationComparison.objects.update(state=WorkState.SUCCEEDED)
    assert client_of(rita).delete(one).status_code == 403
    assert client_of(eve).delete(one).status_code == 404
    assert client_of(carl).delete(one).status_code == 204
    assert not EvaluationComparison.objects.exists()
    assert EvaluationReport.objects.count() == 2
    event = AuditEvent.objects.get(verb="evaluation.delete_comparison")
    assert (event.actor, event.details) == (carl, {"first": first.pk, "second": second.pk})
