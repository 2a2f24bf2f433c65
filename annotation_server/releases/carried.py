"""Reports that a release carries beside its annotations, chosen once and told of by hash.

Whoever has reports of exactly what a release publishes registers a function that names them
(``@carried_reports``); releases know nothing of those reports.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation_server.releases.models import Release

# path in the release, storage key of a file that never changes, and whatever the manifest is to say of it
Carried = dict[str, Any]
Find = Callable[[int, Sequence[Mapping[str, Any]]], list[Carried]]
_finders: list[Find] = []


def carried_reports(find: Find) -> Find:
    """Decorator: ``find(project_id, inputs)`` gives reports of a release's inputs, always in one order."""
    _finders.append(find)
    return find


def carried_now(project_id: int, inputs: Sequence[Mapping[str, Any]]) -> list[Carried]:
    """The reports there are now of these inputs."""
    return [row for find in _finders for row in find(project_id, inputs)]


def carried_files(release: Release) -> dict[str, str]:
    """Storage key by path in the release."""
    return {row["path"]: row["key"] for row in release.carried}


def carried_told(release: Release) -> list[Carried]:
    """What the manifest says of them beside their files."""
    return [{name: value for name, value in row.items() if name != "key"} for row in release.carried]
