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

    def of_views(tensor: Tensor) -> Tensor:
        return tensor.unflatten(0, (-1, single_views))[:, chosen].flatten(0, 1).float()

    if single_views:
        classes, embeddings = (
            [of_views(one) for one in layers] for layers in (decoded.class_logits, decoded.embeddings)
        )
        return Decoded(classes, embeddings, of_views(decoded.mask_features), decoded.queries)
    classes, embeddings = (
        [one.float() for one in layers] for layers in (decoded.class_logits, decoded.embeddings)
    )
    return Decoded(classes, embeddings, decoded.mask_features[:, chosen].float(), decoded.queries)


def sequence_losses(
    decoded: Decoded,
    targets: Sequence[Entities],
    points: int,
    sums: Sums | None = None,
    generators: Generators | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """(class, mask, dice) summed over layers; masks and dice are per entity, so T views count T times.

    Only the masks that stand for an entity are worked out whole.
    """
    queries = decoded.class_logits[0].shape[1]
    sums = sums or _sums_of(targets, queries)
    generators = generators or [None] * len(targets)
    matched = _matched(decoded, targets, points, generators)
    classes = _class_loss(decoded, matched) / sums.class_weight
    if not matched:
        nothing = (torch.stack(decoded.embeddings).sum() + decoded.mask_features.sum()) * 0
        return classes, nothing, nothing
    logits = torch.cat([_masks_of(decoded, sequence, given) for sequence, given in matched.items()])
    views = logits.shape[1]
    logits = logits.flatten(0, 1)[:, None]  # [M·T, 1, h, w]
    number = torch.cat([given.number.flatten() for given in matched.values()]).repeat_interleave(views)
    with torch.no_grad():
        draw = _drawing(matched, views, generators, logits.device)
        places = uncertain_points(logits, points, oversample=OVERSAMPLE, importance=IMPORTANCE, draw=draw)
        labels = torch.cat([one.labels for one in targets])  # [S·T, H, W]
        view_of = torch.cat(
            [
                torch.arange(sequence * views, (sequence + 1) * views).repeat(given.query.numel())
                for sequence, given in matched.items()
            ]
        ).to(labels.device)
        wanted = read_labels(labels, view_of, places).share(number[:, None, None])  # [M·T, P]
    found = read_points(logits, places)[:, 0]
    masks = nn.functional.binary_cross_entropy_with_logits(found, wanted, reduction="none").mean(1).sum()
    entities = max(1.0, sums.entities)
    return classes, masks / entities, _dice_loss(found, wanted) / entities


class _Matched(NamedTuple):
    """Which queries stand for which entities of one sequence, by layer: both [L, K]."""

    query: Tensor
    number: Tensor


def _matched(
    decoded: Decoded, targets: Sequence[Entities], points: int, generators: Generators
) -> dict[int, _Matched]:
    """The pairs of every sequence that shows entities: all layers and views are read in the same places."""
    device = decoded.mask_features.device
    class_logits, embeddings = torch.stack(decoded.class_logits), torch.stack(decoded.embeddings)
    costs: dict[int, Tensor] = {}
    for sequence, (labels, numbers) in enumerate(targets):
        if not len(numbers):
            continue
        places = torch.rand(1, points, 2, device=device, generator=generators[sequence])
        views = torch.arange(len(labels), device=device)
        with torch.no_grad():
            at_points = read_labels(labels, views, places.expand(len(labels), -1, -1))
            of_views = read_points(decoded.mask_features[sequence], places.expand(len(labels), -1, -1))
            wanted = at_points.share(numbers[:, None, None, None]).flatten(1)  # [N, T·P]
            costs[sequence] = matching_costs(
                class_logits[:, sequence], embeddings[:, sequence], of_views, wanted
            )
    return {sequence: _given(cost, targets[sequence].numbers) for sequence, cost in costs.items()}


def _given(costs: Tensor, numbers: Tensor) -> _Matched:
    """The cheapest pairs of every layer by costs [L, Q, N]."""
    pairs = assign(costs)
    query = torch.stack([query for query, _ in pairs]).to(numbers.device)
    entity = torch.stack([entity for _, entity in pairs]).to(numbers.device)
    return _Matched(query, numbers[entity].long())


def _masks_of(decoded: Decoded, sequence: int, given: _Matched) -> Tensor:
    """The mask logits [L·K, T, h, w] of the queries that stand for an entity of one sequence."""
    of_layers = torch.stack([layer[sequence] for layer in decoded.embeddings])  # [L, Q, D]
    chosen = of_layers[torch.arange(len(of_layers), device=given.query.device)[:, None], given.query]
    return torch.einsum("md,tdhw->mthw", chosen.flatten(0, 1), decoded.mask_features[sequence])


def _drawing(
    matched: dict[int, _Matched], views: int, generators: Generators, device: torch.device
) -> Callable[[int], Tensor]:
    """How to draw random places for all masks: each sequence's by its own generator, layer by layer."""
    layers = len(next(iter(matched.values())).query)

    def draw(count: int) -> Tensor:
        by_layer = [
            {
                sequence: torch.rand(
                    given.query.shape[1] * views, count, 2, device=device, generator=generators[sequence]
                )
                for sequence, given in matched.items()
            }
            for _ in range(layers)
        ]
        return torch.cat([drawn[sequence] for sequence in matched for drawn in by_layer])

    return draw


def _sums_of(targets: Sequence[Entities], queries: int) -> Sums:
    counts = [len(one.numbers) for one in targets]
    matched = sum(min(queries, count) for count in counts)
    return Sums(sum(counts), matched + NO_OBJECT_WEIGHT * (len(counts) * queries - matched))


def _class_loss(decoded: Decoded, matched: dict[int, _Matched]) -> Tensor:
    """Cross-entropy with the no-object class at a tenth, summed over queries, sequences and layers."""
    logits = torch.stack(decoded.class_logits)  # [L, S, Q, 2]
    wanted = torch.ones(logits.shape[:-1], dtype=torch.long, device=logits.device)
    for sequence, given in matched.items():
        wanted[:, sequence].scatter_(1, given.query, 0)
    weight = logits.new_tensor([1.0, NO_OBJECT_WEIGHT])
    return nn.functional.cross_entropy(logits.flatten(0, 2), wanted.flatten(), weight=weight, reduction="sum")


def _dice_loss(logits: Tensor, labels: Tensor) -> Tensor:
    chance = logits.sigmoid()
    common = 2 * (chance * labels).sum(1) + 1
    return (1 - common / (chance.sum(1) + labels.sum(1) + 1)).sum()
