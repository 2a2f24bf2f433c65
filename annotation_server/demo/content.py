"""What the demo project shows: photographs, generated scenes with exact ground truth, or a folder."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from annotation_server.segmentation.scenes import make_scene

PEOPLE = {"anna": "annotator", "rita": "reviewer", "carl": "curator", "ada": "admin"}
PROJECT = "Demo"

# scikit-image's own photographs, all free of copyright or CC0 (its data/README.txt).
PHOTOGRAPHS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "camera.png",
    "coins.png",
    "hubble_deep_field.jpg",
)
PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif"}


@dataclass(frozen=True)
class Item:
    """One picture of the demo: its file name, how to write it, and whether its truth is known."""

    name: str
    write: Callable[[Path], None]
    seed: int | None = None
    height: int = 0
    width: int = 0
    entities: int | None = None

    def truth(self) -> np.ndarray:
        """Label map [height, width] uint16 of a generated scene."""
        assert self.seed is not None
        return make_scene(self.seed, self.height, self.width, entities=self.entities)[1]


def scene(seed: int, width: int, height: int, entities: int | None = None) -> Item:
    """A generated scene; the same arguments give the same picture."""

    def write(path: Path) -> None:
        rgb, _ = make_scene(seed, height, width, entities=entities)
        Image.fromarray(rgb).save(path, quality=90)

    return Item(f"scene-{seed}-{width}x{height}.jpg", write, seed, height, width, entities)


def large_scene() -> Item:
    """12,000 × 9,000 px with more than 200 entities."""
    return scene(7, 12_000, 9_000, entities=260)


def photographs(names: tuple[str, ...] = PHOTOGRAPHS) -> Iterator[Item]:
    """The photographs that lie inside the installed scikit-image; nothing is downloaded."""
    package = importlib.util.find_spec("skimage")
    for folder in (package and package.submodule_search_locations) or []:
        for name in names:
            path = Path(folder, "data", name)
            if path.exists():
                yield picture(path)


def picture(path: Path) -> Item:
    """A file of the user's, imported as it is."""

    def write(target: Path) -> None:
        shutil.copyfile(path, target)

    return Item(path.name, write)


def pictures_in(folder: Path) -> list[Item]:
    """The pictures directly in a folder, by name; raises ValueError when there are none."""
    found = [picture(path) for path in sorted(folder.iterdir()) if path.suffix.lower() in PICTURES]
    if not found:
        raise ValueError(f"There are no pictures ({', '.join(sorted(PICTURES))}) in {folder}.")
    return found


def small() -> list[Item]:
    """Enough for the check: two photographs, two scenes and the large one."""
    return [
        *photographs(("chelsea.png", "coffee.png")),
        scene(1, 640, 480),
        scene(2, 517, 389),
        large_scene(),
    ]


def full() -> list[Item]:
    """What a newcomer sees: finished scenes first, so that every state of work is there."""
    scenes = [scene(seed, 960, 720) for seed in (11, 12, 13, 14)]
    return [*scenes, *photographs(), scene(15, 1600, 1200), scene(16, 2400, 1600), large_scene()]
