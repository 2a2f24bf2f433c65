"""What training is fed: scenes and folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_worker.dataset import BadExample, LabelMapFolder, SceneDataset


def test_scenes_are_painted_once_and_a_foreign_cache_is_refused(tmp_path: Path) -> None:
    cache = tmp_path / "scenes.npz"
    first = SceneDataset(count=2, side=32, seed=1, cache=cache)
    stamp = cache.stat().st_mtime_ns
    second = SceneDataset(count=2, side=32, seed=1, cache=cache)
    assert cache.stat().st_mtime_ns == stamp
    assert np.array_equal(first[1].rgb, second[1].rgb)
    with pytest.raises(ValueError, match="name another file"):
        SceneDataset(count=2, side=32, seed=2, cache=cache)
    cache.write_bytes(b"not a cache")
    with pytest.raises(ValueError, match="not a cache of scenes"):
        SceneDataset(count=2, side=32, seed=1, cache=cache)


def test_a_folder_pairs_images_with_label_maps(tmp_path: Path) -> None:
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (20, 10), (1, 2, 3)).save(tmp_path / "images" / "a.jpg")
    Image.fromarray(np.full((10, 20), 300, np.uint16)).save(tmp_path / "labels" / "a_x.png")
    folder = LabelMapFolder(tmp_path, suffix="_x")
    assert len(folder) == 1
    assert folder[0].rgb.shape == (10, 20, 3)
    assert int(folder[0].label_map.max()) == 300
    Image.fromarray(np.zeros((5, 5), np.uint16)).save(tmp_path / "labels" / "a_x.png")
    with pytest.raises(BadExample, match="its image"):
        folder[0]
    with pytest.raises(ValueError, match="no image with a label map"):
        LabelMapFolder(tmp_path)
