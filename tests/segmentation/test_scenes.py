"""Generated scenes: whole, reproducible, varied, and large ones within their memory."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from annotation_server.segmentation import scenes
from annotation_server.segmentation.scenes import make_scene

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("size", [(8, 8), (64, 64), (97, 33), (33, 300), (256, 192)])
@pytest.mark.parametrize("seed", range(6))
def test_every_pixel_is_an_entity_and_numbers_have_no_gaps(seed: int, size: tuple[int, int]) -> None:
    rgb, label_map = make_scene(seed, *size)
    assert rgb.shape == (*size, 3) and rgb.dtype == np.uint8
    assert label_map.shape == size and label_map.dtype == np.uint16
    numbers = np.unique(label_map)
    assert numbers.tolist() == list(range(1, len(numbers) + 1))


def test_the_same_arguments_give_the_same_bytes() -> None:
    first, second = make_scene(9, 120, 160), make_scene(9, 120, 160)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    other, _ = make_scene(10, 120, 160)
    assert not np.array_equal(first[0], other)


def test_as_many_entities_as_asked_for_at_most() -> None:
    for entities in (1, 2, 40):
        _, label_map = make_scene(2, 256, 256, entities=entities)
        assert entities * 0.6 <= label_map.max() <= entities


def test_colours_change_where_entities_meet() -> None:
    """The labels belong to the picture: borders are where neighbouring colours differ more than elsewhere."""
    inside, across = [], []
    for seed in range(8):
        rgb, label_map = make_scene(seed, 128, 128)
        step = np.abs(np.diff(rgb.astype(int), axis=1)).sum(2)
        border = label_map[:, 1:] != label_map[:, :-1]
        inside.append(step[~border].mean())
        across.append(step[border].mean())
    assert np.mean(across) > 2 * np.mean(inside)


def test_some_entities_come_in_several_parts() -> None:
    parts = 0
    for seed in range(10):
        _, label_map = make_scene(seed, 128, 128)
        parts += sum(label(label_map == n)[1] > 1 for n in range(1, int(label_map.max()) + 1))
    assert parts >= 5


def test_strips_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make_scene(21, 200, 150)
    monkeypatch.setattr(scenes, "STRIP_PX", 150 * 37)
    assert all(np.array_equal(a, b) for a, b in zip(whole, make_scene(21, 200, 150), strict=True))


@pytest.mark.parametrize(("height", "width", "entities"), [(7, 100, None), (100, 7, None), (64, 64, 0)])
def test_what_is_no_scene_is_refused(height: int, width: int, entities: int | None) -> None:
    with pytest.raises(ValueError, match="scene"):
        make_scene(1, height, width, entities=entities)


def test_memory_stays_near_the_two_arrays() -> None:
    """24 MP in a process of its own: 120 MB are returned; twice as much on top is the limit."""
    code = (
        "from pathlib import Path; from annotation_server.segmentation.scenes import make_scene;"
        # Not ru_maxrss: that begins with what pytest itself used when it started the process.
        "peak = lambda: int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]);"
        "base = peak();"
        "rgb, label_map = make_scene(3, 4000, 6000, entities=120);"
        "print(peak() - base, label_map.max())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120
    )
    kilobytes, entities = answer.stdout.split()
    assert int(kilobytes) < 400_000
    assert int(entities) > 80


def test_the_label_map_of_a_seed_never_changes() -> None:
    """Trained weights and figures refer to these scenes."""
    _, label_map = make_scene(1, 64, 96)
    assert hashlib.sha256(label_map.tobytes()).hexdigest()[:16] == "92d8acdad78a51af"
