"""Proposals for picture files by command: a label map with its scores, refusals in a line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_worker.predict_files import main


def test_a_picture_becomes_a_label_map_and_its_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, broken, out = tmp_path / "halves.png", tmp_path / "broken.jpg", tmp_path / "out"
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, 30:] = 255
    Image.fromarray(rgb).save(picture)
    broken.write_bytes(b"\xff\xd8\xff")
    given = [str(picture), str(broken), "--out", str(out), "--architecture", "classical"]
    assert main(given) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["picture"] == "halves.png" and "broken.jpg" in told.err
    masks = json.loads((out / "halves.json").read_text())["masks"]
    with Image.open(out / "halves.png") as label_map:
        numbers, areas = np.unique(np.asarray(label_map), return_counts=True)
    shown = {int(n): int(area) for n, area in zip(numbers, areas, strict=True) if n}
    assert shown == {mask["number"]: mask["area"] for mask in masks} and len(masks) >= 2
