"""A project's figures over a span of days; people's own names only for those who oversee them."""

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from annotation_server.annotation.access import OVERSEERS
from annotation_server.errors import NotFound
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role
from annotation_server.projects.progress import LARGE, images_by_work_state
from annotation_server.work.acceptance import acceptance
from annotation_server.work.burn_up import burn_up, vocabulary_growth
from annotation_server.work.days import Span
from annotation_server.work.throughput import (
    by_day_and_person,
    by_person,
    coverage_by_day,
    returned_share,
    submitted_in,
    times,
)

Rows = list[dict[str, Any]]
_KEPT_S = 60


def dashboard(user: Any, project_id: int, span: Span) -> dict[str, Any]:
    """Everything the dashboard shows. Raises NotFound for strangers.

    Annotators get the project's totals and, where figures are by person, their own only. Those of large
    projects are kept for a minute.
    """
    sees_people = require_role(user, project_id, Role.ANNOTATOR) in OVERSEERS
    by_state = images_by_work_state([project_id])[project_id]
    if sum(by_state.values()) <= LARGE:
        return {"by_state": by_state, **_figures(user, project_id, span, sees_people)}
    key = f"dashboard:{project_id}:{span.first}:{span.last}:{user.pk}:{sees_people}"
    kept = cache.get_or_set(key, lambda: _figures(user, project_id, span, sees_people), _KEPT_S)
    return {"by_state": by_state, **(kept or {})}


def _figures(user: Any, project_id: int, span: Span, sees_people: bool) -> dict[str, Any]:
    everyone = submitted_in(project_id, span)
    seen = everyone if sees_people else submitted_in(project_id, span, user)
    return {
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "sees_people": sees_people,
        "burn_up": burn_up(project_id, span),
        "throughput": by_day_and_person(seen),
        "people": by_person(seen),
        "acceptance": acceptance(everyone),
        "times": times(everyone),
        "own_times": times(submitted_in(project_id, span, user)),
        "returned": returned_share(everyone),
        "coverage": coverage_by_day(everyone),
        "vocabulary": vocabulary_growth(project_id, span),
    }


def table(user: Any, project_id: int, span: Span, name: str) -> Rows:
    """One of the dashboard's tables by name, for download; raises NotFound for any other name."""
    sees_people = require_role(user, project_id, Role.ANNOTATOR) in OVERSEERS
    everyone = submitted_in(project_id, span)
    seen = everyone if sees_people else submitted_in(project_id, span, user)
    tables: dict[str, Callable[[], Rows]] = {
        "progress": lambda: burn_up(project_id, span),
        "throughput": lambda: by_day_and_person(seen),
        "people": lambda: by_person(seen),
        "acceptance": lambda: acceptance(everyone),
        "coverage": lambda: coverage_by_day(everyone),
        "vocabulary": lambda: vocabulary_growth(project_id, span),
    }
    if name not in tables:
        raise NotFound(
            _("There is no table “%(name)s”. There are: %(tables)s.")
            % {"name": name, "tables": ", ".join(tables)}
        )
    return tables[name]()
