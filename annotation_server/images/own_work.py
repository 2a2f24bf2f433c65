"""A person's own hidden work: to them it is the work on the image, and there is no other.

Studies and honeypots are drawn among ordinary images; a list that told who drew the image before would give
them away.
"""

from typing import Any, NamedTuple

from django.db.models import Q

from annotation_server.images.models import Image
from annotation_server.permissions import RANK
from annotation_server.projects.models import Membership, Role

_HIDDEN = ("study", "names", "honeypot")
_STATES = ("open", "submitted", "returned", "accepted", "replaced")
_OVERSEERS = [role for role in Role if RANK[role] >= RANK[Role.REVIEWER]]


class OwnWork(NamedTuple):
    """Ids of the assignments and of the images they are of."""

    assignments: list[int]
    images: list[int]


NO_OWN_WORK = OwnWork([], [])


def hidden_work_of(user: Any) -> OwnWork:
    """The newest hidden work of a person on each image; of those who oversee a project only what is blind."""
    overseen = Membership.objects.filter(user=user, role__in=_OVERSEERS).values("project_id")
    own = Q(assignments__annotator=user, assignments__round__in=_HIDDEN, assignments__state__in=_STATES)
    stays = Q(assignments__is_blind=True)
    if not user.is_staff:
        stays |= ~Q(project__in=overseen)
    rows = Image.objects.filter(own & stays).order_by("assignments__pk")
    newest = dict(rows.values_list("pk", "assignments__pk"))
    return OwnWork(list(newest.values()), list(newest))
