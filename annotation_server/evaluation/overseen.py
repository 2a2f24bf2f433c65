"""The projects whose evaluations a person may see: annotators see none."""

from typing import Any

from django.db.models import QuerySet

from annotation_server.annotation.access import OVERSEERS
from annotation_server.permissions import visible_projects
from annotation_server.projects.models import Membership, Project


def overseen_projects(user: Any) -> QuerySet[Project]:
    """The projects that a person reviews, curates or administers; staff see all."""
    if user.is_staff:
        return visible_projects(user)
    own = Membership.objects.filter(user=user, role__in=OVERSEERS)
    return Project.objects.filter(pk__in=own.order_by().values("project_id"))
