"""Taking part in a survey: joining, what one is asked, answering, finishing."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.errors import BadContent, Conflict, NotFound
from annotation_server.surveys.link import Gone, digest_of
from annotation_server.surveys.models import Survey, SurveyAnswer, SurveyItem, SurveyParticipant
from annotation_server.surveys.order import Asked, order_for
from annotation_server.surveys.pictures import BARE, broken_side

LEFT, RIGHT, SAME = "left", "right", "same"
MASKS = "masks"
LONGEST_MS = 3_600_000
Choice = SurveyAnswer.Choice
Role = SurveyItem.Role


@dataclass(frozen=True)
class Place:
    """One item where a participant finds it; ``number`` counts from 1."""

    number: int
    item: SurveyItem
    first_is_left: bool


def require_open(survey: Survey) -> None:
    """Raises Gone when it has been closed, and Conflict before it is opened."""
    if survey.state == Survey.State.CLOSED:
        raise Gone(_("This survey is closed. Thank you for your interest."), code="survey_closed")
    if survey.state != Survey.State.OPEN:
        raise Conflict(_("This survey has not been opened yet. Come back later."), code="not_open")


@transaction.atomic
def join(survey_id: int, *, user: Any = None, name: str = "") -> tuple[SurveyParticipant, str]:
    """A new participant and the key that tells their browser; of a member the one there is, and no key.

    Raises Gone and Conflict (``not_open``, ``full``).
    """
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    require_open(survey)
    if user is not None and (own := survey.participants.filter(user=user).first()):
        return own, ""
    last = survey.participants.order_by("-number").first()
    if survey.participants.count() >= survey.max_participants:
        raise Conflict(
            _("This survey has all the participants it needs. Thank you for your interest."), code="full"
        )
    key = "" if user is not None else secrets.token_urlsafe(24)
    participant = SurveyParticipant.objects.create(
        survey=survey,
        number=last.number + 1 if last else 1,
        user=user,
        is_member=user is not None,
        key_digest=digest_of(key) if key else "",
        name=name if survey.asks_name else "",
    )
    return participant, key


def places_of(survey: Survey, participant: SurveyParticipant) -> list[Place]:
    """What a participant is asked, in their order."""
    items = {item.pk: item for item in survey.items.all()}
    shown = order_for(survey.secret, participant.number, _asked(items.values()))
    return [Place(at, items[one.item], one.first_is_left) for at, one in enumerate(shown, 1)]


def place_at(survey: Survey, participant: SurveyParticipant, number: int) -> Place:
    """One of them; raises NotFound."""
    places = places_of(survey, participant)
    if not 1 <= number <= len(places):
        raise NotFound(_("This survey has no such question."))
    return places[number - 1]


def _asked(items: Any) -> Sequence[Asked]:
    return [
        Asked(
            item=item.pk,
            image=item.image_number,
            is_check=item.role != Role.REGULAR,
            pair=(item.first, item.second),
        )
        for item in items
    ]


def picture_key(survey: Survey, place: Place, side: str) -> str:
    """Storage key of what is shown at a place: ``left``, ``right``, ``masks`` or the bare ``image``.

    Raises NotFound for a side that this survey does not have.
    """
    item = place.item
    sides = {BARE: BARE}
    if survey.kind == Survey.Kind.SATISFACTION:
        sides[MASKS] = broken_side(item.first) if item.role == Role.BROKEN else str(item.first)
    else:
        first, second = str(item.first), _second_side(item)
        sides[LEFT], sides[RIGHT] = (first, second) if place.first_is_left else (second, first)
    if side not in sides:
        raise NotFound(_("This survey has no such picture."))
    return survey.picture_key(item.image_number, sides[side])


def _second_side(item: SurveyItem) -> str:
    if item.role == Role.BROKEN:
        return broken_side(item.first)
    return str(item.first if item.role == Role.IDENTICAL else item.second)


@transaction.atomic
def answer(survey_id: int, participant_id: int, number: int, said: dict[str, Any]) -> SurveyAnswer:
    """Keep what a participant says at a place, in place of what they said before.

    ``said``: score or choice (left, right, same), comment, spent_ms. Saying the same twice changes nothing
    more. Raises Gone, Conflict (``not_open``, ``finished``), NotFound and BadContent.
    """
    participant = SurveyParticipant.objects.select_for_update().get(pk=participant_id, survey=survey_id)
    survey = Survey.objects.get(pk=survey_id)
    require_open(survey)
    if participant.finished_at:
        raise Conflict(_("You have finished: your answers are final. Thank you."), code="finished")
    place = place_at(survey, participant, number)
    kept = {
        **_verdict(survey, place, said),
        "comment": said.get("comment", ""),
        "spent_ms": min(LONGEST_MS, said.get("spent_ms", 0)),
    }
    row, _is_new = SurveyAnswer.objects.update_or_create(
        participant=participant, item=place.item, defaults=kept
    )
    return row


def _verdict(survey: Survey, place: Place, said: dict[str, Any]) -> dict[str, Any]:
    score, choice = said.get("score"), said.get("choice", "")
    if survey.kind == Survey.Kind.SATISFACTION:
        if score is None or choice:
            raise BadContent(_("Say a score from 0 to 10."), code="invalid")
        return {"score": score}
    if score is not None or choice not in (LEFT, RIGHT, SAME):
        raise BadContent(_("Say which is better: left, right, or same."), code="invalid")
    if choice == SAME:
        return {"choice": Choice.SAME, "first_was_left": place.first_is_left}
    said_first = (choice == LEFT) == place.first_is_left
    return {
        "choice": Choice.FIRST if said_first else Choice.SECOND,
        "first_was_left": place.first_is_left,
    }


def said_at(place: Place, row: SurveyAnswer | None) -> dict[str, Any] | None:
    """An answer as its giver gave it: sides, not sets."""
    if row is None:
        return None
    if row.score is not None:
        return {"score": row.score, "choice": "", "comment": row.comment}
    side = SAME
    if row.choice != Choice.SAME:
        side = LEFT if (row.choice == Choice.FIRST) == place.first_is_left else RIGHT
    return {"score": None, "choice": side, "comment": row.comment}


@transaction.atomic
def finish(survey_id: int, participant_id: int) -> SurveyParticipant:
    """The participant has said all they want to say; their answers are final."""
    participant = SurveyParticipant.objects.select_for_update().get(pk=participant_id, survey=survey_id)
    require_open(Survey.objects.get(pk=survey_id))
    if participant.finished_at is None:
        participant.finished_at = timezone.now()
        participant.save(update_fields=["finished_at"])
    return participant
