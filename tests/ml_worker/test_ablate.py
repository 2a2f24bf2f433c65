"""The ablation command on two rows of two steps: trained once, gone on with, told honestly."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.scenes import make_scene
from ml_worker import ablate, ablation_runs
from ml_worker.ablation_report import CAVEAT, markdown, table_record
from ml_worker.ablation_tables import TABLES, Row, Table, chosen_tables, training_part, with_paper_figures
from ml_worker.checkpoints import load_checkpoint, save_weights
from ml_worker.cropformer.architecture import NANO
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.variants import MASK2FORMER, PUBLISHED, VITA, Variant

WORDS = [
    *("--scenes", "2", "--test-scenes", "1", "--side", "64", "--entities", "3", "--short-side", "64"),
    *("--size", "nano", "--steps", "2", "--batch", "1", "--points", "32"),
]
TWO_ROWS = {
    "7": Table(
        "Two rows",
        (Row("Mask2Former", MASK2FORMER, paper="38.8"), Row("Batch-O", Variant(painted_views="full"))),
        "Batch-O",
    )
}


def test_a_run_that_was_cut_off_goes_on_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ablate, "chosen_tables", lambda name: TWO_ROWS)
    words = [*WORDS, "--out", str(tmp_path)]
    assert ablate.main(words) == 0
    assert CAVEAT in capsys.readouterr().out
    written = json.loads((tmp_path / "ablation.json").read_text())
    first, second = written["tables"][0]["rows"]
    assert (first["row"], first["paper"], second["seeds"]) == ("Mask2Former", "38.8", [0])
    assert first["parameters"] < second["parameters"]
    weights = sorted(tmp_path.glob("runs/*/model.safetensors"))
    made = [path.stat().st_mtime_ns for path in weights]
    assert len(weights) == 2
    next(tmp_path.glob("runs/*/figures-*.json")).unlink()
    assert ablate.main(words) == 0
    assert [path.stat().st_mtime_ns for path in weights] == made
    assert json.loads((tmp_path / "ablation.json").read_text())["tables"][0]["rows"][0]["AP"] == first["AP"]


def test_rows_that_differ_at_inference_only_share_their_weights() -> None:
    assert len({training_part(row.variant) for row in TABLES["7"].rows}) == 2
    assert len({training_part(row.variant) for row in TABLES["angles"].rows}) == 1
    assert len({training_part(row.variant) for row in TABLES["9a"].rows}) == 5
    for table in TABLES.values():
        assert [row.name for row in table.rows].count(table.base) == 1


def test_rows_begin_with_every_weight_that_fits(tmp_path: Path) -> None:
    model = CropFormer(NANO)
    save_weights(tmp_path / "model.safetensors", model, {})
    words = [*WORDS, "--out", str(tmp_path), "--start-from", str(tmp_path / "model.safetensors")]
    ablation = ablate.ablation_of(ablate.parser().parse_args(words))
    config = ablation_runs._config(ablation, Row("VITA", VITA), 0)
    begun = ablation_runs._started(load_checkpoint(tmp_path / "model.safetensors"), config).state_dict()
    for key, tensor in model.state_dict().items():
        assert key not in begun or bool((begun[key] == tensor).all()), key
    assert any(key.startswith("object_tokens") for key in begun)


def test_means_spreads_and_differences_are_those_of_the_seeds() -> None:
    table = Table("T", (Row("a", PUBLISHED), Row("b", MASK2FORMER)), "a")
    figures = {"mean_best_iou": 0.5, "coverage": 1.0, "AP50": 0.4, "parameters": 7}
    found = {
        "a": [{"seed": 0, "AP": 0.1, **figures}, {"seed": 1, "AP": 0.2, **figures}],
        "b": [{"seed": 1, "AP": 0.5, **figures}],
    }
    record = table_record(table, found)
    assert record["rows"][0]["AP"]["mean"] == pytest.approx(0.15)
    assert record["rows"][0]["AP"]["spread"] == pytest.approx(0.0707, abs=1e-4)
    assert record["rows"][1]["difference"]["mean"] == pytest.approx(0.3)
    text = markdown([record, table_record(table, {})], {"seeds": 2})
    assert "15.0 ± 7.1" in text and "+30.0" in text and "not yet" in text


def test_the_papers_figures_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    path.write_text('{"7": {"Image-O": 12.5}}')
    tables = with_paper_figures(chosen_tables("7"), path)
    assert {row.name: row.paper for row in tables["7"].rows}["Image-O"] == "12.5"
    path.write_text('{"7": {"Image-X": 1}}')
    with pytest.raises(ValueError, match="Image-X"):
        with_paper_figures(chosen_tables("7"), path)


def test_examples_come_from_folders_too(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for name in ("images", "labels"):
            (tmp_path / part / name).mkdir(parents=True)
        rgb, label_map = make_scene(1, 32, 40)
        Image.fromarray(rgb).save(tmp_path / part / "images" / "a.png")
        Image.fromarray(label_map.astype(np.uint8)).save(tmp_path / part / "labels" / "a.png")
    words = ["--folder", str(tmp_path / "train"), "--out", str(tmp_path)]
    with pytest.raises(ValueError, match="--test-folder"):
        ablate.ablation_of(ablate.parser().parse_args(words))
    words += ["--test-folder", str(tmp_path / "test"), "--size", "nano"]
    ablation = ablate.ablation_of(ablate.parser().parse_args(words))
    assert len(ablation_runs.open_source(ablation.test_data)) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--table", "10"], "There is no table 10"),
        (["--steps", "0"], "--steps is at least 1"),
        (["--short-side", "32"], "--short-side is at least 64"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert ablate.main([*WORDS, *words, "--out", str(tmp_path)]) == 2
    assert named in capsys.readouterr().err
