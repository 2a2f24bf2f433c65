"""Open AP, PQ and mIoU against slow loops over pixels and pairs, and the identity against closed measures."""

from collections import defaultdict

import numpy as np
import pytest

from annotation_server.segmentation.average_precision import curves, summary
from annotation_server.segmentation.by_term import named, pairs_by_term, panoptic_by_term
from annotation_server.segmentation.open_vocabulary import open_average_precision
from annotation_server.segmentation.panoptic_quality import Counts, quality
from annotation_server.segmentation.semantic_segmentation import (
    confusion,
    open_semantic_quality,
    semantic_quality,
)
from annotation_server.segmentation.similarity import Similarity, given_matrix, identity
from tests.segmentation.named_scenes import KINDS, TERMS, Scene
from tests.segmentation.pixel_sets import counts_by_definition

THRESHOLDS = np.linspace(0.5, 0.95, 10)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [Scene(seed) for seed in range(5)]


@pytest.fixture(scope="module")
def alike() -> Similarity:
    """Not symmetric, with zeros."""
    random = np.random.default_rng(1)
    matrix = random.random((TERMS, TERMS)) * (random.random((TERMS, TERMS)) < 0.7)
    np.fill_diagonal(matrix, 1.0)
    return given_matrix(range(1, TERMS + 1), matrix)


def ious(scene: Scene, *, panoptic: bool) -> dict[tuple[int, int], float]:
    """IoU of every pair of named entities; for panoptic quality VOID and unnamed truth lie in no union."""
    forgiven = ~np.isin(scene.truth, list(scene.true_terms))
    found = {}
    for g in scene.true_terms:
        for d in scene.terms:
            a, b = scene.truth == g, scene.found == d
            union = (a | (b & ~forgiven)).sum() if panoptic else (a | b).sum()
            found[g, d] = (a & b).sum() / union
    return found


def forgiven_share(scene: Scene, d: int) -> float:
    mask = scene.found == d
    return float((mask & ~np.isin(scene.truth, list(scene.true_terms))).sum() / mask.sum())


def slow_open_ap(scenes: list[Scene], alike: Similarity) -> float:
    """By the definition, threshold by threshold and class by class."""
    precisions = []
    for threshold in THRESHOLDS:
        rows = []  # score, own term, term of its true mask (0: none), similarity; left out: in VOID
        true = [term for scene in scenes for term in scene.true_terms.values()]
        for scene in scenes:
            overlap, taken = ious(scene, panoptic=False), set()
            for d in sorted(scene.terms, key=lambda d: -scene.scores[d]):
                free = [g for g in scene.true_terms if g not in taken and overlap[g, d] >= threshold]
                free = [g for g in free if alike.of(scene.terms[d], scene.true_terms[g]) > 0]
                if free:
                    g = max(free, key=lambda g: overlap[g, d])
                    taken.add(g)
                    term = scene.true_terms[g]
                    rows.append(
                        (scene.scores[d], scene.terms[d], term, float(alike.of(scene.terms[d], term)))
                    )
                elif forgiven_share(scene, d) < threshold:
                    rows.append((scene.scores[d], scene.terms[d], 0, 0.0))
        rows.sort(key=lambda row: -row[0])
        for term in sorted(set(true)):
            precisions += curve_of(rows, term, true.count(term))
    return float(np.mean(precisions))


def curve_of(rows: list[tuple[float, int, int, float]], term: int, true: int) -> list[float]:
    hits = misses = 0.0
    points = []
    for _, own, matched, s in rows:
        if matched == term:
            hits += s
        elif own == term:
            misses += 1 - s if matched else 1
        points.append((hits / true, hits / (hits + misses) if hits + misses else 0.0))
    return [
        max((precision for recall, precision in points if recall >= point), default=0.0)
        for point in np.linspace(0, 1, 101)
    ]


def slow_open_pq(scenes: list[Scene], alike: Similarity) -> float:
    sums = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])  # IoU, hits, false alarms, misses
    for scene in scenes:
        lost, taken = set(scene.true_terms), set()
        for (g, d), iou in ious(scene, panoptic=True).items():
            a, b = scene.true_terms[g], scene.terms[d]
            s = float(alike.of(a, b)) if KINDS[a] == KINDS[b] else 0.0
            if iou > 0.5 and s > 0:
                sums[a][0] += s * iou
                sums[a][1] += s
                sums[a][3] += 1 - s
                sums[b][2] += 1 - s
                lost.discard(g)
                taken.add(d)
        for g in lost:
            sums[scene.true_terms[g]][3] += 1
        for d in scene.terms.keys() - taken:
            if forgiven_share(scene, d) <= 0.5:
                sums[scene.terms[d]][2] += 1
    return float(np.mean([iou / (tp + fp / 2 + fn / 2) for iou, tp, fp, fn in sums.values()]))


