"""Folders of label maps: the same digits as from COCO files, and every refusal names its image."""

import json
from pathlib import Path

import numpy as np
import pytest

from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.evaluate_maps import BadFolders, evaluate_maps, main
from annotation_server.segmentation.instance_evaluation import evaluate
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.label_map_png import write_label_map_png
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap, pack_map

Views = list[tuple[TiledMap, TiledMap]]


def cells(random: np.random.Generator, height: int, width: int) -> TiledMap:
    numbers = random.integers(0, 6, (height // 60 + 1, width // 60 + 1))
    return pack_map(np.kron(numbers, np.ones((60, 60), int))[:height, :width].astype(np.uint16))


@pytest.fixture(scope="module")
def views() -> Views:
    """Maps that differ by some cells, one of two tiles, one of nothing but VOID."""
    random = np.random.default_rng(3)
    views = []
    for height, width in ((200, 300), (90, 600), (64, 64)):
        truth = cells(random, height, width)
        changed = truth.pixels().copy()
        changed[: height // 3] = cells(random, height, width).pixels()[: height // 3]
        views.append((truth, pack_map(changed)))
    return [*views, (pack_map(np.zeros((8, 9), np.uint16)), pack_map(np.ones((8, 9), np.uint16)))]


@pytest.fixture
def folders(tmp_path: Path, views: Views) -> tuple[Path, Path]:
    for side in ("truth", "found"):
        (tmp_path / side).mkdir()
    for i, pair in enumerate(views):
        for side, label_map in zip(("truth", "found"), pair, strict=True):
            write(tmp_path / side, str(i), label_map, (".elm", ".elm.gz", ".png")[i % 3])
    return tmp_path / "truth", tmp_path / "found"


def write(folder: Path, name: str, label_map: TiledMap, suffix: str) -> None:
    with (folder / f"{name}{suffix}").open("wb") as file:
        if suffix == ".png":
            write_label_map_png(file, label_map)
        else:
            bundle = encode_bundle(label_map)
            file.write(compress_bundle(bundle) if suffix == ".elm.gz" else bundle)


def test_folders_give_the_digits_of_coco_files(folders: tuple[Path, Path], views: Views) -> None:
    images, annotations, results, scores = [], [], [], {}
    for i, (truth, found) in enumerate(views):
        images.append({"id": i, "width": truth.width, "height": truth.height})
        areas = extents(truth)
        annotations += [
            {"image_id": i, "segmentation": rle, "area": areas[number].area, "iscrowd": 0, "category_id": 1}
            for number, rle in label_map_rles(truth).items()
        ]
        rles = label_map_rles(found)
        scores[str(i)] = {str(number): number % 3 / 3 for number in rles}
        results += [
            {"image_id": i, "segmentation": rle, "score": number % 3 / 3, "category_id": 1}
            for number, rle in rles.items()
        ]
    expected = evaluate({"images": images, "annotations": annotations}, results)
    assert evaluate_maps(*folders, scores) == evaluate_maps(*folders, scores, processes=3) == expected
    assert 0 < expected["AP"] < 1


def test_the_command_prints_one_object(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder) for folder in folders]) == 0
    assert json.loads(capsys.readouterr().out) == evaluate_maps(*folders)
    assert main([str(folders[0]), str(tmp_path / "nowhere")]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"0": 5}', b"\xff\xfe\x00"])
def test_a_broken_file_of_scores_is_named(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    scores = tmp_path / "scores.json"
    scores.write_bytes(content)
    assert main([*map(str, folders), "--scores", str(scores)]) == 2
    assert "scores.json" in capsys.readouterr().err


def test_a_map_against_itself_is_perfect(folders: tuple[Path, Path]) -> None:
    assert evaluate_maps(folders[0], folders[0])["AP"] == pytest.approx(1)


def test_what_does_not_fit_is_refused_with_the_image(folders: tuple[Path, Path], views: Views) -> None:
    truth, found = folders
    with pytest.raises(BadFolders, match=r"Number \d of image 0 has no finite score: None"):
        evaluate_maps(truth, found, {})
    with pytest.raises(BadFolders, match="no finite score: nan"):
        evaluate_maps(
            truth, found, {str(i): dict.fromkeys(map(str, range(9)), float("nan")) for i in range(4)}
        )
    write(truth, "9", views[0][0], ".png")
    with pytest.raises(BadFolders, match=r"in one folder only \(1\): 9"):
        evaluate_maps(truth, found)
    write(found, "9", views[1][0], ".elm")
    with pytest.raises(BadFolders, match="image 9 are of different sizes: 300 × 200 and 600 × 90"):
        evaluate_maps(truth, found)
    (found / "9.elm").write_bytes(b"ELM1")
    with pytest.raises(BadFolders, match=r"9\.elm is no label map"):
        evaluate_maps(truth, found)
    write(found, "9", views[1][0], ".png")
    with pytest.raises(BadFolders, match=r"image 9 is twice in .*: 9\.elm and 9\.png"):
        evaluate_maps(truth, found)
