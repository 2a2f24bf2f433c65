"""The network and its post-processing give the published model's numbers."""

import json
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from annotation_server.segmentation.rle import label_map_rles
from ml_worker.checkpoints import Checkpoint
from ml_worker.crops import view_windows
from ml_worker.predict import Predictor
from ml_worker.transforms import resize_view, stack_views
from tests.ml_worker.golden import golden_folder

CASES = ("nano_96x128", "nano_75x117")
ATOL, RTOL = 1e-4, 2e-5


class Case:
    def __init__(self, name: str, checkpoint: Checkpoint) -> None:
        folder = golden_folder()
        self.name = name
        self.meta = json.loads((folder / "meta.json").read_text())["cases"][name]
        self.rgb = np.asarray(Image.open(folder / self.meta["image"]).convert("RGB"))
        self.arrays = np.load(folder / f"{name}.npz")
        self.final: dict[str, Any] = json.loads((folder / f"{name}.final.json").read_text())
        self.predictor = Predictor(
            checkpoint,
            parity=True,
            short_side=self.meta["MIN_SIZE_TEST"],
            long_side=self.meta["MAX_SIZE_TEST"],
        )


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, nano_checkpoint: Checkpoint) -> Case:
    return Case(request.param, nano_checkpoint)


def test_views_are_the_same_bytes(case: Case) -> None:
    windows = view_windows(*case.rgb.shape[:2])
    assert [list(window) for window in windows[1:]] == case.meta["crop_regions_xyxy"]
    views = [resize_view(case.rgb, window, case.meta["MIN_SIZE_TEST"], 1333) for window in windows]
    checksums = [zlib.crc32(np.ascontiguousarray(view.transpose(2, 0, 1)).tobytes()) for view in views]
    assert checksums == case.meta["view_uint8_crc32"]
    assert list(stack_views(views).shape) == case.meta["net_input_shape"]


def test_every_tensor_agrees(case: Case) -> None:
    computed = case.predictor.forward_views(case.rgb)
    for name in (
        "class_2d",
        "class_3d",
        "class_2d_aux",
        "class_3d_aux",
        "mask_2d",
        "mask_3d",
        "query_2d",
        "query_3d_assoc",
        "fused_prob",
    ):
        np.testing.assert_allclose(
            computed[name], case.arrays[name], atol=ATOL, rtol=RTOL, err_msg=f"{case.name} {name}"
        )


def test_view_probabilities_agree(case: Case) -> None:
    computed = case.predictor.forward_views(case.rgb)
    names = [name for name in case.arrays if name.startswith("view_prob_")]
    assert names
    for name in names:
        step = -(-computed[name].shape[0] // case.arrays[name].shape[0])
        np.testing.assert_allclose(computed[name][::step], case.arrays[name], atol=ATOL, rtol=RTOL)


def test_features_agree(case: Case) -> None:
    if case.meta["detail"] != "full":
        pytest.skip("This case keeps subsampled features only.")
    computed = case.predictor.forward_views(case.rgb)
    steps = {"backbone_res2": 4, "backbone_res3": 4, "mask_features": 8}
    for name in ("backbone_res2", "backbone_res3", "backbone_res4", "backbone_res5", "mask_features"):
        wanted = case.arrays[name]
        np.testing.assert_allclose(
            computed[name][:, :: steps.get(name, 1)], wanted, atol=ATOL, rtol=RTOL, err_msg=name
        )
    for name in ("multi_scale_0", "multi_scale_1", "multi_scale_2"):
        np.testing.assert_allclose(computed[name], case.arrays[name], atol=ATOL, rtol=RTOL)


def test_masks_before_suppression_agree(case: Case) -> None:
    fused = case.predictor.forward_views(case.rgb)["fused_prob"] > 0.5
    strings = [coco_mask.encode(np.asfortranarray(mask))["counts"].decode() for mask in fused]
    assert strings == [rle["counts"] for rle in case.final["fused>0.5"]]


def test_final_masks_and_scores_agree(case: Case) -> None:
    prediction = case.predictor.predict(case.rgb)
    assert prediction.queries == case.final["query"]
    assert prediction.areas == case.final["area"]
    assert prediction.masks == case.final["masks"]
    np.testing.assert_allclose(prediction.class_scores, case.final["class_score"], atol=1e-5)
    np.testing.assert_allclose(prediction.scores, case.final["scores"], atol=1e-5)


def test_without_parity_the_mask_score_is_the_mean_probability(
    case: Case, nano_checkpoint: Checkpoint
) -> None:
    predictor = Predictor(
        nano_checkpoint, short_side=case.meta["MIN_SIZE_TEST"], long_side=case.meta["MAX_SIZE_TEST"]
    )
    prediction = predictor.predict(case.rgb)
    wanted = {
        query: (class_score * quality, rle)
        for query, class_score, quality, rle, area in zip(
            case.final["query"],
            case.final["class_score"],
            case.final["mask_score_without_second_sigmoid"],
            case.final["masks"],
            case.final["area"],
            strict=True,
        )
        if area >= 64
    }
    assert prediction.queries == list(wanted)
    np.testing.assert_allclose(prediction.scores, [score for score, _ in wanted.values()], atol=1e-5)
    assert prediction.masks == [rle for _, rle in wanted.values()]
    assert list(label_map_rles(prediction.label_map)) == list(range(1, len(wanted) + 1))