def slow_open_miou(scenes: list[Scene], alike: Similarity) -> float:
    pixels = np.zeros((TERMS + 1, TERMS + 1))  # found, true
    for scene in scenes:
        for g, d in zip(scene.truth.ravel().tolist(), scene.found.ravel().tolist(), strict=True):
            if g in scene.true_terms:
                pixels[scene.terms.get(d, 0), scene.true_terms[g]] += 1
    split = pixels.copy()
    for j in range(1, TERMS + 1):
        split[j, j] = sum(pixels[i, j] * float(alike.of(i, j)) for i in range(1, TERMS + 1))
        for i in range(1, TERMS + 1):
            if i != j:
                split[i, j] = pixels[i, j] * (1 - float(alike.of(i, j)))
    classes = [j for j in range(1, TERMS + 1) if pixels[:, j].any() or pixels[j].any()]
    return float(np.mean([split[j, j] / (split[:, j].sum() + split[j].sum() - split[j, j]) for j in classes]))


def test_open_figures_are_those_of_the_definitions(scenes: list[Scene], alike: Similarity) -> None:
    figures = [scene.figures() for scene in scenes]
    bearing = [named(one) for one in figures]
    pixels = confusion([one.semantic for one in figures])
    assert open_average_precision(bearing, alike).ap() == pytest.approx(
        slow_open_ap(scenes, alike), abs=1e-12
    )
    assert panoptic_by_term(bearing, alike, KINDS).quality().pq == pytest.approx(slow_open_pq(scenes, alike))
    assert open_semantic_quality(pixels, alike).miou == pytest.approx(slow_open_miou(scenes, alike))


@pytest.mark.parametrize("seed", range(6))
def test_the_identity_gives_the_closed_figures_bit_for_bit(seed: int) -> None:
    scenes = [Scene(10 * seed + place, unnamed=0.1 * (seed % 3)) for place in range(3)]
    figures = [scene.figures() for scene in scenes]
    bearing = [named(one) for one in figures]
    closed = summary(curves(list(pairs_by_term(bearing).values()), (None,)), (None,))
    opened = open_average_precision(bearing, identity())
    assert (opened.ap(), opened.ap(0)) == (closed["AP"], closed["AP50"])
    assert panoptic_by_term(bearing, identity(), KINDS).quality() == panoptic_by_term(bearing).quality()
    pixels = confusion([one.semantic for one in figures])
    assert open_semantic_quality(pixels, identity()) == semantic_quality(pixels)


def test_panoptic_quality_by_term_is_that_of_panopticapi_rules(scenes: list[Scene]) -> None:
    total: dict[int, Counts] = defaultdict(Counts)
    for scene in scenes:
        counted = counts_by_definition(scene.truth, scene.found, scene.true_terms, scene.terms)
        for term, counts in counted.items():
            total[term].add(counts)
    ours = panoptic_by_term([named(scene.figures()) for scene in scenes])
    assert ours.quality() == pytest.approx(quality(total, total))
    assert ours.totals() == (
        sum(counts.hits for counts in total.values()),
        sum(counts.false_alarms for counts in total.values()),
        sum(counts.misses for counts in total.values()),
    )


@pytest.mark.parametrize(
    ("s", "ap", "pq"),
    # s = .25: recall reaches .25, 26 of 101 points; PQ is .25 / (.25 + .75 / 2) of one term, 0 of the other.
    [(0.0, 0.0, 0.0), (0.25, 26 / 101, 0.4 / 2), (1.0, 1.0, 1.0)],
)
def test_a_similar_name_costs_less_than_a_wrong_one(s: float, ap: float, pq: float) -> None:
    scene = Scene(0)
    scene.truth = scene.found = np.ones((8, 8), np.uint16)
    scene.scores, scene.true_terms, scene.terms = {1: 0.9}, {1: 1}, {1: 2}
    bearing = [named(scene.figures())]
    alike = given_matrix([1, 2], [[1, s], [s, 1]])
    assert open_average_precision(bearing, alike).ap() == pytest.approx(ap)
    assert panoptic_by_term(bearing, alike).quality().pq == pytest.approx(pq)
