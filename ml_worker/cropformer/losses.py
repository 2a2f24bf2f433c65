"""What training minimises: class, mask and dice of every layer, for single views and for all together."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.matcher import match_entities
from ml_worker.cropformer.model import CropFormerOutput
from ml_worker.cropformer.points import read_points, uncertain_points
from ml_worker.cropformer.variants import PUBLISHED, Variant, chosen_views

CLASS_WEIGHT, MASK_WEIGHT, DICE_WEIGHT = 2.0, 5.0, 5.0
NO_OBJECT_WEIGHT = 0.1
OVERSAMPLE, IMPORTANCE = 3.0, 0.75


@dataclass(frozen=True)
class Losses:
    """``total`` to step on; ``terms`` are the unweighted sums over layers, for the log."""

    total: Tensor
    terms: dict[str, float]


def cropformer_losses(
    output: CropFormerOutput, targets: list[Tensor], *, points: int, variant: Variant = PUBLISHED
) -> Losses:
    """targets: per image, masks [N, T, H, W] float of its entities in its T views (all zero where absent).

    In single views an entity absent from the view is no target; in all views together it is supervised to be
    empty there (source: paper §3.3; weights of the published configuration). ``variant`` says which levels
    are supervised, and on which views.
    """
    total = torch.zeros(())
    terms: dict[str, float] = {}
    for name, (weight, choice) in variant.supervision.items():
        level = _single_views if name == "2d" else _views_together
        decoded, wanted = level(output, targets, choice)
        classes, masks, dice = _sequence_losses(decoded, wanted, points)
        total = total.to(classes.device) + weight * (
            CLASS_WEIGHT * classes + MASK_WEIGHT * masks + DICE_WEIGHT * dice
        )
        parts = {"ce": classes, "mask": masks, "dice": dice}
        terms |= {f"loss_{part}_{name}": value.item() for part, value in parts.items()}
    return Losses(total, terms)


def _single_views(
    output: CropFormerOutput, targets: list[Tensor], choice: str
) -> tuple[Decoded, list[Tensor]]:
    """The image level's predictions of the chosen views, and the entities each of them shows."""
    assert output.views is not None
    chosen, views = chosen_views(choice), targets[0].shape[1]

    def part(tensor: Tensor) -> Tensor:
        return tensor.unflatten(0, (-1, views))[:, chosen].flatten(0, 1)

    decoded = replace(
        output.views,
        class_logits=[part(logits) for logits in output.views.class_logits],
        mask_logits=[part(logits) for logits in output.views.mask_logits],
    )
    wanted = [
        masks[:, view : view + 1][masks[:, view].flatten(1).any(1)]
        for masks in targets
        for view in range(views)[chosen]
    ]
    return decoded, wanted


def _views_together(
    output: CropFormerOutput, targets: list[Tensor], choice: str
) -> tuple[Decoded, list[Tensor]]:
    """The batch level's predictions with the masks of the chosen views, and all entities."""
    assert output.joint is not None
    chosen = chosen_views(choice)
    decoded = replace(output.joint, mask_logits=[logits[:, :, chosen] for logits in output.joint.mask_logits])
    return decoded, [masks[:, chosen] for masks in targets]


def _sequence_losses(decoded: Decoded, targets: list[Tensor], points: int) -> tuple[Tensor, Tensor, Tensor]:
    """(class, mask, dice) summed over layers; masks and dice are per entity, so T views count T times."""
    class_logits = torch.stack(decoded.class_logits)  # [L, B, Q, 2]
    mask_logits = torch.stack(decoded.mask_logits)  # [L, B, Q, T, h, w]
    layer_of, image_of, query_of, wanted = _matches(class_logits, mask_logits, targets, points)
    classes = _class_loss(class_logits, (layer_of, image_of, query_of))
    if not len(wanted):
        nothing = mask_logits.sum() * 0
        return classes, nothing, nothing
    entities = max(1, sum(len(masks) for masks in targets))
    chosen = mask_logits[layer_of, image_of, query_of].flatten(0, 1)[:, None]  # [M·T, 1, h, w]
    wanted = wanted.flatten(0, 1)[:, None]  # [M·T, 1, H, W]
    with torch.no_grad():
        places = uncertain_points(chosen, points, oversample=OVERSAMPLE, importance=IMPORTANCE)
        labels = read_points(wanted, places)[:, 0]  # [M·T, P]
    logits = read_points(chosen, places)[:, 0]
    masks = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(1).sum()
    return classes, masks / entities, _dice_loss(logits, labels) / entities


def _matches(
    class_logits: Tensor, mask_logits: Tensor, targets: list[Tensor], points: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Matched (layer, image, query) indices [M] each, and the wanted masks [M, T, H, W]."""
    layers, images, queries, wanted = [], [], [], []
    for image, masks in enumerate(targets):
        if not len(masks):
            continue
        pairs = match_entities(class_logits[:, image], mask_logits[:, image], masks, points)
        for layer, (query, entity) in enumerate(pairs):
            layers.append(torch.full_like(query, layer))
            images.append(torch.full_like(query, image))
            queries.append(query)
            wanted.append(masks[entity.to(masks.device)])
    if not wanted:
        none = torch.zeros(0, dtype=torch.long)
        return none, none, none, mask_logits.new_zeros(0)
    return torch.cat(layers), torch.cat(images), torch.cat(queries), torch.cat(wanted)


def _class_loss(class_logits: Tensor, matched: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Cross-entropy with the no-object class at a tenth, weighted mean in a layer, summed over layers."""
    wanted = torch.ones(class_logits.shape[:-1], dtype=torch.long, device=class_logits.device)
    wanted[matched] = 0
    weight = torch.where(wanted == 0, 1.0, NO_OBJECT_WEIGHT)
    losses = nn.functional.cross_entropy(class_logits.flatten(0, 2), wanted.flatten(), reduction="none")
    losses = losses.view_as(weight) * weight
    return (losses.flatten(1).sum(1) / weight.flatten(1).sum(1)).sum()


def _dice_loss(logits: Tensor, labels: Tensor) -> Tensor:
    chance = logits.sigmoid()
    common = 2 * (chance * labels).sum(1) + 1
    return (1 - common / (chance.sum(1) + labels.sum(1) + 1)).sum()
