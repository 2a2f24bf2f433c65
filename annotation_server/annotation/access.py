"""Whose annotations and assignments a person may see and change."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.errors import Conflict, NotAllowed, NotFound
from annotation_server.images.models import Image
from annotation_server.permissions import RANK, role_in
from annotation_server.projects.models import Membership, Role

WORKABLE = (Assignment.State.OPEN, Assignment.State.RETURNED)
# Work that only its annotator sees, who sees no other annotation of the image meanwhile.
BLIND = Q(round__in=Assignment.HIDDEN) & (Q(is_blind=True) | Q(state__in=WORKABLE))
OVERSEERS = [role for role in Role if RANK[role] >= RANK[Role.REVIEWER]]
# A writer needs an image's size and project. The other columns made a save a tenth slower.
_NEEDED = {"id", "project", "width", "height"}
_UNUSED = [f"image__{field.name}" for field in Image._meta.fields if field.name not in _NEEDED]


def visible_annotations(user: Any) -> QuerySet[Annotation]:
    """Annotators see their own and the models'; reviewers and above see all of their projects.

    Nobody sees the blind work of others, nor other annotations of an image that they work on blind.
    """
    rows = Annotation.objects.exclude(assignment__in=_blind_work_of_others(user))
    if blind := blind_images(user):
        own = Q(assignment__annotator=user) | Q(started_annotations__assignment__in=_blind_work_of(user))
        rows = rows.filter(pk__in=Annotation.objects.filter(~Q(image__in=blind) | own).values("pk"))
    if user.is_staff:
        return rows
    own_or_model = Q(assignment__annotator=user) | Q(model_version__isnull=False)
    replaced_own = Q(original__assignment__annotator=user, state=Annotation.State.ACCEPTED)
    return rows.filter(
        Q(image__project__in=_projects_overseen(user))
        | (own_or_model | replaced_own) & Q(image__project__in=_projects_of(user))
    )


def visible_assignments(user: Any) -> QuerySet[Assignment]:
    """Annotators see their own; reviewers and above see all of their projects.

    Nobody sees the blind work of others, nor what others did on an image that they work on blind.
    """
    rows = Assignment.objects.exclude(pk__in=_blind_work_of_others(user))
    if blind := blind_images(user):
        rows = rows.filter(~Q(image__in=blind) | Q(annotator=user))
    if user.is_staff:
        return rows
    return rows.filter(
        Q(image__project__in=_projects_overseen(user))
        | Q(annotator=user, image__project__in=_projects_of(user))
    )


def find_annotation(user: Any, annotation_id: int) -> Annotation:
    """The annotation with its image, project and assignment.

    Raises NotFound for strangers and NotAllowed for members who may not see it, or not now
    (:func:`require_sight`).
    """
    rows = Annotation.objects.select_related(
        "image__project",
        "assignment__annotator",
        "assignment__lease_holder",
        "model_version",
        "original__assignment__annotator",
    )
    annotation = rows.filter(pk=annotation_id).first()
    role = role_in(user, annotation.image.project_id) if annotation else None
    if annotation is None or role is None:
        raise NotFound(_("There is no such annotation, or you are not a member of its project."))
    if annotation.assignment is not None and not replaces_work_of(user, annotation):
        require_part_in(annotation.assignment, user, role)
    _require_sight_of(annotation, user)
    return annotation


def require_sight(user: Any, image_id: int) -> None:
    """Refuse whoever works on the image blind: until that is over they see nobody else's masks of it.

    Raises NotAllowed (``blind``). Call it wherever masks are shown by another way than their annotation.
    """
    if _blind_work_of(user).filter(image=image_id).exists():
        _refuse_sight()


def _require_sight_of(annotation: Annotation, user: Any) -> None:
    """As above, but for one's own annotation and the prediction that it began from."""
    if annotation.assignment is not None and annotation.assignment.annotator_id == user.pk:
        return
    blind = _blind_work_of(user).filter(image=annotation.image_id).select_related("annotation")
    own = [assignment.annotation for assignment in blind]
    if own and not any(one.prediction_id == annotation.pk for one in own):
        _refuse_sight()


