"""The losses beside those of others: transformers' for single views, plain loops for all views together."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import Mask2FormerLoss

from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.losses import Entities, cropformer_losses
from ml_worker.cropformer.model import CropFormerOutput
from tests.ml_worker.made_up_masks import decoded_as

POINTS, LAYERS, IMAGES, VIEWS, QUERIES = 24, 2, 2, 2, 4
HEIGHT, WIDTH = 20, 28
WEIGHTS = {"ce": 2.0, "mask": 5.0, "dice": 5.0}


@pytest.fixture(autouse=True)
def the_same_points_for_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random places [n, p, 2] are the first p of one list, whoever asks."""
    places = torch.from_numpy(np.random.default_rng(7).random((3 * POINTS, 2), np.float32))

    def rand(*shape: int, **_: object) -> Tensor:
        count, points, _xy = shape
        return places[:points].repeat(count, 1, 1)

    monkeypatch.setattr(torch, "rand", rand)


def label_maps() -> list[Entities]:
    """Entity 3 of the first image is absent from its crop; the second image has one entity."""
    first = torch.zeros(VIEWS, HEIGHT, WIDTH, dtype=torch.int32)
    first[:, :12, :9], first[:, :7, 15:], first[0, 14:, 18:] = 1, 2, 3
    second = torch.zeros(VIEWS, HEIGHT, WIDTH, dtype=torch.int32)
    second[0, 5:15, 5:20], second[1, 2:18, 2:26] = 5, 5
    return [Entities(first, torch.tensor([1, 2, 3])), Entities(second, torch.tensor([5]))]


@pytest.fixture
def output() -> CropFormerOutput:
    rng = np.random.default_rng(3)

    def decoded(sequences: int, views: int) -> Decoded:
        classes = rng.normal(0, 2, (LAYERS, sequences, QUERIES, 2)).astype(np.float32)
        masks = rng.normal(0, 3, (LAYERS, sequences, QUERIES, views, 5, 7)).astype(np.float32)
        return decoded_as(list(torch.from_numpy(classes)), list(torch.from_numpy(masks)))

    return CropFormerOutput(decoded(IMAGES * VIEWS, 1), decoded(IMAGES, VIEWS), torch.zeros(0))


def test_single_views_agree_with_transformers(output: CropFormerOutput) -> None:
    targets = label_maps()
    terms = cropformer_losses(output, targets, points=POINTS).terms
    config = Mask2FormerConfig(
        num_labels=1,
        train_num_points=POINTS,
        class_weight=2.0,
        mask_weight=5.0,
        dice_weight=5.0,
        no_object_weight=0.1,
    )
    criterion = Mask2FormerLoss(config, {})
    masks = [
        torch.stack([(view == number).float() for number in one.numbers if (view == number).any()])
        for one in targets
        for view in one.labels
    ]
    classes = [torch.zeros(len(view), dtype=torch.long) for view in masks]
    assert output.views is not None
    wanted = {"ce": 0.0, "mask": 0.0, "dice": 0.0}
    for layer, logits in enumerate(output.views.class_logits):
        told = criterion(output.views.mask_logits(layer)[:, :, 0], logits, masks, classes)
        wanted["ce"] += told["loss_cross_entropy"].item()
        wanted["mask"] += told["loss_mask"].item()
        wanted["dice"] += told["loss_dice"].item()
    found = {name: terms[f"loss_{name}_2d"].item() for name in wanted}
    assert found == pytest.approx(wanted, rel=1e-5)


def value_at(image: np.ndarray, x: float, y: float) -> float:
    """Bilinear, pixel centres at halves, zero outside."""
    height, width = image.shape
    px, py = x * width - 0.5, y * height - 0.5
    total = 0.0
    for row in (math.floor(py), math.floor(py) + 1):
        for column in (math.floor(px), math.floor(px) + 1):
            if 0 <= row < height and 0 <= column < width:
                total += float(image[row, column]) * (1 - abs(py - row)) * (1 - abs(px - column))
    return total


def cross_entropy(logit: float, wanted: float) -> float:
    return max(logit, 0) - logit * wanted + math.log1p(math.exp(-abs(logit)))


