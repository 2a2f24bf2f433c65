"""What the tests of faults share with those of annotation."""

from tests.annotation.conftest import agrees

__all__ = ["agrees"]
