"""What the model sees inside each mask: its pixel features, averaged, for any label map of an image."""

import base64
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from annotation_server.segmentation.bundle import BadBundle, decode_bundle, decompress_bundle
from annotation_server.segmentation.jobs import VectorsWanted
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import TILE, VOID
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.crops import SMALLEST_SIDE, Window
from ml_worker.image_crop import read_crop
from ml_worker.loaded_model import LoadedModel
from ml_worker.predict import Predictor
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage
from ml_worker.transforms import resize_view, stack_views

FEATURE_STRIDE = 4
PAIRS_AT_ONCE = 1 << 16


def vectors_in(
    wanted: VectorsWanted, storage: Storage, loaded: LoadedModel, *, device: str
) -> dict[str, Any]:
    """{"map_sha256", "model_sha256", "numbers": […], "dim", "vectors": base64 of float16 [N, dim]}.

    Raises JobRefused for what cannot be answered.
    """
    try:
        label_map, _ = decode_bundle(decompress_bundle(storage.read(wanted.map_key)))
    except (NoSuchFile, BadBundle) as error:
        raise JobRefused(Sentence.MAP_UNREADABLE.about(why=error)) from error
    predictor = loaded.asked_for(storage, wanted, device=device)
    if not isinstance(predictor, Predictor):
        raise JobRefused(Sentence.NO_FEATURES)
    rgb = read_crop(wanted, storage)
    if min(rgb.shape[:2]) < SMALLEST_SIDE:
        raise JobRefused(Sentence.MASKS_TOO_SMALL.about(least=SMALLEST_SIDE))
    numbers, vectors = embed(predictor, rgb, label_map)
    return {
        "map_sha256": label_map.sha256(),
        "model_sha256": predictor.sha256,
        "numbers": numbers,
        "dim": int(vectors.shape[1]),
        "vectors": base64.b64encode(vectors.astype("<f2").tobytes()).decode("ascii"),
    }


@torch.inference_mode()
def embed(
    predictor: Predictor, rgb: NDArray[np.uint8], label_map: TiledMap
) -> tuple[list[int], NDArray[np.float16]]:
    """The numbers of a label map, ascending, and a vector [N, D] for each.

    ``rgb`` [H, W, 3] shows the whole image of the label map, at whatever size. The features are the pixel
    decoder's at stride 4, those the model reads its own masks off, of the whole image in one view.
    """
    height, width = rgb.shape[:2]
    options = predictor.options
    view = resize_view(rgb, Window(0, 0, width, height), options.short_side, options.long_side)
    features = predictor.model.pixel_level(stack_views([view]).to(predictor.device)).mask_features[0]
    found = {number: extent for number, extent in extents(label_map).items() if number != VOID}
    numbers = list(found)
    small = labels_at(label_map, view.shape[0], view.shape[1])
    middles = [(extent.x0 + extent.x1, extent.y0 + extent.y1) for extent in found.values()]
    share = np.array([2 * label_map.width, 2 * label_map.height])
    cells = np.array(middles, float).reshape(-1, 2) / share * [view.shape[1], view.shape[0]]
    vectors = masked_means(features.cpu(), small, numbers, cells.astype(int))
    return numbers, vectors


def labels_at(label_map: TiledMap, height: int, width: int) -> NDArray[np.uint16]:
    """A label map at another size [height, width], each pixel from its nearest, row of tiles by row."""
    rows = ((np.arange(height) + 0.5) * (label_map.height / height)).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * (label_map.width / width)).astype(np.int64)
    small = np.empty((height, width), np.uint16)
    for row in range(label_map.rows):
        here = rows // TILE == row
        if here.any():
            small[here] = label_map.row_strip(row)[rows[here] - row * TILE][:, columns]
    return small


def masked_means(
    features: Tensor, labels: NDArray[np.uint16], numbers: list[int], middles: NDArray[np.int64]
) -> NDArray[np.float16]:
    """Mean feature [N, D] of the pixels of each number (ascending).

    ``features`` [D, h, w] lie 4 px apart on ``labels`` [H, W]. A number too small to have a pixel left there
    gets the feature at its middle (``middles`` [N, 2], x and y on ``labels``).
    """
    depth, grid_height, grid_width = features.shape
    cells = grid_height * grid_width
    flat = features.reshape(depth, cells).T.float()  # [cells, D]
    y, x = np.divmod(np.arange(labels.size), labels.shape[1])
    cell = (y // FEATURE_STRIDE) * grid_width + x // FEATURE_STRIDE
    place = np.searchsorted(numbers, labels.ravel())
    inside = labels.ravel() != VOID
    pairs, counts = np.unique(place[inside] * cells + cell[inside], return_counts=True)
    sums = torch.zeros(len(numbers), depth)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        owner, at = np.divmod(pairs[start : start + PAIRS_AT_ONCE], cells)
        weight = torch.from_numpy(counts[start : start + PAIRS_AT_ONCE]).float()
        sums.index_add_(0, torch.from_numpy(owner), flat[at] * weight[:, None])
    areas = np.bincount(place[inside], minlength=len(numbers))
    means = sums / torch.from_numpy(areas).clamp(min=1)[:, None]
    lost = np.flatnonzero(areas == 0)
    if lost.size:
        columns = np.minimum(middles[lost, 0] // FEATURE_STRIDE, grid_width - 1)
        rows = np.minimum(middles[lost, 1] // FEATURE_STRIDE, grid_height - 1)
        means[lost] = flat[rows * grid_width + columns]
    largest = float(np.finfo(np.float16).max)
    return means.clamp(-largest, largest).numpy().astype(np.float16)
