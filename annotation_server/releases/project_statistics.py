"""Table 2's figures of what is accepted in a project now, beside those of public datasets.

Areas, hulls and perimeters come from the rows of the masks: no label map is read. What was accepted before
shapes were kept is counted once the server has worked them out, and said to be missing until then.
"""

from math import pi
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, FloatField, Max, Sum, Value
from django.db.models.functions import Cast, Least, Sqrt

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Mask
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role
from annotation_server.releases.statistics import PUBLISHED

_KEPT_S = 60
_AREA = Cast(F("area"), FloatField())
_CONVEXITY = _AREA / F("hull_area")
# The smaller of two values is called LEAST by one database and MIN by the other: Django knows which.
_SIMPLICITY = Least(Value(1.0), Sqrt(Value(4 * pi) * _AREA) / F("perimeter"))


def project_statistics(user: Any, project_id: int) -> dict[str, Any]:
    """Figures of the accepted annotations, null where there is none yet. Raises NotFound for strangers.

    Kept for a minute: counting reads every accepted mask.
    """
    require_role(user, project_id, Role.ANNOTATOR)
    found = cache.get_or_set(f"statistics:{project_id}", lambda: _figures(project_id), _KEPT_S)
    return {**(found or {}), "published": PUBLISHED}


def _figures(project_id: int) -> dict[str, Any]:
    annotations = accepted(project_id).order_by()
    pixels = Cast(F("image__width"), FloatField()) * F("image__height")
    images = annotations.aggregate(
        images=Count("pk"),
        image_resolution=Avg(Sqrt(pixels)),
        valid_area=Avg(1.0 - Cast(F("void_px"), FloatField()) / pixels),
    )
    masks = Mask.objects.filter(annotation__in=annotations, deleted=False, area__gt=0).order_by()
    by_image = masks.values("annotation").annotate(entities=Count("pk"))
    counts = by_image.aggregate(masks=Sum("entities"), entities_max=Max("entities"))
    shaped = masks.filter(
        annotation__shapes_sha256=F("annotation__map_sha256"), hull_area__gt=0, perimeter__gt=0
    )
    shapes = shaped.aggregate(shaped=Count("pk"), convexity=Avg(_CONVEXITY), simplicity=Avg(_SIMPLICITY))
    total = counts["masks"] or 0
    return {
        **images,
        **shapes,
        "masks": total,
        "entities_mean": total / images["images"] if images["images"] else None,
        "entities_max": counts["entities_max"] if images["images"] else None,
    }
