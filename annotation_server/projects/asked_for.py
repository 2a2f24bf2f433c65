"""The project that an address names: ``?project=1``."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from annotation_server.errors import Refused
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role


def project_asked_for(request: Request | Any, least: Role) -> int:
    """The id of the ``project`` in the query, in which the person has at least this role.

    Raises Refused where it is not named, NotFound for strangers and NotAllowed for too low a role.
    """
    text = request.query_params.get("project", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(_("Name the project: ?project=1."), code="invalid")
    require_role(request.user, int(text), least)
    return int(text)
