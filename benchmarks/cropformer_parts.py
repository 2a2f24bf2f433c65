"""Where the time of one prediction goes: CPU-seconds by part of network and post-processing."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ml_worker.predict
from ml_worker.cropformer import pixel_decoding
from ml_worker.cropformer.backbones import swin
from ml_worker.cropformer.decoder import SharedDecoder
from ml_worker.cropformer.layers import AttentionLayer
from ml_worker.predict import Predictor

# A part is told without the parts within it.
PLACES: list[tuple[Any, str, str]] = [
    (ml_worker.predict, "resize_view", "resizing the views"),
    (swin, "swin_features", "backbone"),
    (pixel_decoding, "decode_pixels", "pixel decoder: projections, sums"),
    (pixel_decoding, "_encode", "pixel decoder: value and offset projections"),
    (pixel_decoding, "_read", "pixel decoder: deformable reading"),
    (pixel_decoding, "_mixed", "pixel decoder: output projection, feed-forward"),
    (pixel_decoding, "_finest", "pixel decoder: stride 4"),
    (SharedDecoder, "forward", "decoders: queries, masks, attention masks"),
    (AttentionLayer, "forward", "decoders: attention"),
    (ml_worker.predict, "paint_best_first", "fusion and painting"),
]


def parts_of(predictor: Predictor, rgb: Any) -> dict[str, float]:
    """CPU-seconds by part; what is in none of them is ``rest``."""
    spent: dict[str, float] = defaultdict(float)
    inner: list[float] = []
    with _wrapped(spent, inner):
        start = time.process_time()
        predictor.predict(rgb)
        spent["rest"] = time.process_time() - start - sum(spent.values())
    return {name: round(seconds, 2) for name, seconds in spent.items()}


@contextmanager
def _wrapped(spent: dict[str, float], inner: list[float]) -> Iterator[None]:
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in PLACES]
    for owner, name, part in PLACES:
        setattr(owner, name, _timed(getattr(owner, name), part, spent, inner))
    try:
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)


def _timed(
    function: Callable[..., Any], part: str, spent: dict[str, float], inner: list[float]
) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        inner.append(0.0)
        start = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            whole = time.process_time() - start
            spent[part] += whole - inner.pop()
            if inner:
                inner[-1] += whole

    return timed
