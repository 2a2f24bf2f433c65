"""The answers of a survey as rows for a spreadsheet: participants by pseudonym, sets by their labels."""

from typing import Any

from annotation_server.surveys.models import Survey, SurveyAnswer
from annotation_server.surveys.results import answers_of, verdicts_of
from annotation_server.surveys.sets import labels_of


def answer_rows(survey: Survey) -> list[dict[str, Any]]:
    """One row an answer; attention checks and whoever is left out are there too, and marked."""
    counts = {name: verdict.counts for name, verdict in verdicts_of(survey).items()}
    labels = labels_of(survey)
    return [_row(answer, labels, counts[answer.participant.pseudonym]) for answer in answers_of(survey)]


def _row(answer: SurveyAnswer, labels: list[str], counts: bool) -> dict[str, Any]:
    item = answer.item
    return {
        "participant": answer.participant.pseudonym,
        "counts": counts,
        "role": item.role,
        "image": item.image_number,
        "file_name": item.file_name,
        "first": labels[item.first],
        "second": "" if item.second is None else labels[item.second],
        "first_was_left": "" if answer.first_was_left is None else answer.first_was_left,
        "score": "" if answer.score is None else answer.score,
        "choice": answer.choice,
        "comment": answer.comment,
        "spent_ms": answer.spent_ms,
        "answered_at": answer.changed_at.isoformat(timespec="seconds"),
    }
