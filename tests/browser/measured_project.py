"""A project in which everything has been measured: judged, drawn again, asked about, and timed."""

from typing import Any

from annotation_server.accounts.models import User
from annotation_server.consistency.models import Study
from annotation_server.consistency.population import Population
from annotation_server.consistency.protocol import Protocol, close_study, open_study, plan_study
from annotation_server.evaluation.models import EvaluationComparison
from annotation_server.projects.models import Project
from annotation_server.quality import keep_up
from annotation_server.requests.models import Job, WorkState
from annotation_server.surveys import take_part
from annotation_server.surveys.link import make_link
from annotation_server.surveys.models import Survey
from annotation_server.surveys.run_survey import make_survey, open_survey
from annotation_server.tasks import prepare_survey
from tests.browser.drawn_study import IMAGES, draw_everything, work_off_study
from tests.evaluation.reports import ACCEPTED, worked_out
from tests.quality.conftest import days_ago

DAYS = 22


def compared(project: Project, ada: User) -> EvaluationComparison:
    """Two reports of the accepted scenes, and what their comparison would say of ten images."""
    first, second = (
        worked_out(project, {"kind": "annotator", "user": "anna"}, ada, void=void)
        for void in ("crowd", "background")
    )
    measure = {"first": 0.62, "second": 0.71, "difference": 0.09, "low": 0.02, "high": 0.16}
    measure["probability"] = 0.99
    image = project.images.earliest("pk")
    changed = {"image": image.pk, "file_name": image.file_name, "first": 0.5, "second": 0.9}
    return EvaluationComparison.objects.create(
        project=project,
        first=first,
        second=second,
        state=WorkState.SUCCEEDED,
        images=10,
        figures={"images": 10, "measures": {"AP": measure, "PQ": measure}, "changed": [changed]},
        verdict="The second is better.",
    )


def closed_study(project: Project, ada: User, people: dict[int, User]) -> Study:
    """A study of all scenes that ``people`` have drawn by place, with its report."""
    study = plan_study(ada, project.pk, Protocol(name="Spring", population=Population(), size=IMAGES, seed=1))
    open_study(ada, study.pk)
    draw_everything(study, people)
    close_study(ada, study.pk)
    work_off_study()
    return study


def answered_survey(project: Project, ada: User, person: User) -> tuple[Survey, str]:
    """An open survey that one member has answered with a remark, and the key of its link."""
    wanted = {"kind": "satisfaction", "name": "Autumn", "sets": [ACCEPTED], "size": IMAGES, "seed": 1}
    survey = make_survey(project, {**wanted, "consent": "It is voluntary."}, by=ada)
    prepare_survey(Job.objects.get(request=survey.request_id).pk)
    survey = open_survey(survey.pk, by=ada)
    participant, _ = take_part.join(survey.pk, user=person)
    for place in range(1, IMAGES + 1):
        said = {"score": 10 - place, "comment": "Cut in two."}
        take_part.answer(survey.pk, participant.pk, place, said)
    return survey, make_link(survey.pk, 3, by=ada)[0]


def hurried_work(anna: User, reviewer: User, submitted: Any) -> None:
    """Days at one speed, then one on which Anna takes a tenth of the time."""
    for day in range(DAYS, 0, -1):
        active_ms = 60_000 if day == 1 else 600_000 + 30_000 * (day % 3)
        for _ in range(2):
            submitted(anna, days_ago(day), reviewer=reviewer, active_ms=active_ms)
    keep_up.keep_quality()
