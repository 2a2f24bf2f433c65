"""Memory of arrays that come and go in quick succession."""

import numpy as np

_KEPT_BYTES = 1 << 24


def keep_freed_memory() -> None:
    """Have the C library use the arrays' memory again.

    It gives back a freed block that is larger than any freed before, to be fetched again page by page: half
    of the time of a batch of label maps or masks.
    """
    np.empty(_KEPT_BYTES, np.uint8)
