"""Propose masks without a trained model: superpixels merged by colour, texture and border contrast.

The regions of a picture are cut from the tree of merges at one cost; what was merged before and after are
the candidates a click can ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_worker.baselines.borders import enlarged_labels, in_cells, reduced
from ml_worker.baselines.regions import Floats, MergeTree, MergingRule, merge_tree
from ml_worker.candidates import SMALLEST_PX, Candidate, distinct, stride_for
from ml_worker.prediction import Prediction
from ml_worker.transforms import check_image

LOOKED_AT_PX = 80_000
FEWEST, MOST = 4, 60
MOST_CANDIDATES = 120
WHOLE_PICTURE = 0.97  # of the picture: what covers more is no entity in it


@dataclass(frozen=True, kw_only=True)
class ClassicalPredictor:
    """Felzenszwalb's superpixels, merged until the next merge costs ``cost``, into 4 to 60 regions.

    The picture is looked at with no more than ``looked_at`` px; borders are drawn at full size. Regions under
    ``min_area`` px, or with a score not above ``score_threshold``, are left out.
    """

    rule: MergingRule = field(default_factory=MergingRule)
    cost: float = 4.5
    looked_at: int = LOOKED_AT_PX
    min_area: int = 0
    score_threshold: float = 0.0
    split: bool = False
    sha256: str = ""

    @classmethod
    def from_checkpoint(
        cls, path: str | Path | None = None, *, device: str = "cpu", **options: Any
    ) -> "ClassicalPredictor":
        """There are no weights: ``ValueError`` for a path, and for options of a network. Runs on the CPU."""
        if path is not None:
            raise ValueError("The classical model has no weights: leave the checkpoint empty.")
        given = {name: value for name, value in options.items() if value is not None}
        if foreign := sorted(set(given) - {"min_area", "score_threshold", "looked_at", "cost"}):
            raise ValueError(f"The classical model has no setting {', '.join(foreign)}.")
        return cls(**given)

    def predict(
        self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = lambda fraction: None
    ) -> Prediction:
        """Label map and scores of an RGB image [H, W, 3] uint8; see `ml_worker.predict.Predictor.predict`."""
        check_image(rgb)
        small = reduced(rgb, self.looked_at)
        tree = merge_tree(small, self.rule)
        progress(0.5)
        return self._prediction(tree, small, rgb)

    def predict_with_alternatives(
        self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = lambda fraction: None
    ) -> tuple[Prediction, list[Candidate]]:
        """The same, and the regions before and after each merge, at no more than 1,024 px a side."""
        check_image(rgb)
        small = reduced(rgb, self.looked_at)
        tree = merge_tree(small, self.rule)
        progress(0.4)
        prediction = self._prediction(tree, small, rgb)
        progress(0.8)
        return prediction, _candidates(tree, small, rgb)

    def candidates(self, rgb: NDArray[np.uint8]) -> list[Candidate]:
        """The regions of a crop [H, W, 3] before and after each merge, best first."""
        check_image(rgb)
        small = reduced(rgb, self.looked_at)
        return _candidates(merge_tree(small, self.rule), small, rgb)

    def _prediction(self, tree: MergeTree, small: NDArray[np.uint8], rgb: NDArray[np.uint8]) -> Prediction:
        nodes = _cut(tree, self.cost)
        scores = _scores(tree)[nodes]
        order = np.argsort(-scores, kind="stable")
        nodes, scores = nodes[order], scores[order]
        labels = (tree.owners(nodes)[tree.labels] + 1).astype(np.uint16)
        label_map = enlarged_labels(labels, small, rgb)
        areas = np.bincount(label_map.ravel(), minlength=len(nodes) + 1)[1:]
        kept = (areas >= max(1, self.min_area)) & (scores > self.score_threshold)
        if not kept.all():
            numbers = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.uint16)
            label_map = numbers[label_map]
        return Prediction(
            label_map=label_map,
            scores=scores[kept].tolist(),
            class_scores=scores[kept].tolist(),
            queries=np.flatnonzero(kept).tolist(),
            areas=areas[kept].tolist(),
        )


def _cut(tree: MergeTree, cost: float) -> NDArray[np.intp]:
    """The nodes that are there when every merge up to ``cost`` is done, or more or fewer for 4 to 60."""
    merges = len(tree.cost)
    done = int(np.searchsorted(tree.cost, cost, side="right"))
    done = min(max(done, merges + 1 - MOST, 0), max(merges + 1 - FEWEST, 0))
    return tree.standing(done)


def _scores(tree: MergeTree) -> Floats:
    """0..1 for every node: large ones that stood long before they were merged are best."""
    share = tree.area / tree.labels.size
    with np.errstate(invalid="ignore", divide="ignore"):
        stood = np.nan_to_num(1 - tree.born / tree.gone, nan=0.0)
    return np.sqrt(share) * (0.5 + 0.5 * stood)


def _candidates(tree: MergeTree, small: NDArray[np.uint8], rgb: NDArray[np.uint8]) -> list[Candidate]:
    """Regions of every level of the tree [h, w] bool, best first, nearly equal ones once."""
    stride = stride_for(*rgb.shape[:2])
    cells = in_cells(rgb, stride)
    superpixels = enlarged_labels(tree.labels.astype(np.uint16), small, cells)
    scores = _scores(tree)
    likely = np.flatnonzero(tree.area < WHOLE_PICTURE * tree.labels.size)
    if not len(likely):
        likely = np.arange(len(scores))
    best = likely[np.argsort(-scores[likely], kind="stable")][:MOST_CANDIDATES]
    found = []
    for node in best:
        mask = (tree.owners(np.array([node])) >= 0)[superpixels]
        if int(mask.sum()) >= SMALLEST_PX:
            found.append(Candidate(mask, float(scores[node])))
    return distinct(found)
