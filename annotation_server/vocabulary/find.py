"""Finding terms among ten thousand: the database narrows, `search` ranks, and one page's rows are fetched."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from annotation_server.vocabulary.models import Term, normalised
from annotation_server.vocabulary.search import SHORTEST_SUBSEQUENCE, Spelled, ranked_spelled

# How often a term is used only orders equals, so it may be a little old; counting reads every named mask.
USES_KEPT_S = 30.0
COLUMNS = ("id", "name", "kind", "aliases", "parent", "definition", "status", "uses")

_uses: dict[int, tuple[float, dict[int, int]]] = {}


def matching(typed: str, terms: QuerySet[Term]) -> list[int]:
    """Ids of the terms of one project that match what was typed, best first."""
    query = normalised(typed)
    rows = terms.filter(_may_match(query)).order_by()
    found = list(rows.values_list("pk", "search_text", "parent__normal_name", "project_id"))
    if not found:
        return []
    uses = uses_of(found[0][-1])
    return ranked_spelled(
        query, (_spelled(pk, text, parent, uses.get(pk, 0)) for pk, text, parent, _project in found)
    )


def _spelled(pk: int, search_text: str, parent: str | None, uses: int) -> Spelled:
    name, *aliases = search_text.split("\n")
    return Spelled(pk, name, [(alias, alias) for alias in aliases], uses, parent or "")


def _may_match(query: str) -> Q:
    """What the ranking can find, and a little more."""
    condition = (
        Q(search_text__contains=query)
        | Q(parent__normal_name__startswith=query)
        | Q(parent__normal_name__contains=f" {query}")
    )
    if len(query) < SHORTEST_SUBSEQUENCE:
        return condition
    letters = Q()
    for letter in sorted(set(query)):
        letters &= Q(normal_name__contains=letter)
    return condition | letters


def rows_of(ids: Sequence[int] | None) -> list[Term]:
    """The terms of these ids, in their order, with their uses."""
    found = {term.pk: term for term in with_uses(Term.objects.filter(pk__in=ids or []))}
    return [found[pk] for pk in ids or [] if pk in found]


def with_uses(terms: QuerySet[Term]) -> QuerySet[Term]:
    """Terms with how many masks bear them, predictions and deleted masks left out."""
    counted = Count("masks", filter=Q(masks__deleted=False, masks__annotation__assignment__isnull=False))
    return terms.select_related("parent").annotate(uses=counted)


def uses_of(project_id: int) -> dict[int, int]:
    """How many masks bear each term of a project that is used, by id; at most ``USES_KEPT_S`` old."""
    counted_at, uses = _uses.get(project_id, (-USES_KEPT_S, {}))
    if time.monotonic() - counted_at > USES_KEPT_S:
        terms = Term.objects.filter(project_id=project_id, masks__deleted=False).order_by()
        uses = dict(terms.values("pk").annotate(uses=Count("masks")).values_list("pk", "uses"))
        _uses[project_id] = (time.monotonic(), uses)
    return uses


def vocabulary_of(project_id: int, until: datetime | None = None) -> dict[str, Any]:
    """All terms of a project as columns and rows, which ten thousand terms make worth while.

    ``until`` leaves out those made later: a study is named with the words that there were.
    """
    uses = uses_of(project_id)
    terms = Term.objects.filter(project_id=project_id).order_by("normal_name")
    if until is not None:
        terms = terms.filter(created_at__lte=until)
    rows = terms.values_list("pk", "name", "kind", "aliases", "parent_id", "definition", "status")
    return {"columns": COLUMNS, "rows": [(*row, uses.get(row[0], 0)) for row in rows]}
