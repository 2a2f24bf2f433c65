"""Entity numbers, given out in blocks so that a browser can make entities while it is offline."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server.annotation.access import lock_annotation, require_editable
from annotation_server.errors import Conflict, Refused
from annotation_server.segmentation.tiles import MAX_NUMBER

BLOCK = 256
LARGEST_BLOCK = 4096


@transaction.atomic
def give_numbers(user: Any, annotation_id: int, count: int = BLOCK) -> tuple[int, int]:
    """A block of entity numbers (first, last) that were never given before.

    The block is shorter than ``count`` where the label map's numbers come to an end; raises Conflict
    (``no_numbers_left``) when none is left.
    """
    if not 1 <= count <= LARGEST_BLOCK:
        raise Refused(
            _("A block has 1 to %(largest_block)s numbers.") % {"largest_block": LARGEST_BLOCK},
            code="invalid",
        )
    annotation, _assignment = lock_annotation(user, annotation_id)
    require_editable(annotation)
    first = annotation.next_number
    last = min(first + count - 1, MAX_NUMBER)
    if first > MAX_NUMBER:
        raise Conflict(
            _("All %(max_number)s entity numbers of this annotation are used.") % {"max_number": MAX_NUMBER},
            code="no_numbers_left",
        )
    annotation.next_number = last + 1
    annotation.save(update_fields=["next_number"])
    return first, last
