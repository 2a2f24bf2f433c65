"""Examples made small once: a step must not pay for decoding pixels that no view shows."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from ml_worker.dataset import (
    WITHOUT_ENTITIES,
    BadExample,
    Example,
    ExampleSource,
    naming_the_unreadable,
    read_rgb,
)
from ml_worker.train_views import Augmentation


class ReducedExamples:
    """Copies of a source's examples with no side above ``longest`` px, kept under ``folder``.

    ``key`` of an index names an example's content or origin: a copy is used while the key is the same.
    """

    def __init__(self, source: ExampleSource, folder: Path, longest: int, key: Callable[[int], str]) -> None:
        self.source, self.folder, self.longest, self.key = source, folder, longest, key
        self.left_out: Mapping[str, str] = dict(source.left_out)
        self._fit = list(range(len(source)))
        folder.mkdir(parents=True, exist_ok=True)

    def __len__(self) -> int:
        return len(self._fit)

    def __getitem__(self, index: int) -> Example:
        return self._kept(self._fit[index])

    def name(self, index: int) -> str:
        return self.source.name(self._fit[index])

    def prepare(self, reached: Callable[[float], None]) -> dict[str, str]:
        """Make every copy now and leave out what is unfit: name → sentence. ``reached`` hears the share."""
        fit, left_out, sentences = [], dict(self.left_out), {}
        for index in self._fit:
            reached(index / len(self.source))
            try:
                if not self._kept(index).label_map.any():
                    raise BadExample(WITHOUT_ENTITIES, "Its label map holds no entity.")
                fit.append(index)
            except BadExample as error:
                left_out[self.source.name(index)] = error.reason
                sentences[self.source.name(index)] = str(error)
        self._fit, self.left_out = fit, left_out
        return sentences

    def _kept(self, index: int) -> Example:
        name = hashlib.sha256(f"{self.longest} {self.key(index)}".encode()).hexdigest()[:32]
        image, labels = self.folder / f"{name}.png", self.folder / f"{name}.labels.png"
        if image.exists():
            with naming_the_unreadable(labels.name):
                label_map = np.asarray(Image.open(labels)).astype(np.uint16)
            return Example(read_rgb(image, image.name), label_map)
        example = reduced(self.source[index], self.longest)
        _write_png(labels, example.label_map)
        _write_png(image, example.rgb)  # last: where it is, both are
        return example


def longest_side(augmentation: Augmentation, crop_share: float) -> int:
    """Up to which size (px) an image's pixels can reach a view: a crop of it fills the longer side."""
    return int(np.ceil(augmentation.long_side / (crop_share * augmentation.smallest_window)))


def reduced(example: Example, longest: int) -> Example:
    """Both sides at most ``longest`` px: the image filtered, every label from its nearest pixel."""
    height, width = example.label_map.shape
    scale = longest / max(height, width)
    if scale >= 1:
        return example
    new_height, new_width = max(1, round(height * scale)), max(1, round(width * scale))
    image = Image.fromarray(np.ascontiguousarray(example.rgb))
    rgb = image.resize(
        (new_width, new_height), Image.Resampling.BOX if scale < 0.25 else Image.Resampling.BILINEAR
    )
    rows = ((np.arange(new_height) + 0.5) * (height / new_height)).astype(np.int64)
    columns = ((np.arange(new_width) + 0.5) * (width / new_width)).astype(np.int64)
    return Example(np.asarray(rgb), example.label_map[rows][:, columns])


def _write_png(path: Path, pixels: np.ndarray) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        try:
            Image.fromarray(pixels).save(part, "PNG", compress_level=1)
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
