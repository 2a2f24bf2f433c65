"""Which examples a run sees, and when: sources by weight, each in shuffled epochs, the unfit left out."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.crops import SMALLEST_SIDE
from ml_worker.dataset import WITHOUT_ENTITIES, WRONG_SIZE, BadExample, Example, ExampleSource

BLOCK = 1000  # draws in which every source comes as often as its weight says


class NoExamples(ValueError):
    """A source holds nothing to learn from; the sentence counts why."""


@dataclass(frozen=True)
class Drawn:
    """An example, its name, and what had to be left out on the way to it: name → (reason, sentence)."""

    example: Example
    name: str
    left_out: dict[str, tuple[str, str]] = field(default_factory=dict)


class Mixture:
    """Endless draws from ``sources``, a function of (seed, number of the draw) alone.

    Raises NoExamples for a source that is known to hold nothing.
    """

    def __init__(
        self, sources: Sequence[ExampleSource], weights: Sequence[float] = (1.0,), *, seed: int = 0
    ) -> None:
        if len(sources) != len(weights) or min(weights) <= 0:
            raise ValueError("Every source needs a weight above 0.")
        self.sources, self.seed = sources, seed
        self._often = _apportioned(weights)
        self._unfit: dict[tuple[int, int], tuple[str, str]] = {}
        for source in sources:
            if not len(source):
                raise NoExamples(_nothing_left(list(source.left_out.values())))

    def __len__(self) -> int:
        return sum(len(source) for source in self.sources)

    @property
    def left_out(self) -> dict[str, str]:
        """What the sources knew to be unfit from the start: name → reason."""
        return {name: reason for source in self.sources for name, reason in source.left_out.items()}

    def draw(self, number: int) -> Drawn:
        """The draw's example, or where that is unfit the next one of its epoch; raises NoExamples."""
        which, turn = self._source_of(number)
        source = self.sources[which]
        left_out: dict[str, tuple[str, str]] = {}
        epoch, place = divmod(turn, len(source))
        order = np.roll(_epoch_order(self.seed, epoch, which, len(source)), -place)
        for index in order.tolist():
            try:
                return Drawn(self._fit(which, index), source.name(index), left_out)
            except BadExample as error:
                self._unfit[which, index] = left_out[source.name(index)] = (error.reason, str(error))
        reasons = [reason for reason, _ in left_out.values()]
        raise NoExamples(_nothing_left(reasons, next(sentence for _, sentence in left_out.values())))

    def _fit(self, which: int, index: int) -> Example:
        if (which, index) in self._unfit:
            raise BadExample(*self._unfit[which, index])
        example = self.sources[which][index]
        if min(example.label_map.shape) < SMALLEST_SIDE:
            raise BadExample(WRONG_SIZE, f"One side is under {SMALLEST_SIDE} px: there is no room for crops.")
        if not example.label_map.any():
            raise BadExample(WITHOUT_ENTITIES, "Its label map holds no entity.")
        return example

    def _source_of(self, number: int) -> tuple[int, int]:
        """Which source a draw is from, and the how-manieth of that source it is."""
        if len(self.sources) == 1:
            return 0, number
        block, place = divmod(number, BLOCK)
        order = _block_order(self._often, self.seed, block)
        which = int(order[place])
        return which, block * self._often[which] + int((order[:place] == which).sum())


@functools.lru_cache(maxsize=16)
def _epoch_order(seed: int, epoch: int, which: int, size: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, epoch, 1 + which)).permutation(size)


@functools.lru_cache(maxsize=4)
def _block_order(often: tuple[int, ...], seed: int, block: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, block, 0)).permutation(np.repeat(np.arange(len(often)), often))


def _apportioned(weights: Sequence[float]) -> tuple[int, ...]:
    """How often each source comes in a block: at least once, together BLOCK times."""
    shares = np.maximum(1, np.floor(np.asarray(weights) / sum(weights) * BLOCK)).astype(int)
    shares[int(np.argmax(shares))] += BLOCK - int(shares.sum())
    return tuple(shares.tolist())


def _nothing_left(reasons: Sequence[str], first: str = "") -> str:
    counts = ", ".join(
        f"{reasons.count(reason)} {reason.replace('_', ' ')}" for reason in sorted(set(reasons))
    )
    if set(reasons) <= {WITHOUT_ENTITIES}:
        return Sentence.NO_ENTITIES.about(images=len(reasons))
    return f"There is nothing to learn from: of {len(reasons)} images {counts}. {first}".strip()
