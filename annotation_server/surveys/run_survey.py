"""A survey from its making to its end: made, prepared, put in other words, opened, closed, deleted."""

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.errors import Conflict, Refused
from annotation_server.projects.models import Project
from annotation_server.requests import progress
from annotation_server.requests.models import Request
from annotation_server.surveys.models import Survey, SurveyAnswer
from annotation_server.surveys.prepare import TASK
from annotation_server.surveys.sets import find_sets, shared_images

State = Survey.State
MOST_SETS = 6


@transaction.atomic
def make_survey(project: Project, wanted: dict[str, Any], *, by: Any) -> Survey:
    """Record a survey and have its pictures painted.

    ``wanted``: fields of Survey, of the sets their specs. Raises Refused where the sets do not fit the kind
    or share no image, and Conflict when the name is taken.
    """
    specs = [dict(spec) for spec in wanted["sets"]]
    _check_sets(wanted["kind"], specs)
    sets = find_sets(project.pk, specs)
    if not shared_images(project.pk, sets, wanted.get("split", "")):
        raise Refused(
            _("There is no image that all of these sets have masks of. Choose others, or another split."),
            code="no_images",
        )
    try:
        with transaction.atomic():
            survey = Survey.objects.create(
                **{**wanted, "sets": [found.told for found in sets]},
                project=project,
                secret=secrets.token_hex(32),
                created_by=by,
            )
    except IntegrityError:
        raise Conflict(
            _("This project has a survey “%(name)s” already. Choose another name.")
            % {"name": wanted["name"]},
            code="name_taken",
        ) from None
    _prepare(survey, by)
    audit.record(by, project.pk, "survey.make", survey, name=survey.name, kind=survey.kind)
    return survey


@transaction.atomic
def prepare_again(survey_id: int, *, by: Any) -> Survey:
    """Try once more to prepare a survey that failed; raises Conflict for any other."""
    survey = _locked(survey_id)
    _require(survey, State.FAILED, message=_("Only a survey that could not be prepared is prepared again."))
    survey.state, survey.error = State.PREPARING, ""
    survey.save(update_fields=["state", "error"])
    _prepare(survey, by)
    return survey


@transaction.atomic
def change_texts(survey_id: int, texts: dict[str, str], *, by: Any) -> Survey:
    """Put what participants read (title, definition, consent) in other words.

    Raises Conflict once somebody has answered, and for another consent once somebody has agreed.
    """
    survey = _locked(survey_id)
    if SurveyAnswer.objects.filter(participant__survey=survey).exists():
        raise Conflict(
            _("Somebody has answered already: what they read stays as it was. Make a new survey instead."),
            code="answered",
        )
    changed = {name: text for name, text in texts.items() if getattr(survey, name) != text}
    if "consent" in changed and survey.participants.exists():
        raise Conflict(_("Somebody has agreed to take part already: that text stays."), code="agreed")
    for name, text in changed.items():
        setattr(survey, name, text)
    survey.save(update_fields=list(changed))
    audit.record(by, survey.project_id, "survey.change", survey, changed=sorted(changed))
    return survey


@transaction.atomic
def open_survey(survey_id: int, *, by: Any) -> Survey:
    """Let people answer, for the first time or again; raises Conflict before it is ready."""
    survey = _locked(survey_id)
    _require(
        survey, State.READY, State.CLOSED, message=_("Only a survey that is ready or closed can be opened.")
    )
    survey.state, survey.closed_at = State.OPEN, None
    survey.opened_at = survey.opened_at or timezone.now()
    survey.save(update_fields=["state", "opened_at", "closed_at"])
    audit.record(by, survey.project_id, "survey.open", survey, inputs_sha256=survey.inputs_sha256)
    return survey


@transaction.atomic
def close_survey(survey_id: int, *, by: Any) -> Survey:
    """Take no more answers; raises Conflict unless it is open."""
    survey = _locked(survey_id)
    _require(survey, State.OPEN, message=_("This survey is not open."))
    survey.state, survey.closed_at = State.CLOSED, timezone.now()
    survey.save(update_fields=["state", "closed_at"])
    audit.record(by, survey.project_id, "survey.close", survey)
    return survey


@transaction.atomic
def delete_survey(survey_id: int, *, by: Any) -> None:
    """Delete a survey with its answers and pictures; raises Conflict while it is open or being prepared."""
    survey = _locked(survey_id)
    _require(
        survey,
        State.READY,
        State.CLOSED,
        State.FAILED,
        message=_("Close this survey first, or cancel its preparation; then it can be deleted."),
    )
    answers = survey.participants.count()
    audit.record(by, survey.project_id, "survey.delete", survey, name=survey.name, participants=answers)
    folder = survey.folder
    survey.delete()
    transaction.on_commit(lambda: media.delete_folder(folder))


def _prepare(survey: Survey, by: Any) -> None:
    job = progress.NewJob(task=TASK, payload={"survey": survey.pk})
    survey.request = progress.start(
        survey.project_id,
        Request.Kind.SURVEY,
        [job],
        by=by,
        message=f"Painting the pictures of survey {survey.name}.",
    )
    survey.request.result = {"url": f"/projects/{survey.project_id}/surveys/{survey.pk}"}
    survey.request.save(update_fields=["result"])
    survey.save(update_fields=["request"])


def _check_sets(kind: str, specs: list[dict[str, Any]]) -> None:
    if kind == Survey.Kind.SATISFACTION and len(specs) != 1:
        raise Refused(_("A satisfaction survey is about one set of masks."), code="invalid")
    if kind == Survey.Kind.PREFERENCE and not 2 <= len(specs) <= MOST_SETS:
        raise Refused(
            _("A preference survey compares two to %(most)s sets of masks.") % {"most": MOST_SETS},
            code="invalid",
        )
    if any(spec in specs[:at] for at, spec in enumerate(specs)):
        raise Refused(_("The same set is chosen twice."), code="invalid")


def _locked(survey_id: int) -> Survey:
    return Survey.objects.select_for_update().get(pk=survey_id)


def _require(survey: Survey, *states: str, message: str) -> None:
    if survey.state not in states:
        raise Conflict(message, code="wrong_state", state=survey.state)
