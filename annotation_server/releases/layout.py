"""Names and places in a release: made from ids and counts, never from what a user typed.

Folder 01 holds the images whose masks all bear a term (EntityClass), folder 02 the others; a folder without
images is left out. In files of one folder ``file_name`` is relative to it, in combined ones to ``images/``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotation_server.images.models import Image
from annotation_server.releases.inputs import Input
from annotation_server.releases.splits import TRAIN, VAL

LABELLED, OTHERS = "01", "02"
ENTITIES = "annotations/entity_segmentation"
PANOPTIC = "annotations/panoptic_segmentation"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One image of a release: what it is, and what it is called there."""

    input: Input
    width: int
    height: int
    source: str
    licence: str
    file_key: str
    folder: str
    folder_name: str

    @property
    def stem(self) -> str:
        """Its name without folder and ending."""
        return f"{self.input.image:06d}"

    @property
    def file_name(self) -> str:
        """Relative to its folder."""
        return f"{self.stem}.{self.file_key.rpartition('.')[2]}"

    @property
    def combined_name(self) -> str:
        """Relative to ``images/``."""
        return f"{self.folder_name}/{self.file_name}"

    @property
    def picture_path(self) -> str:
        """Relative to the release's root."""
        return f"images/{self.combined_name}"


def entries(inputs: Sequence[Input], rows: dict[int, Image]) -> list[Entry]:
    """The images of a release in order of their ids; ``rows`` are the images by id."""
    labelled = sum(row.labelled for row in inputs)
    names = {
        LABELLED: f"entity_{LABELLED}_{labelled}",
        OTHERS: f"entity_{OTHERS}_{len(inputs) - labelled}",
    }
    return [
        Entry(
            input=row,
            width=rows[row.image].width,
            height=rows[row.image].height,
            source=rows[row.image].source,
            licence=rows[row.image].licence,
            file_key=rows[row.image].file_key,
            folder=LABELLED if row.labelled else OTHERS,
            folder_name=names[LABELLED if row.labelled else OTHERS],
        )
        for row in sorted(inputs, key=lambda row: row.image)
    ]


def folders_of(images: Iterable[Entry]) -> list[str]:
    """The image folders that occur, ascending."""
    return sorted({image.folder for image in images})


def splits_of(images: Iterable[Entry]) -> list[str]:
    """Train and val always, others if an image is in them."""
    return [TRAIN, VAL, *sorted({image.input.split for image in images} - {TRAIN, VAL})]


def entity_file(folders: Sequence[str], split: str) -> str:
    """Of one folder, or of several together."""
    return f"{ENTITIES}/entityv2_{''.join(folders)}_entity_{split}.json"


def panoptic_file(folder: str, split: str) -> str:
    return f"{PANOPTIC}/entityv2_{folder}_panoptic_{split}.json"


def panoptic_map(image: Entry) -> str:
    return f"{PANOPTIC}/panoptic_maps_{image.input.split}/{image.stem}.png"


def class_file(split: str) -> str:
    return f"entityclass/entityclass_{split}.json"
