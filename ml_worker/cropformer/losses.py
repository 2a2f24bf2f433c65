"""What training minimises: class, mask and dice of every layer, for single views and for all together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.matcher import assign, matching_costs
from ml_worker.cropformer.model import CropFormerOutput
from ml_worker.cropformer.points import read_labels, read_points, uncertain_points
from ml_worker.cropformer.variants import PUBLISHED, Variant, chosen_views

CLASS_WEIGHT, MASK_WEIGHT, DICE_WEIGHT = 2.0, 5.0, 5.0
NO_OBJECT_WEIGHT = 0.1
OVERSAMPLE, IMPORTANCE = 3.0, 0.75

Generators = Sequence[torch.Generator | None]


class Entities(NamedTuple):
    """What T views show: ``labels`` int [T, H, W], 0 = nobody's; ``numbers`` [N] are the entities that count.

    A number that a view's labels do not show stands for an entity that is absent there.
    """

    labels: Tensor
    numbers: Tensor

    def to(self, device: str) -> "Entities":
        return Entities(self.labels.to(device), self.numbers.to(device))


class Sums(NamedTuple):
    """What a level's losses are divided by: its entities, and the weights of its class decisions."""

    entities: float
    class_weight: float


@dataclass(frozen=True)
class Losses:
    """``total`` to step on; ``terms`` are the unweighted sums over layers, for the log."""

    total: Tensor
    terms: dict[str, Tensor]


def cropformer_losses(
    output: CropFormerOutput,
    targets: Sequence[Entities],
    *,
    points: int,
    variant: Variant = PUBLISHED,
    sums: dict[str, Sums] | None = None,
    generators: Generators | None = None,
) -> Losses:
    """The losses of a batch of images, given what the T views of each show.

    In single views an entity absent from the view is no target; in all views together it is supervised to be
    empty there (source: paper §3.3; weights of the published configuration). ``variant`` says which levels
    are supervised, and on which views. ``sums`` are those of the whole step, where this is a part of it;
    ``generators`` draw the points of each image.
    """
    sums = sums or level_sums(targets, _queries(output), variant)
    generators = generators or [None] * len(targets)
    totals: list[Tensor] = []
    terms: dict[str, Tensor] = {}
    for name, (weight, choice) in variant.supervision.items():
        wanted = level_entities(targets, choice, single=name == "2d")
        decoded = _chosen(output, choice, len(targets[0].labels) if name == "2d" else None)
        views = len(wanted) // len(targets)
        drawn_by = [generator for generator in generators for _ in range(views)]
        classes, masks, dice = sequence_losses(decoded, wanted, points, sums[name], drawn_by)
        totals.append(weight * (CLASS_WEIGHT * classes + MASK_WEIGHT * masks + DICE_WEIGHT * dice))
        terms |= {f"loss_ce_{name}": classes, f"loss_mask_{name}": masks, f"loss_dice_{name}": dice}
    return Losses(torch.stack(totals).sum(), {name: value.detach() for name, value in terms.items()})


def level_entities(targets: Sequence[Entities], choice: str, *, single: bool) -> list[Entities]:
    """The targets of a level: each chosen view with the entities it shows, or the chosen views together."""
    chosen = chosen_views(choice)
    if not single:
        return [Entities(one.labels[chosen], one.numbers) for one in targets]
    return [
        Entities(view[None], one.numbers[torch.isin(one.numbers, view)])
        for one in targets
        for view in one.labels[chosen]
    ]


def level_sums(targets: Sequence[Entities], queries: int, variant: Variant = PUBLISHED) -> dict[str, Sums]:
    """By what the losses of each supervised level are divided; add them up over the parts of a step."""
    return {
        name: _sums_of(level_entities(targets, choice, single=name == "2d"), queries)
        for name, (_, choice) in variant.supervision.items()
    }


def _queries(output: CropFormerOutput) -> int:
    decoded = output.joint or output.views
    assert decoded is not None
    return decoded.class_logits[0].shape[1]


def _chosen(output: CropFormerOutput, choice: str, single_views: int | None) -> Decoded:
    """The predictions for the chosen views in full precision: of the image level where it has views."""
    chosen = chosen_views(choice)
    decoded = output.views if single_views else output.joint
    assert decoded is not None

    def of_views(logits: Tensor) -> Tensor:
        return logits.unflatten(0, (-1, single_views))[:, chosen].flatten(0, 1).float()

    if single_views:
        classes = [of_views(logits) for logits in decoded.class_logits]
        return Decoded(classes, [of_views(logits) for logits in decoded.mask_logits], decoded.queries)
    classes = [logits.float() for logits in decoded.class_logits]
    return Decoded(classes, [logits[:, :, chosen].float() for logits in decoded.mask_logits], decoded.queries)


