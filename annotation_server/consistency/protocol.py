"""A study from its plan to its end: sampled, opened, named, closed or called off."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.accounts.models import User
from annotation_server.annotation.access import WORKABLE
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import FIRST_REVISION
from annotation_server.consistency.hands import known_images, people_left
from annotation_server.consistency.models import FIRST_PLACE, Study, StudyImage, StudyPart
from annotation_server.consistency.population import Population, firsts, sample, suggested_size
from annotation_server.errors import Conflict, NotFound, Refused
from annotation_server.permissions import require_role
from annotation_server.projects.models import Project, Role
from annotation_server.vocabulary.revision import revision_of, vocabulary_rows

DEFAULT_ANNOTATORS = 2
DEFAULT_DAYS = 120
# Of a person's pieces of work one in so many may be of a study, so that it does not stand out.
DEFAULT_EVERY = 4
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a population would give: images, the size suggested, and how many each member could draw.

    ``people_left`` counts images by how many of those who may draw know no masks of them; ``too_few`` are
    those with fewer people left than the study wants: they are not sampled.
    """

    images: int
    suggested: int
    could_draw: dict[str, int]
    people_left: dict[int, int]
    too_few: int


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What a study is to be; ``size`` None: as suggested; ``seed`` None: a random one."""

    name: str
    population: Population
    size: int | None = None
    seed: int | None = None
    annotators: int = DEFAULT_ANNOTATORS
    members: Sequence[str] = ()
    not_before_days: int = DEFAULT_DAYS
    start: str = Study.Start.AS_FIRST
    every: int = DEFAULT_EVERY
    names_phase: bool = True
    instructions: str = ""


def preview(
    user: Any,
    project_id: int,
    population: Population,
    *,
    members: Collection[str] = (),
    annotators: int = DEFAULT_ANNOTATORS,
) -> Preview:
    """What the population holds now. Raises NotFound and NotAllowed (below reviewer)."""
    require_role(user, project_id, Role.REVIEWER)
    ids = set(firsts(project_id, population).values_list("image_id", flat=True))
    people = {person.pk: person.username for person in _members(project_id)}
    known = known_images(ids, people)
    chosen = [pk for pk, name in people.items() if not members or name in members]
    left = Counter(people_left(ids, chosen, known).values())
    too_few = sum(images for count, images in left.items() if count < annotators)
    return Preview(
        images=len(ids),
        suggested=min(suggested_size(len(ids)), len(ids) - too_few),
        could_draw={name: len(ids) - len(known.get(pk, ())) for pk, name in people.items()},
        people_left=dict(sorted(left.items())),
        too_few=too_few,
    )


@transaction.atomic
def plan_study(user: Any, project_id: int, protocol: Protocol) -> Study:
    """Take the sample and keep the protocol. From now on its images are not trained on.

    Images that too few people could draw are left out. Raises NotAllowed (below admin), NotFound (a name
    that is no member's), Refused (``empty_population``, ``too_large``, ``too_few_members``) and Conflict
    (``name_taken``, ``too_few_people`` where it leaves none).
    """
    require_role(user, project_id, Role.ADMIN)
    Project.objects.select_for_update().get(pk=project_id)  # two studies must not sample the same images
    members = _named_members(project_id, protocol)
    columns = ("image_id", "revision_number", "map_sha256")
    rows = {row.image_id: row for row in firsts(project_id, protocol.population).only(*columns)}
    seed = secrets.randbelow(LARGEST_SEED) if protocol.seed is None else protocol.seed
    short = _short_of_people(rows, members or _members(project_id), protocol.annotators)
    sampled = rows.keys() - short
    size = min(suggested_size(len(rows)), len(sampled)) if protocol.size is None else protocol.size
    _require_population(len(rows), len(sampled), size, protocol.annotators)
    study = _create(user, project_id, protocol, seed=seed, population_images=len(rows))
    study.members.set(members)
    StudyImage.objects.bulk_create(
        [_image_of(study, at, rows[image_id]) for at, image_id in enumerate(sample(sampled, size, seed))],
        batch_size=500,
    )
    audit.record(user, project_id, "study.plan", study, name=study.name, images=size, seed=seed)
    return study


@transaction.atomic
def open_study(user: Any, study_id: int) -> Study:
    """Freeze the vocabulary and let the parts be handed out.

    Raises Conflict (``state``, ``too_few_people`` where an image has fewer people who know no masks of it
    than the protocol wants: somebody may have looked since it was planned).
    """
    study = _locked(user, study_id, (Study.State.PLANNED,))
    images = list(study.images.select_related("first"))
    if short := _short_of_people([one.image_id for one in images], allowed_people(study), study.annotators):
        raise _too_few_people(len(short), study.annotators)
    study.state = Study.State.DRAWING
    study.opened_at = timezone.now()
    study.vocabulary_revision = revision_of(vocabulary_rows(study.project_id))
    study.save(update_fields=["state", "opened_at", "vocabulary_revision"])
    _add_parts(study, images, StudyPart.Phase.MASKS)
    audit.record(user, study.project_id, "study.open", study, vocabulary=study.vocabulary_revision)
    return study


@transaction.atomic
def start_names(user: Any, study_id: int) -> Study:
    """Hand out no more masks, and let the first's masks be named; what is being drawn may be finished.

    Raises Conflict (``state``, ``no_names_phase``).
    """
    study = _locked(user, study_id, (Study.State.DRAWING,))
    if not study.names_phase:
        raise Conflict(_("The protocol of this study has no names phase."), code="no_names_phase")
    study.state = Study.State.NAMING
    study.save(update_fields=["state"])
    named = study.images.filter(first__masks__term__isnull=False, first__masks__area__gt=0).distinct()
    _add_parts(study, list(named.select_related("first")), StudyPart.Phase.NAMES)
    audit.record(user, study.project_id, "study.start_names", study)
    return study


@transaction.atomic
def close_study(user: Any, study_id: int) -> Study:
    """End a study: nothing is handed out any more, what is done is no longer blind.

    Work that was begun may be finished but does not count; where nothing was saved it is taken back.
    Raises Conflict (``state``).
    """
    return _end(user, study_id, Study.RUNNING, Study.State.CLOSED)


@transaction.atomic
def cancel_study(user: Any, study_id: int) -> Study:
    """Call a study off: as closing it, but it has no report. Raises Conflict (``state``)."""
    return _end(user, study_id, Study.HOLDING, Study.State.CANCELLED)


@transaction.atomic
def delete_study(user: Any, study_id: int) -> None:
    """Delete a study that was never opened. Raises Conflict (``state``)."""
    study = _locked(user, study_id, (Study.State.PLANNED,))
    audit.record(user, study.project_id, "study.delete", study, name=study.name)
    study.delete()


def find_study(user: Any, study_id: int, least: Role = Role.REVIEWER) -> Study:
    """The study, if this person's role allows. Raises NotFound and NotAllowed."""
    study = Study.objects.select_related("project", "created_by").filter(pk=study_id).first()
    if study is None:
        raise NotFound(_("There is no such study, or you are not a member of its project."))
    require_role(user, study.project_id, least)
    return study


def allowed_people(study: Study) -> QuerySet[User]:
    """The active members who may draw for a study."""
    people = _members(study.project_id)
    chosen = study.members.all()
    return people.filter(pk__in=chosen.values("pk")) if chosen.exists() else people


def _end(user: Any, study_id: int, allowed: Sequence[str], state: Study.State) -> Study:
    study = _locked(user, study_id, allowed)
    study.state = state
    study.closed_at = timezone.now()
    study.save(update_fields=["state", "closed_at"])
    work = Assignment.objects.filter(study_part__study_image__study=study)
    untouched = work.filter(state__in=WORKABLE, annotation__revision_number=FIRST_REVISION)
    ids = list(untouched.values_list("pk", flat=True))
    Annotation.objects.filter(assignment__in=ids).update(state=Annotation.State.DROPPED)
    Assignment.objects.filter(pk__in=ids).update(
        state=Assignment.State.DROPPED, lease=None, lease_holder=None, lease_expires_at=None
    )
    work.update(is_blind=False)
    audit.record(user, study.project_id, f"study.{state}", study, taken_back=len(ids))
    return study


def _locked(user: Any, study_id: int, allowed: Sequence[str]) -> Study:
    find_study(user, study_id, Role.ADMIN)
    study = Study.objects.select_for_update().get(pk=study_id)
    if study.state not in allowed:
        raise Conflict(
            _("This cannot be done with a study that is: %(state)s.")
            % {"state": _(study.get_state_display())},
            code="state",
            state=study.state,
        )
    return study


def _members(project_id: int) -> QuerySet[User]:
    return User.objects.filter(memberships__project=project_id, is_active=True).order_by("username")


def _named_members(project_id: int, protocol: Protocol) -> list[User]:
    wanted = set(protocol.members)
    found = list(_members(project_id).filter(username__in=wanted))
    if missing := wanted - {person.username for person in found}:
        raise NotFound(_("%(name)s is not a member of this project.") % {"name": min(missing)})
    if wanted and len(found) < protocol.annotators:
        raise Refused(
            _("Each image is drawn by %(annotators)s people; you allow only %(members)s.")
            % {"annotators": protocol.annotators, "members": len(found)},
            code="too_few_members",
        )
    return found


def _require_population(images: int, left: int, size: int, annotators: int) -> None:
    """``images`` pass the filter, and ``left`` of them have enough people."""
    if not images:
        raise Refused(
            _("No accepted image is like this. Accept annotations first, or ask for less."),
            code="empty_population",
        )
    if not left:
        raise _too_few_people(images, annotators)
    if size > left:
        raise Refused(
            _("Only %(images)s accepted images are like this; choose a sample of at most so many.")
            % {"images": left},
            code="too_large",
            images=left,
        )


def _create(user: Any, project_id: int, protocol: Protocol, *, seed: int, population_images: int) -> Study:
    try:
        with transaction.atomic():
            return Study.objects.create(
                project_id=project_id,
                name=protocol.name,
                population=protocol.population.to_dict(),
                population_images=population_images,
                seed=seed,
                annotators=protocol.annotators,
                not_before_days=protocol.not_before_days,
                start=protocol.start,
                every=protocol.every,
                names_phase=protocol.names_phase,
                instructions=protocol.instructions.strip(),
                created_by=user,
            )
    except IntegrityError:
        raise Conflict(
            _("This project has a study “%(name)s” already. Choose another name.") % {"name": protocol.name},
            code="name_taken",
        ) from None


def _image_of(study: Study, order: int, first: Annotation) -> StudyImage:
    return StudyImage(
        study=study,
        image_id=first.image_id,
        order=order,
        first=first,
        revision=first.revision_number,
        map_sha256=first.map_sha256,
    )


def _short_of_people(image_ids: Collection[int], people: Iterable[User], annotators: int) -> set[int]:
    """The images that fewer of these people could draw blind than are wanted."""
    keys = {person.pk for person in people}
    left = people_left(image_ids, keys, known_images(image_ids, keys))
    return {image for image, count in left.items() if count < annotators}


def _too_few_people(images: int, annotators: int) -> Conflict:
    return Conflict(
        _(
            "%(images)s of the images have fewer than %(annotators)s people who never drew, reviewed, "
            "corrected or opened them. Invite members, allow more of them, or ask for fewer annotators."
        )
        % {"images": images, "annotators": annotators},
        code="too_few_people",
        images=images,
    )


def _add_parts(study: Study, images: list[StudyImage], phase: StudyPart.Phase) -> None:
    wait = timedelta(days=study.not_before_days)
    now = timezone.now()
    StudyPart.objects.bulk_create(
        [
            StudyPart(
                study_image=one,
                place=place,
                phase=phase,
                not_before=now if phase == StudyPart.Phase.NAMES else (one.first.submitted_at or now) + wait,
            )
            for one in images
            for place in range(FIRST_PLACE + 1, FIRST_PLACE + 1 + study.annotators)
        ],
        batch_size=500,
    )
