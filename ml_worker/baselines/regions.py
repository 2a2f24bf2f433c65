"""Superpixels of a picture, and the order in which a simple rule merges them until one is left."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.graph import RAG, merge_hierarchical
from skimage.segmentation import felzenszwalb

Labels = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MergingRule:
    """What counts as alike. The defaults were chosen on freely licensed photographs, see docs/model.md.

    ``scale``, ``sigma`` and ``min_size`` (px) are those of Felzenszwalb and Huttenlocher's superpixels.
    Merging two neighbours costs (``colour`` × distance of their mean colours and textures
    + (1 − ``colour``) × mean contrast along their border) × (share of the smaller one) ** ``size``.
    """

    scale: float = 60.0
    sigma: float = 0.7
    min_size: int = 30
    colour: float = 0.2
    size: float = 0.2
    texture: float = 1.0


@dataclass(frozen=True)
class MergeTree:
    """Nodes 0..n−1 are superpixels (``labels`` [h, w]); node n + i came of merge i and is ``cost[i]`` dear.

    ``parent`` and ``area`` (px) per node, the last node is the whole picture.
    """

    labels: Labels
    cost: Floats
    parent: NDArray[np.intp]
    area: NDArray[np.int64]

    @property
    def leaves(self) -> int:
        return int(len(self.parent) - len(self.cost))

    @property
    def born(self) -> Floats:
        """What it cost to make each node: 0 for superpixels."""
        return np.concatenate([np.zeros(self.leaves), self.cost])

    @property
    def gone(self) -> Floats:
        """What it costs to merge each node with another; infinite for the whole picture."""
        ends = np.append(self.cost, np.inf)
        return ends[np.where(self.parent < 0, len(self.cost), self.parent - self.leaves)]

    def standing(self, merges: int) -> NDArray[np.intp]:
        """The nodes that are left when so many merges are done, ascending."""
        count = self.leaves + merges
        parents = self.parent[:count]
        return np.flatnonzero((parents < 0) | (parents >= count))

    def owners(self, nodes: NDArray[np.intp]) -> Labels:
        """For each superpixel the place in ``nodes`` of the one it is part of, −1 without one."""
        owner = np.full(len(self.parent), -1, np.intp)
        owner[nodes] = np.arange(len(nodes))
        for node in range(len(self.parent) - 2, -1, -1):
            if owner[node] < 0:
                owner[node] = owner[self.parent[node]]
        return owner[: self.leaves]


def merge_tree(rgb: NDArray[np.uint8], rule: MergingRule) -> MergeTree:
    """Merge the superpixels of ``rgb`` [h, w, 3] two by two, cheapest first; deterministic."""
    lab = rgb2lab(rgb)
    segments = felzenszwalb(rgb, scale=rule.scale, sigma=rule.sigma, min_size=rule.min_size)
    labels = np.unique(segments, return_inverse=True)[1].reshape(segments.shape)
    graph = _graph(labels, _features(lab, rule.texture), _contrast(lab), rule)
    merges: list[tuple[int, int, float]] = []
    node_of = {number: number for number in range(labels.max() + 1)}

    def note(graph: RAG, source: int, target: int) -> None:
        merges.append((node_of[source], node_of[target], graph[source][target]["weight"]))
        node_of[target] = labels.max() + len(merges)
        one, other = graph.nodes[source], graph.nodes[target]
        area = one["area"] + other["area"]
        other["mean"] = (one["mean"] * one["area"] + other["mean"] * other["area"]) / area
        other["area"] = area

    def edge(graph: RAG, source: int, target: int, neighbour: int) -> dict[str, float]:
        return _joined_edge(graph, source, target, neighbour, rule)

    merge_hierarchical(
        labels, graph, thresh=math.inf, rag_copy=False, in_place_merge=True, merge_func=note, weight_func=edge
    )
    return _tree(labels, merges)


def _tree(labels: Labels, merges: list[tuple[int, int, float]]) -> MergeTree:
    leaves = len(merges) + 1
    parent = np.full(2 * leaves - 1, -1, np.intp)
    area = np.zeros(2 * leaves - 1, np.int64)
    area[:leaves] = np.bincount(labels.ravel(), minlength=leaves)
    for index, (one, other, _) in enumerate(merges):
        parent[[one, other]] = leaves + index
        area[leaves + index] = area[one] + area[other]
    cost = np.maximum.accumulate(np.array([merge[2] for merge in merges], np.float64))
    return MergeTree(labels, cost, parent, area)


def _features(lab: Floats, texture: float) -> Floats:
    """Colour and, as a fourth channel, how rough the lightness is around a pixel [h, w, 4]."""
    lightness = lab[..., 0]
    mean = ndimage.uniform_filter(lightness, 7)
    rough = np.sqrt(np.maximum(ndimage.uniform_filter(lightness**2, 7) - mean**2, 0))
    return np.concatenate([lab, texture * rough[..., None]], axis=2)


def _contrast(lab: Floats) -> Floats:
    """Length of the colour gradient of every pixel [h, w]."""
    down = ndimage.gaussian_filter(lab, (1.0, 1.0, 0), order=(1, 0, 0))
    across = ndimage.gaussian_filter(lab, (1.0, 1.0, 0), order=(0, 1, 0))
    return np.sqrt((down**2 + across**2).sum(2))


def _graph(labels: Labels, features: Floats, contrast: Floats, rule: MergingRule) -> RAG:
    count = int(labels.max()) + 1
    area = np.bincount(labels.ravel(), minlength=count)
    means = np.stack(
        [
            np.bincount(labels.ravel(), weights=channel.ravel(), minlength=count) / area
            for channel in np.moveaxis(features, 2, 0)
        ],
        axis=1,
    )
    graph = RAG()
    for number in range(count):
        share = float(area[number]) / labels.size
        graph.add_node(number, labels=[number], mean=means[number], area=share)
    for (one, other), length, strength in _borders(labels, contrast):
        graph.add_edge(one, other, length=length, strength=strength)
    for one, other, data in graph.edges(data=True):
        data["weight"] = _cost(graph.nodes[one], graph.nodes[other], data["strength"] / data["length"], rule)
    return graph


def _borders(labels: Labels, contrast: Floats) -> list[tuple[tuple[int, int], float, float]]:
    """((lower, higher label), length in px, sum of the contrast along it) of neighbouring superpixels."""
    pairs, strengths = [], []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        apart = labels[one] != labels[other]
        ends = np.stack([labels[one][apart], labels[other][apart]], axis=1)
        pairs.append(np.sort(ends, axis=1))
        strengths.append(np.maximum(contrast[one][apart], contrast[other][apart]))
    every = np.concatenate(pairs)
    codes = every[:, 0] * (labels.max() + 1) + every[:, 1]
    found, first, place, lengths = np.unique(
        codes, return_index=True, return_inverse=True, return_counts=True
    )
    sums = np.bincount(place, weights=np.concatenate(strengths), minlength=len(found))
    return [
        ((int(every[at, 0]), int(every[at, 1])), float(length), float(total))
        for at, length, total in zip(first, lengths, sums, strict=True)
    ]


def _joined_edge(graph: RAG, source: int, target: int, neighbour: int, rule: MergingRule) -> dict[str, float]:
    """The border of ``neighbour`` with what source and target have become."""
    edges = [graph[end][neighbour] for end in (source, target) if graph.has_edge(end, neighbour)]
    length = sum(edge["length"] for edge in edges)
    strength = sum(edge["strength"] for edge in edges)
    cost = _cost(graph.nodes[target], graph.nodes[neighbour], strength / length, rule)
    return {"length": length, "strength": strength, "weight": cost}


def _cost(one: dict[str, Any], other: dict[str, Any], contrast: float, rule: MergingRule) -> float:
    distance = math.dist(one["mean"], other["mean"])
    unlike = rule.colour * distance + (1 - rule.colour) * contrast
    return float(unlike * min(one["area"], other["area"]) ** rule.size)