def sequence_losses(
    decoded: Decoded,
    targets: Sequence[Entities],
    points: int,
    sums: Sums | None = None,
    generators: Generators | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """(class, mask, dice) summed over layers; masks and dice are per entity, so T views count T times."""
    queries = decoded.class_logits[0].shape[1]
    sums = sums or _sums_of(targets, queries)
    generators = generators or [None] * len(targets)
    rows = _matched_rows(decoded, targets, points, generators)
    classes = _class_loss(decoded, rows) / sums.class_weight
    if not any(len(layer.query) for layer in rows):
        nothing = torch.stack([logits.sum() for logits in decoded.mask_logits]).sum() * 0
        return classes, nothing, nothing
    # One look into each layer: the gradient of an index is as large as what it looks into.
    logits = torch.cat(
        [m[layer.sequence, layer.query] for m, layer in zip(decoded.mask_logits, rows, strict=True)]
    )  # [M, T, h, w]
    views = logits.shape[1]
    logits = logits.flatten(0, 1)[:, None]  # [M·T, 1, h, w]
    sequence = torch.cat([layer.sequence for layer in rows])
    number = torch.cat([layer.number for layer in rows]).repeat_interleave(views)
    with torch.no_grad():
        draw = _drawing(rows, views, generators)
        places = uncertain_points(logits, points, oversample=OVERSAMPLE, importance=IMPORTANCE, draw=draw)
        labels = torch.cat([one.labels for one in targets])  # [S·T, H, W]
        view_of = (sequence[:, None] * views + torch.arange(views, device=labels.device)).flatten()
        wanted = read_labels(labels, view_of, places).share(number[:, None, None])  # [M·T, P]
    found = read_points(logits, places)[:, 0]
    masks = nn.functional.binary_cross_entropy_with_logits(found, wanted, reduction="none").mean(1).sum()
    entities = max(1.0, sums.entities)
    return classes, masks / entities, _dice_loss(found, wanted) / entities


class _Matched(NamedTuple):
    """What one decoder layer was given: sequence, query and the entity's number of every pair, [M] each."""

    sequence: Tensor
    query: Tensor
    number: Tensor
    per_sequence: list[int]


def _matched_rows(
    decoded: Decoded, targets: Sequence[Entities], points: int, generators: Generators
) -> list[_Matched]:
    """The pairs of every layer, by sequence; the same points are looked at in all layers and views."""
    device = decoded.mask_logits[0].device
    costs: dict[int, Tensor] = {}
    for sequence, (labels, numbers) in enumerate(targets):
        if not len(numbers):
            continue
        places = torch.rand(1, points, 2, device=device, generator=generators[sequence])
        views = torch.arange(len(labels), device=device)
        with torch.no_grad():
            at_points = read_labels(labels, views, places.expand(len(labels), -1, -1))
            masks = torch.stack([logits[sequence] for logits in decoded.mask_logits])
            classes = torch.stack([logits[sequence] for logits in decoded.class_logits])
            costs[sequence] = matching_costs(classes, masks, at_points, numbers, places)
    pairs = {sequence: assign(cost) for sequence, cost in costs.items()}
    return [_layer(layer, pairs, targets, device) for layer in range(len(decoded.mask_logits))]


def _layer(
    layer: int,
    pairs: dict[int, list[tuple[Tensor, Tensor]]],
    targets: Sequence[Entities],
    device: torch.device,
) -> _Matched:
    none = torch.zeros(0, dtype=torch.long, device=device)
    sequence, query, number = [none], [none], [none]
    for place, layers in pairs.items():
        chosen, entity = (part.to(device) for part in layers[layer])
        sequence.append(torch.full_like(chosen, place))
        query.append(chosen)
        number.append(targets[place].numbers[entity].long())
    counts = [len(pairs[place][layer][0]) if place in pairs else 0 for place in range(len(targets))]
    return _Matched(torch.cat(sequence), torch.cat(query), torch.cat(number), counts)


def _drawing(rows: list[_Matched], views: int, generators: Generators) -> Callable[[int], Tensor]:
    """How to draw random places for all rows: each sequence's by its own generator."""
    device = rows[0].query.device

    def draw(count: int) -> Tensor:
        return torch.cat(
            [
                torch.rand(matched * views, count, 2, device=device, generator=generators[sequence])
                for layer in rows
                for sequence, matched in enumerate(layer.per_sequence)
            ]
        )

    return draw


def _sums_of(targets: Sequence[Entities], queries: int) -> Sums:
    counts = [len(one.numbers) for one in targets]
    matched = sum(min(queries, count) for count in counts)
    return Sums(sum(counts), matched + NO_OBJECT_WEIGHT * (len(counts) * queries - matched))


def _class_loss(decoded: Decoded, rows: list[_Matched]) -> Tensor:
    """Cross-entropy with the no-object class at a tenth, summed over queries, sequences and layers."""
    logits = torch.stack(decoded.class_logits)  # [L, S, Q, 2]
    wanted = torch.ones(logits.shape[:-1], dtype=torch.long, device=logits.device)
    for layer, matched in zip(wanted, rows, strict=True):
        layer[matched.sequence, matched.query] = 0
    weight = logits.new_tensor([1.0, NO_OBJECT_WEIGHT])
    return nn.functional.cross_entropy(logits.flatten(0, 2), wanted.flatten(), weight=weight, reduction="sum")


def _dice_loss(logits: Tensor, labels: Tensor) -> Tensor:
    chance = logits.sigmoid()
    common = 2 * (chance * labels).sum(1) + 1
    return (1 - common / (chance.sum(1) + labels.sum(1) + 1)).sum()
