"""How long a person was at work, told from when they saved. Pure: moments in, milliseconds out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

LONGEST_PAUSE = timedelta(seconds=60)


def active_ms(moments: Iterable[datetime]) -> int:
    """Time between consecutive saves, a pause counted as one minute at most."""
    paused = (min(later - earlier, LONGEST_PAUSE) for earlier, later in pairwise(sorted(moments)))
    return round(sum(paused, timedelta()) / timedelta(milliseconds=1))
