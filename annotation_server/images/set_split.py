"""Putting images into a split by hand, before a release would choose one for them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.permissions import require_role
from annotation_server.projects.models import Project, Role

MOST_AT_ONCE = 1000


def set_split(user: Any, project_id: int, image_ids: Sequence[int], split: str) -> int:
    """Give a split to those images that have none; returns how many. Raises NotFound and NotAllowed."""
    require_role(user, project_id, Role.CURATOR)
    images = Image.objects.filter(project=project_id, pk__in=image_ids)
    if images.count() < len(set(image_ids)):
        raise NotFound(_("Some of these images are not in this project; nothing was changed."))
    changed = images.filter(split="").update(split=split)
    if changed:
        project = Project.objects.get(pk=project_id)
        audit.record(user, project_id, "images.split", project, split=split, images=changed)
    return changed
