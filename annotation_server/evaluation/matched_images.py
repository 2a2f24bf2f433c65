"""Which image of the project a record of an uploaded file is about: by its name and its size."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from annotation_server.evaluation.problems import Problems
from annotation_server.images.models import Image


class Place(NamedTuple):
    """An image of the project: id, name, width and height in px."""

    pk: int
    file_name: str
    width: int
    height: int


class ProjectImages:
    """The ready images of a project, to be found by name or id."""

    def __init__(self, project_id: int) -> None:
        rows = Image.objects.filter(project_id=project_id, state=Image.State.READY).order_by("pk")
        self.by_id = {
            row[0]: Place(*row)
            for row in rows.values_list("pk", "file_name", "width", "height").iterator(chunk_size=5000)
        }
        self._by_name: dict[str, list[Place]] = defaultdict(list)
        for place in self.by_id.values():
            self._by_name[place.file_name].append(place)

    def matched(self, records: Any, problems: Problems) -> dict[Any, Place]:
        """The project's image by the id that a file gives it; records without one are noted."""
        found: dict[Any, Place] = {}
        taken: set[int] = set()
        for number, record in enumerate(records if isinstance(records, list) else []):
            if not isinstance(record, Mapping) or not _is_id(record.get("id")):
                problems.note("image_without_id", f"images[{number}]")
                continue
            place = self._match(record, problems)
            if place is None:
                continue
            if place.pk in taken or record["id"] in found:
                problems.note("double_image", f"image {record['id']}, {place.file_name}")
                continue
            taken.add(place.pk)
            found[record["id"]] = place
        return found

    def _match(self, record: Mapping[str, Any], problems: Problems) -> Place | None:
        name = record.get("file_name")
        if not isinstance(name, str) or not name:
            problems.note("image_without_name", f"image {record['id']}")
            return None
        candidates = self._candidates(name)
        if not candidates:
            problems.note("unknown_file_name", name)
            return None
        fitting = [place for place in candidates if _same_size(record, place)]
        if not fitting:
            here = candidates[0]
            problems.note(
                "image_of_other_size",
                f"{name}: {record.get('width')} × {record.get('height')}, here {here.width} × {here.height}",
            )
            return None
        if len(fitting) > 1:
            problems.note("ambiguous_file_name", f"{name}: {len(fitting)} images")
            return None
        return fitting[0]

    def _candidates(self, name: str) -> list[Place]:
        """By the whole name, by its last part, or by the id that a release made a name of."""
        last = name.replace("\\", "/").rpartition("/")[2]
        named = self._by_name.get(name) or self._by_name.get(last)
        if named:
            return named
        stem = last.partition(".")[0]
        released = self.by_id.get(int(stem)) if stem.isascii() and stem.isdigit() and len(stem) < 19 else None
        return [released] if released and stem == f"{released.pk:06d}" else []


def _same_size(record: Mapping[str, Any], place: Place) -> bool:
    """Whether sizes agree; a file need not say them, the masks' own sizes are checked too."""
    told = record.get("width"), record.get("height")
    return all(
        one is None or one == here for one, here in zip(told, (place.width, place.height), strict=True)
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)
