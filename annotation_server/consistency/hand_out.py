"""Handing out the parts of studies in the normal queue, so that they do not stand out."""

import hashlib
from collections import Counter
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotation_server.annotation.assign import images_nobody_draws
from annotation_server.annotation.hidden_work import hidden_work, shown_to_all
from annotation_server.annotation.models import Assignment
from annotation_server.annotation.start import start_like, start_to_name, start_void
from annotation_server.consistency.hands import known_images, knows_image, people_left
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.protocol import allowed_people

ORDER = 20
_WAITING = Q(assignment__isnull=True) | Q(assignment__state=Assignment.State.DROPPED)
_PHASES = {Study.State.DRAWING: StudyPart.Phase.MASKS, Study.State.NAMING: StudyPart.Phase.NAMES}
_ROUNDS = {
    StudyPart.Phase.MASKS: Assignment.Round.STUDY,
    StudyPart.Phase.NAMES: Assignment.Round.NAMES,
}


@hidden_work(ORDER)
def next_part(user: Any, project_id: int) -> Assignment | None:
    """This person's next piece of work for a study, if one is due and there is one they may do.

    Called in the transaction that gives a person their next work. Two people who ask at once do not get the
    same part: on PostgreSQL each skips what the other has locked, and on any database only one of them finds
    the part still waiting when it is taken; the other tries again.
    """
    running = list(Study.objects.filter(project=project_id, state__in=Study.RUNNING).order_by("pk"))
    for study in running:
        if not _is_allowed(study, user) or not (is_due(study, user) or _nothing_else(project_id)):
            continue
        part = _first_free(study, user)
        if part is not None:
            return _give(study, part, user)
    return None


@shown_to_all
def instructions_of_studies(project_id: int) -> str:
    """The instructions of the studies that run; with its own work alone they would tell which that is."""
    running = Study.objects.filter(project=project_id, state__in=Study.RUNNING).exclude(instructions="")
    return "\n\n".join(running.order_by("pk").values_list("instructions", flat=True))


def is_due(study: Study, user: Any) -> bool:
    """Whether this person's next piece of work may be of the study: one in ``study.every`` is.

    Which one of so many is decided by the study's seed, so that nobody can count on it.
    """
    rounds = (Assignment.Round.DRAW, *Assignment.HIDDEN)
    own = Assignment.objects.filter(annotator=user, image__project=study.project_id, round__in=rounds)
    block, place = divmod(own.count(), study.every)
    digest = hashlib.sha256(f"{study.seed}:{user.pk}:{block}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % study.every == place


def waiting_parts(study: Study) -> QuerySet[StudyPart]:
    """The parts of the study's present phase that nobody has, whether or not their time has come."""
    parts = StudyPart.objects.filter(_WAITING, study_image__study=study)
    return parts.filter(phase=_PHASES[Study.State(study.state)])


def images_short_of_people(study: Study) -> int:
    """Images that still wait for more masks than there are people who may draw them: some will never come."""
    if study.state != Study.State.DRAWING:
        return 0
    waiting = Counter(waiting_parts(study).order_by().values_list("study_image__image", flat=True))
    people = set(allowed_people(study).values_list("pk", flat=True))
    left = people_left(waiting, people, known_images(waiting, people))
    return sum(left[image] < parts for image, parts in waiting.items())


def _is_allowed(study: Study, user: Any) -> bool:
    chosen = study.members.values_list("pk", flat=True)
    return not chosen or user.pk in chosen


def _nothing_else(project_id: int) -> bool:
    return not images_nobody_draws(project_id).exists()


def _first_free(study: Study, user: Any) -> StudyPart | None:
    """In the order of the sample: masks for who knows none of the image, names rather for who drew them."""
    free = waiting_parts(study).filter(not_before__lte=timezone.now())
    free = free.order_by("study_image__order", "place").select_for_update(skip_locked=True, of=("self",))
    known = knows_image(user, "study_image__image")
    if study.state == Study.State.DRAWING:
        return free.exclude(known).first()
    drew = _masks_of_the_same_place().filter(assignment__annotator=user)
    named = Assignment.objects.filter(
        image=OuterRef("study_image__image"), annotator=user, round=Assignment.Round.NAMES
    )
    return (
        free.filter(Exists(drew)).exclude(Exists(named)).first()
        or free.exclude(Exists(_still_to_name())).exclude(known).first()
    )


def _masks_of_the_same_place() -> QuerySet[StudyPart]:
    """Whose names these are: the finished masks of the place, drawn by somebody who is still there."""
    return StudyPart.objects.filter(
        study_image=OuterRef("study_image"),
        place=OuterRef("place"),
        phase=StudyPart.Phase.MASKS,
        assignment__state__in=Assignment.HANDED_IN,
        assignment__annotator__is_active=True,
        assignment__annotator__memberships__project=OuterRef("study_image__study__project"),
    )


def _still_to_name() -> QuerySet[StudyPart]:
    """The same, while whoever drew them has not given the naming back."""
    given_back = Assignment.objects.filter(
        image=OuterRef("study_image__image"),
        annotator=OuterRef("assignment__annotator"),
        round=Assignment.Round.NAMES,
    )
    return _masks_of_the_same_place().exclude(Exists(given_back))


def _give(study: Study, part: StudyPart, user: Any) -> Assignment:
    """Make the assignment and its annotation; raises IntegrityError if the part was taken meanwhile."""
    assignment = Assignment.objects.create(
        image=part.study_image.image,
        annotator=user,
        round=_ROUNDS[StudyPart.Phase(part.phase)],
        is_blind=True,
        terms_until=study.opened_at,
    )
    still_waiting = StudyPart.objects.filter(pk=part.pk, assignment=part.assignment_id)
    if not still_waiting.update(assignment=assignment):
        raise IntegrityError("The part was taken meanwhile.")
    first = part.study_image.first
    if part.phase == StudyPart.Phase.NAMES:
        start_to_name(assignment, first)
    elif study.start == Study.Start.EMPTY:
        start_void(assignment)
    else:
        start_like(assignment, first)
    return assignment
