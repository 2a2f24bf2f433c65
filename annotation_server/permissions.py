"""Who may do what: membership first, then the role."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation_server.errors import NotAllowed, NotFound
from annotation_server.projects.models import Membership, Project, Role

RANK = {Role.ANNOTATOR: 0, Role.REVIEWER: 1, Role.CURATOR: 2, Role.ADMIN: 3}


def visible_projects(user: Any) -> QuerySet[Project]:
    """The projects a person is a member of; staff see all."""
    if user.is_staff:
        return Project.objects.all()
    return Project.objects.filter(memberships__user=user)


def role_in(user: Any, project_id: int) -> Role | None:
    """The person's role, or None for a stranger; staff count as admins."""
    if user.is_staff:
        return Role.ADMIN
    roles = Membership.objects.filter(project_id=project_id, user=user).values_list("role", flat=True)
    return next((Role(role) for role in roles.order_by()), None)


def require_role(user: Any, project_id: int, least: Role) -> Role:
    """The person's role, if it is at least `least`.

    Raises NotFound for strangers (who must not learn that the project exists) and NotAllowed for
    members whose role is too low.
    """
    role = role_in(user, project_id)
    if role is None:
        raise NotFound(_("There is no such project, or you are not a member of it."))
    if RANK[role] < RANK[least]:
        raise NotAllowed(
            _("This needs the role %(needed)s in this project; yours is %(own)s.")
            % {"needed": _(least.label), "own": _(role.label)}
        )
    return role
