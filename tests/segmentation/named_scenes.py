"""Small scenes whose entities bear terms on both sides, some of them wrong, some none."""

import numpy as np

from annotation_server.segmentation.image_figures import ImageFigures, compare_maps
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map

TERMS = 5
KINDS = {1: "thing", 2: "stuff", 3: "thing", 4: "stuff", 5: "thing"}


class Scene:
    """A truth with a VOID corner, a map that is a little off it, scores, and terms of both (0: none)."""

    def __init__(self, seed: int, *, unnamed: float = 0.1) -> None:
        random = np.random.default_rng(seed)
        _, scene = make_scene(seed, 60, 80)
        self.image = seed
        self.truth, self.found = scene.copy(), np.roll(scene, int(random.integers(2)), axis=0)
        self.truth[: random.integers(25), :30] = 0
        self.found[random.random(self.found.shape) < 0.01] = 0
        numbers, true = (np.unique(side[side > 0]).tolist() for side in (self.found, self.truth))
        self.scores = dict(zip(numbers, random.permutation(len(numbers)) / 50, strict=True))
        named = {number: int(random.integers(1, TERMS + 1)) for number in {*numbers, *true}}
        self.true_terms = {n: named[n] for n in true if random.random() >= unnamed}
        self.terms = {
            n: named[n] if random.random() < 0.7 else int(random.integers(1, TERMS + 1))
            for n in numbers
            if random.random() >= unnamed
        }

    def figures(self, **options: object) -> ImageFigures:
        maps = [pack_map(side) for side in (self.truth, self.found)]
        return compare_maps(
            *maps, self.scores, image=self.image, terms=self.terms, true_terms=self.true_terms, **options
        )
