"""The results of a survey, worked out of its answers; participants by pseudonym."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from annotation_server.surveys.models import Survey, SurveyAnswer, SurveyItem, SurveyParticipant
from annotation_server.surveys.preference import preference
from annotation_server.surveys.satisfaction import satisfaction
from annotation_server.surveys.sets import labels_of
from annotation_server.surveys.votes import LEAST_ANSWERED, REGULAR, Verdict, Vote, counted, judge

Role = SurveyItem.Role


def results_of(survey: Survey) -> dict[str, Any]:
    """Figures, participants with what their attention checks say, and comments."""
    votes = [_vote(row) for row in answers_of(survey)]
    verdicts = _verdicts(survey, votes)
    counting = counted(votes, verdicts)
    figures = (
        satisfaction(counting)
        if survey.kind == Survey.Kind.SATISFACTION
        else preference(counting, len(survey.sets))
    )
    names = _file_names(survey)
    return {
        "survey": survey.pk,
        "name": survey.name,
        "kind": survey.kind,
        "state": survey.state,
        "inputs_sha256": survey.inputs_sha256,
        "seed": survey.seed,
        "images": survey.images,
        "set_labels": labels_of(survey),
        "rule": {"allowed_failures": survey.allowed_failures, "least_answered": LEAST_ANSWERED},
        "participants": _participants(survey, verdicts),
        "answers": len(votes),
        "counted_answers": len(counting),
        **figures,
        "by_image": [{**row, "file_name": names.get(row["image"], "")} for row in figures["by_image"]],
        "shown": [{"image": image, "file_name": name} for image, name in _shown(survey)],
        "comments": [_comment(vote, names) for vote in votes if vote.comment],
    }


def answers_of(survey: Survey) -> Iterable[SurveyAnswer]:
    """Every answer with its item and participant, in the order of participants and items."""
    rows = SurveyAnswer.objects.filter(participant__survey=survey).select_related("item", "participant")
    return rows.order_by("participant__number", "item_id")


def verdicts_of(survey: Survey) -> dict[str, Verdict]:
    """What the attention checks say of each participant, by pseudonym."""
    return _verdicts(survey, [_vote(row) for row in answers_of(survey)])


def items_asked(survey: Survey) -> int:
    """How many items one participant is asked: every image once, and the checks."""
    checks = survey.items.exclude(role=Role.REGULAR).count()
    return survey.images + checks


def _vote(row: SurveyAnswer) -> Vote:
    return Vote(
        participant=row.participant.pseudonym,
        image=row.item.image_number,
        role=row.item.role,
        first=row.item.first,
        second=row.item.second,
        score=row.score,
        choice=row.choice,
        first_was_left=row.first_was_left,
        comment=row.comment,
    )


def _verdicts(survey: Survey, votes: list[Vote]) -> dict[str, Verdict]:
    by_person: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        by_person[vote.participant].append(vote)
    asked = items_asked(survey)
    return {
        person.pseudonym: judge(person.pseudonym, by_person[person.pseudonym], asked, survey.allowed_failures)
        for person in survey.participants.all()
    }


def _participants(survey: Survey, verdicts: dict[str, Verdict]) -> list[dict[str, Any]]:
    return [_participant(person, verdicts[person.pseudonym]) for person in survey.participants.all()]


def _participant(person: SurveyParticipant, verdict: Verdict) -> dict[str, Any]:
    return {
        "participant": person.pseudonym,
        "is_member": person.is_member,
        "answered": verdict.answered,
        "asked": verdict.asked,
        "is_finished": person.finished_at is not None,
        "checks": verdict.checks,
        "failed": verdict.failed,
        "counts": verdict.counts,
        "reason": verdict.reason,
    }


def _comment(vote: Vote, names: dict[int, str]) -> dict[str, Any]:
    return {
        "participant": vote.participant,
        "image": vote.image,
        "file_name": names.get(vote.image, ""),
        "is_check": vote.role != REGULAR,
        "said": vote.choice or vote.score,
        "first": vote.first,
        "second": vote.second,
        "text": vote.comment,
    }


def _shown(survey: Survey) -> list[tuple[int, str]]:
    """The images it asks about, without those of attention checks."""
    regular = survey.items.filter(role=Role.REGULAR).order_by("image_number")
    return list(regular.values_list("image_number", "file_name").distinct())


def _file_names(survey: Survey) -> dict[int, str]:
    return dict(survey.items.values_list("image_number", "file_name"))
