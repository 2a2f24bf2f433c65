"""The names of a report: terms of the project, and words of uploaded files that are no terms of it."""

from typing import Any

import numpy as np

from annotation_server.annotation.vector_models import TermVectors
from annotation_server.vocabulary.models import Term

# Words of their own are numbered from here, by first use: far above any term's id, small enough for a table.
OWN_WORDS = 1 << 24


class NameTable:
    """Which names occur, and what is frozen of them."""

    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._used: set[int] = set()
        self._words: dict[str, int] = {}

    def id_of(self, name: int | str) -> int:
        """The id by which figures tell of a term or of a word of its own."""
        if isinstance(name, int):
            self._used.add(name)
            return name
        return self._words.setdefault(name, OWN_WORDS + len(self._words))

    def told(self) -> dict[str, dict[str, Any]]:
        """Name, kind and parent by id: of the terms used, of all above them, and of words of their own."""
        rows = Term.objects.filter(project_id=self._project_id).values("pk", "name", "kind", "parent_id")
        terms = {row["pk"]: row for row in rows}
        wanted = set(self._used)
        for term in self._used:
            while (parent := terms[term]["parent_id"] if term in terms else None) and parent not in wanted:
                wanted.add(parent)
                term = parent
        named = {
            str(pk): {"name": terms[pk]["name"], "kind": terms[pk]["kind"], "parent": terms[pk]["parent_id"]}
            for pk in sorted(wanted & terms.keys())
        }
        own = {
            str(pk): {"name": word, "kind": Term.Kind.UNDECIDED.value, "parent": None, "own_word": True}
            for word, pk in self._words.items()
        }
        return named | own

    def vectors(self, similarity: str) -> dict[str, list[float]]:
        """The mean vector of every used term that has one, where names are compared by them; else none."""
        if similarity != "embedding":
            return {}
        rows = TermVectors.objects.filter(term_id__in=self._used, count__gt=0)
        newest = rows.filter(model_sha256=_newest_model(self._project_id)).order_by("term_id")
        return {
            str(term): np.round(np.frombuffer(bytes(total), "<f8") / count, 6).tolist()
            for term, count, total in newest.values_list("term_id", "count", "total")
        }


def similarities_of(project_id: int) -> dict[str, bool]:
    """The similarities of names, and whether this project has what they need."""
    terms = Term.objects.filter(project_id=project_id)
    return {
        "identity": True,
        "word_tree": terms.filter(parent__isnull=False).exists(),
        "embedding": bool(_newest_model(project_id)),
    }


def _newest_model(project_id: int) -> str:
    """The weights that saw the most terms of a project; empty where none saw two."""
    rows = TermVectors.objects.filter(term__project_id=project_id, count__gt=0)
    seen: dict[str, int] = {}
    for sha256 in rows.order_by("pk").values_list("model_sha256", flat=True):
        seen[sha256] = seen.get(sha256, 0) + 1
    best = max(seen, key=lambda sha256: seen[sha256], default="")
    return best if seen.get(best, 0) > 1 else ""
