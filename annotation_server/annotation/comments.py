"""Comments: remarks anchored on a place of an annotation, their answers, and whether they are settled."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.models import Annotation, Comment
from annotation_server.errors import Conflict, NotFound, Refused

LONGEST_TEXT = 5000
MOST_COMMENTS = 2000


def comments_on(user: Any, annotation_id: int) -> QuerySet[Comment]:
    """All remarks and answers on an annotation, in the order they were written."""
    annotation = find_annotation(user, annotation_id)
    return annotation.comments.select_related("author", "resolved_by").order_by("id")


@transaction.atomic
def write_comment(
    user: Any,
    annotation_id: int,
    text: str,
    *,
    number: int | None = None,
    box: Sequence[int] | None = None,
    parent: int | None = None,
) -> Comment:
    """Remark on an entity, on a box [x, y, width, height] px or on the whole; or answer a remark.

    Whoever may see an annotation may speak of it. Raises NotFound, NotAllowed, Refused (``invalid``) and
    Conflict (``too_many_comments``).
    """
    find_annotation(user, annotation_id)
    annotation = (
        Annotation.objects.select_related("image").select_for_update(of=("self",)).get(pk=annotation_id)
    )
    _check_text(text)
    if annotation.comments.count() >= MOST_COMMENTS:
        raise Conflict(_("This annotation has no room for more comments."), code="too_many_comments")
    if parent is not None:
        _check_answer(annotation, parent, number, box)
    _check_place(annotation, number, box)
    comment = Comment.objects.create(
        annotation=annotation,
        parent_id=parent,
        author=user,
        number=number,
        box=None if box is None else list(box),
        text=text.strip(),
        revision_number=annotation.revision_number,
    )
    audit.record(
        user, annotation.image.project_id, "comment.write", comment, annotation=annotation.pk, parent=parent
    )
    return comment


@transaction.atomic
def settle(user: Any, comment_id: int, *, resolved: bool) -> Comment:
    """Resolve a remark, or open it again; both sides may. Resolving twice changes nothing.

    Raises NotFound, NotAllowed, and Refused for an answer, which is not settled by itself.
    """
    comment = Comment.objects.select_for_update(of=("self",)).filter(pk=comment_id).first()
    if comment is None:
        raise NotFound(_("There is no such comment, or you are not a member of its project."))
    annotation = find_annotation(user, comment.annotation_id)
    if comment.parent_id is not None:
        raise Refused(_("Resolve the comment that this answers."), code="invalid")
    if resolved == (comment.resolved_at is not None):
        return comment
    comment.resolved_at, comment.resolved_by = (timezone.now(), user) if resolved else (None, None)
    comment.save(update_fields=["resolved_at", "resolved_by"])
    verb = "comment.resolve" if resolved else "comment.reopen"
    audit.record(user, annotation.image.project_id, verb, comment, annotation=annotation.pk)
    return comment


def _check_text(text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT or "\0" in text:
        raise Refused(
            _("A comment is a text of 1 to %(n)s characters.") % {"n": LONGEST_TEXT}, code="invalid"
        )


def _check_answer(annotation: Annotation, parent: int, number: int | None, box: Sequence[int] | None) -> None:
    if not annotation.comments.filter(pk=parent, parent__isnull=True).exists():
        raise Refused(_("There is no comment here that this could answer."), code="invalid")
    if number is not None or box is not None:
        raise Refused(_("An answer is about the place of its comment."), code="invalid")


def _check_place(annotation: Annotation, number: int | None, box: Sequence[int] | None) -> None:
    if number is not None and not annotation.masks.filter(number=number).exists():
        raise Refused(
            _("This annotation has no entity %(number)s.") % {"number": number}, code="unknown_entity"
        )
    if box is None:
        return
    x, y, width, height = box
    image = annotation.image
    if min(x, y) < 0 or min(width, height) < 1 or x + width > image.width or y + height > image.height:
        raise Refused(_("The box must lie inside the image."), code="invalid")