def dice(logits: list[float], wanted: list[float]) -> float:
    chance = [1 / (1 + math.exp(-logit)) for logit in logits]
    common = sum(a * b for a, b in zip(chance, wanted, strict=True))
    return 1 - (2 * common + 1) / (sum(chance) + sum(wanted) + 1)


def read(images: np.ndarray, places: Tensor) -> list[float]:
    return [value_at(image, float(x), float(y)) for image in images for x, y in places]


def cheapest(cost: Callable[[int, int], float], entities: int) -> tuple[int, ...]:
    """The query of each entity, found by trying every choice."""
    choices = itertools.permutations(range(QUERIES), entities)
    return min(choices, key=lambda queries: sum(cost(q, n) for n, q in enumerate(queries)))


def layer_of_all_views(classes: Tensor, masks: Tensor, target: Entities, places: Tensor) -> dict[str, float]:
    """Sums over the entities of one image and one layer: classes [Q, 2], masks [Q, T, h, w]."""
    wanted = [(target.labels == number).numpy().astype(float) for number in target.numbers]  # each [T, H, W]
    chance = classes.softmax(-1)[:, 0].tolist()
    logits_at = [read(mask.numpy(), places[:POINTS]) for mask in masks]
    wanted_at = [read(mask, places[:POINTS]) for mask in wanted]

    def cost(query: int, entity: int) -> float:
        pairs = list(zip(logits_at[query], wanted_at[entity], strict=True))
        mean = sum(cross_entropy(*pair) for pair in pairs) / len(pairs)
        return -2 * chance[query] + 5 * mean + 5 * dice(logits_at[query], wanted_at[entity])

    queries = cheapest(cost, len(wanted))
    sums = {"mask": 0.0, "dice": 0.0, "ce": 0.0, "weight": 0.0}
    for query, mask in zip(queries, wanted, strict=True):
        for view in range(VIEWS):
            logits = masks[query, view].numpy()
            doubt = sorted(places[: 3 * POINTS].tolist(), key=lambda place: abs(value_at(logits, *place)))
            sure = int(0.75 * POINTS)
            chosen = torch.tensor(doubt[:sure] + places[: POINTS - sure].tolist())
            found, true = read(logits[None], chosen), read(mask[view][None], chosen)
            losses = [cross_entropy(*pair) for pair in zip(found, true, strict=True)]
            sums["mask"] += sum(losses) / POINTS
            sums["dice"] += dice(found, true)
    for query, (entity_logit, nothing_logit) in enumerate(classes.tolist()):
        weight, right = (1.0, entity_logit) if query in queries else (0.1, nothing_logit)
        sums["ce"] += weight * (math.log(math.exp(entity_logit) + math.exp(nothing_logit)) - right)
        sums["weight"] += weight
    return sums


def test_all_views_together_agree_with_plain_loops(output: CropFormerOutput) -> None:
    targets = label_maps()
    losses = cropformer_losses(output, targets, points=POINTS)
    places = torch.rand(1, 3 * POINTS, 2)[0]
    assert output.joint is not None
    wanted = {"ce": 0.0, "mask": 0.0, "dice": 0.0}
    entities = sum(len(target.numbers) for target in targets)
    for layer, classes in enumerate(output.joint.class_logits):
        images = zip(classes, output.joint.mask_logits(layer), targets, strict=True)
        parts = [layer_of_all_views(*image, places) for image in images]
        wanted["ce"] += sum(part["ce"] for part in parts) / sum(part["weight"] for part in parts)
        wanted["mask"] += sum(part["mask"] for part in parts) / entities
        wanted["dice"] += sum(part["dice"] for part in parts) / entities
    found = {name: losses.terms[f"loss_{name}_3d"].item() for name in wanted}
    assert found == pytest.approx(wanted, rel=1e-4)
    total = sum(
        share * WEIGHTS[name] * losses.terms[f"loss_{name}_{level}"].item()
        for level, share in (("2d", 0.5), ("3d", 1.0))
        for name in WEIGHTS
    )
    assert losses.total.item() == pytest.approx(total, rel=1e-6)
