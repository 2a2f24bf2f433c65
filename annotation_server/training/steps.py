"""How long a training is where nobody said: some passes over the images, within bounds."""

import math

BATCH = 4
PASSES = 20
FEWEST, MOST = 200, 20_000


def automatic_steps(images: int, batch: int) -> int:
    """Steps of ``batch`` images for so many images: PASSES over all of them, within FEWEST and MOST."""
    return min(MOST, max(FEWEST, math.ceil(PASSES * images / max(1, batch))))
