"""The model's features inside each mask."""

import base64

import numpy as np
import pytest
import torch
from PIL import Image

from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.jobs import VectorsWanted
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker.embed import labels_at, masked_means, vectors_in
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobRefused
from ml_worker.storage import FolderStorage


def test_a_mean_is_over_the_masks_pixels_alone():
    features = torch.arange(4.0).reshape(1, 2, 2)  # one channel, 0 1 / 2 3
    labels = np.zeros((8, 8), np.uint16)
    labels[:4, :4], labels[:4, 4:], labels[4:, :] = 3, 9, 40
    labels[0, 0] = 9  # one pixel over cell 0
    means = masked_means(features, labels, [3, 9, 40], np.zeros((3, 2), np.int64))
    assert means.dtype == np.float16
    assert means.ravel().tolist() == pytest.approx([0.0, 16 / 17, 2.5], rel=1e-3)


def test_a_mask_too_small_to_be_seen_gets_the_feature_at_its_middle():
    features = torch.arange(4.0).reshape(1, 2, 2)
    means = masked_means(features, np.full((8, 8), 3, np.uint16), [3, 7], np.array([[4, 4], [7, 1]]))
    assert means.ravel().tolist() == [1.5, 1.0]


def test_nothing_named_gives_nothing():
    assert masked_means(
        torch.zeros(5, 2, 2), np.zeros((8, 8), np.uint16), [], np.zeros((0, 2), int)
    ).shape == (0, 5)


def test_a_label_map_is_sampled_across_tiles():
    dense = np.random.default_rng(3).integers(0, 9, (700, 1100)).astype(np.uint16)
    small = labels_at(pack_map(dense), 70, 110)
    assert (small == dense[5::10, 5::10]).all()


@pytest.fixture
def asked(tmp_path):
    """A picture of two textures, three masks on it: 5 and 8 on the same texture, 12 on the other."""
    rgb = np.full((96, 128, 3), (40, 160, 60), np.uint8)
    rgb[:, 64:] = (200, 60, 40)
    rgb[::4] //= 2
    labels = np.full((96, 128), 5, np.uint16)
    labels[48:, :64], labels[:, 64:] = 8, 12
    Image.fromarray(rgb).save(tmp_path / "picture.png")
    (tmp_path / "map.elm.gz").write_bytes(compress_bundle(encode_bundle(pack_map(labels))))
    return VectorsWanted(image_key="picture.png", map_key="map.elm.gz", view=[0, 0, 128, 96]), FolderStorage(
        tmp_path
    )


def test_alike_masks_have_alike_vectors(asked):
    wanted, storage = asked
    answer = vectors_in(wanted, storage, LoadedModel(), device="cpu")
    assert answer["numbers"] == [5, 8, 12]
    vectors = (
        np.frombuffer(base64.b64decode(answer["vectors"]), "<f2").reshape(3, answer["dim"]).astype(float)
    )
    same, other = np.linalg.norm(vectors[0] - vectors[1]), np.linalg.norm(vectors[0] - vectors[2])
    assert same < other / 2
    assert len(answer["map_sha256"]) == len(answer["model_sha256"]) == 64


def test_what_cannot_be_read_is_refused(asked):
    wanted, storage = asked
    with pytest.raises(JobRefused, match="label map cannot be read"):
        vectors_in(
            VectorsWanted(**{**wanted.to_dict(), "map_key": "gone.elm.gz"}),
            storage,
            LoadedModel(),
            device="cpu",
        )
    with pytest.raises(JobRefused, match="file is gone"):
        vectors_in(
            VectorsWanted(**{**wanted.to_dict(), "image_key": "gone.png"}),
            storage,
            LoadedModel(),
            device="cpu",
        )
