"""How a project begins: its first admin and its starting vocabulary."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from annotation_server import audit
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.vocabulary.models import Term, normalised, searchable

RESERVED = ("unknown", "blurred")


@transaction.atomic
def start_project(user: Any, **fields: Any) -> Project:
    """Create a project with its reserved and starting terms; the person becomes its admin."""
    project = Project.objects.create(created_by=user, **fields)
    Membership.objects.create(project=project, user=user, role=Role.ADMIN)
    add_starting_terms(project)
    audit.record(user, project.pk, "project.create", project, name=project.name)
    return project


def add_starting_terms(project: Project) -> None:
    """Give a new project the terms of fixtures/vocabulary.json: supercategories first, then theirs."""
    rows = _starting_terms()
    tops = {row["name"]: _term(project, row, None) for row in rows if "parent" not in row}
    Term.objects.bulk_create(tops.values())
    Term.objects.bulk_create(_term(project, row, tops[row["parent"]]) for row in rows if "parent" in row)


def _term(project: Project, row: dict[str, Any], parent: Term | None) -> Term:
    return Term(
        project=project,
        name=row["name"],
        normal_name=normalised(row["name"]),
        search_text=searchable(row["name"], row.get("aliases", [])),
        kind=row["kind"],
        status=Term.Status.ACCEPTED,
        parent=parent,
        aliases=row.get("aliases", []),
        definition=row["definition"],
    )


@cache
def _starting_terms() -> list[dict[str, Any]]:
    path = Path(settings.BASE_DIR) / "fixtures" / "vocabulary.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["terms"]
    return rows