def _refuse_sight() -> None:
    raise NotAllowed(
        _("You have work on this image: until it is over you see nobody else's masks of it."), code="blind"
    )


def is_blind(assignment: Assignment) -> bool:
    """Whether only its annotator may see it now; BLIND in one row."""
    is_open = assignment.round in Assignment.HIDDEN and assignment.state in WORKABLE
    return assignment.is_blind or is_open


def _blind_work_of(user: Any) -> QuerySet[Assignment]:
    given_back = Q(state=Assignment.State.DROPPED)
    return Assignment.objects.filter(BLIND, annotator=user).exclude(given_back).order_by()


def _blind_work_of_others(user: Any) -> QuerySet[Assignment, int]:
    return Assignment.objects.filter(BLIND).exclude(annotator=user).order_by().values_list("pk", flat=True)


def blind_images(user: Any) -> list[int]:
    """The images that a person works on blind."""
    return list(_blind_work_of(user).values_list("image_id", flat=True))


def replaces_work_of(user: Any, annotation: Annotation) -> bool:
    """Whether this is the accepted map that stands for what the person drew: they may look at it."""
    original = annotation.original
    if original is None or original.assignment is None or annotation.state != Annotation.State.ACCEPTED:
        return False
    return original.assignment.annotator_id == user.pk


def find_assignment(user: Any, assignment_id: int) -> Assignment:
    """The assignment with its image and annotation; raises NotFound and NotAllowed as above."""
    rows = Assignment.objects.select_related("image", "annotator", "lease_holder")
    assignment = rows.filter(pk=assignment_id).first()
    role = role_in(user, assignment.image.project_id) if assignment else None
    if assignment is None or role is None:
        raise NotFound(_("There is no such assignment, or you are not a member of its project."))
    require_part_in(assignment, user, role)
    if assignment.annotator_id != user.pk:
        require_sight(user, assignment.image_id)
    return assignment


def require_part_in(assignment: Assignment, user: Any, role: Role) -> None:
    """Refuse members who are neither its annotator nor, unless it is blind, reviewers, curators or admins."""
    if assignment.annotator_id != user.pk and (role not in OVERSEERS or is_blind(assignment)):
        raise NotAllowed(_("This is someone else's work. Ask a reviewer or an admin of the project."))


def lock_annotation(user: Any, annotation_id: int) -> tuple[Annotation, Assignment]:
    """An annotation this person has a part in, and its assignment, with the row locks of a writer.

    Raises NotFound, NotAllowed, and Conflict for a prediction.
    """
    rows = Annotation.objects.select_related("image", "assignment", "label_map").defer(*_UNUSED).order_by()
    # A joined row that is not locked would be as old as the query, not as new as the lock. The conditions
    # make the joins inner ones: PostgreSQL locks no others.
    locked = rows.select_for_update(of=("self", "assignment", "label_map"))
    found = locked.filter(assignment__annotator__isnull=False, label_map__width__gt=0, pk=annotation_id)
    annotation = next(iter(found), None)
    if annotation is None or annotation.assignment is None:
        require_editable(find_annotation(user, annotation_id))
        raise NotFound(_("There is no such annotation, or you are not a member of its project."))
    role = role_in(user, annotation.image.project_id)
    if role is None:
        raise NotFound(_("There is no such annotation, or you are not a member of its project."))
    require_part_in(annotation.assignment, user, role)
    return annotation, annotation.assignment


def require_editable(annotation: Annotation) -> None:
    """Raises Conflict (``frozen``) for predictions and for what is submitted or accepted."""
    if not annotation.is_editable:
        raise Conflict(
            _("This annotation is closed: %(state)s. It cannot be edited.")
            % {"state": _(annotation.get_state_display())},
            code="frozen",
            state=annotation.state,
        )


def _projects_of(user: Any) -> QuerySet[Membership, int]:
    return Membership.objects.filter(user=user).values_list("project_id", flat=True)


def _projects_overseen(user: Any) -> QuerySet[Membership, int]:
    return _projects_of(user).filter(role__in=OVERSEERS)
