"""The demo's pictures are there without a download, and scenes know their truth."""

import pytest
from PIL import Image

from annotation_server.demo import content


def test_the_photographs_lie_in_the_installed_package(tmp_path):
    items = list(content.photographs())
    assert len(items) == len(content.PHOTOGRAPHS)
    for item in items:
        item.write(tmp_path / item.name)
        with Image.open(tmp_path / item.name) as picture:
            assert min(picture.size) > 200


def test_a_scene_and_its_truth_have_one_size(tmp_path):
    item = content.scene(3, 320, 200, entities=12)
    item.write(tmp_path / item.name)
    with Image.open(tmp_path / item.name) as picture:
        assert picture.size == (320, 200)
    truth = item.truth()
    assert truth.shape == (200, 320) and truth.min() >= 1


def test_a_folder_of_pictures_is_taken_by_name(tmp_path):
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [item.name for item in content.pictures_in(tmp_path)] == ["a.png", "b.JPG"]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no pictures"):
        content.pictures_in(tmp_path)
