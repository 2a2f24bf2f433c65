"""What weights are refused with: a sentence, and every tensor that is wrong by its published name."""

from collections.abc import Sequence

SHOWN = 5


class WrongTensors(ValueError):
    """``unknown``, ``missing`` and ``misshapen`` list every wrong tensor where the sentence names a few."""

    def __init__(
        self,
        sentence: str,
        *,
        unknown: Sequence[str] = (),
        missing: Sequence[str] = (),
        misshapen: Sequence[str] = (),
    ) -> None:
        super().__init__(sentence)
        self.unknown, self.missing, self.misshapen = list(unknown), list(missing), list(misshapen)


class UnfitWeights(WrongTensors):
    """These weights are not a CropFormer's; the sentence says which tensors are wrong."""


def listed(names: Sequence[str]) -> str:
    """The first few names and how many more there are."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
