"""The whole vocabulary of a project as JSON values, and the one hash that names its state."""

import hashlib
import json
from typing import Any

from annotation_server.vocabulary.models import Term

Row = dict[str, Any]


def vocabulary_rows(project_id: int) -> list[Row]:
    """Every term of a project by id, as JSON values."""
    terms = Term.objects.filter(project_id=project_id).select_related("parent").order_by("pk")
    return [
        {
            "id": term.pk,
            "name": term.name,
            "kind": term.kind,
            "status": term.status,
            "parent": term.parent_id,
            "supercategory": term.parent.name if term.parent else "entity",
            "aliases": term.aliases,
            "synset": term.synset,
            "definition": term.definition,
        }
        for term in terms
    ]


def revision_of(rows: list[Row]) -> str:
    """Hex SHA-256 that changes exactly when the vocabulary does."""
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
