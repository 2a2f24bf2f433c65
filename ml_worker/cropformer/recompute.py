"""Less memory for more time in training: what a block computed is forgotten, and computed again later.

Gradients are the same to the last bit: the second pass draws the same random numbers as the first.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint
from transformers.models.mask2former.modeling_mask2former import Mask2FormerPixelDecoderEncoderLayer
from transformers.models.swin.modeling_swin import SwinLayer

from ml_worker.cropformer.backbones.hornet import Block
from ml_worker.cropformer.backbones.resnet import Bottleneck
from ml_worker.cropformer.layers import AttentionLayer, FeedForwardLayer

BLOCKS = (
    *(SwinLayer, Block, Bottleneck),
    Mask2FormerPixelDecoderEncoderLayer,
    *(AttentionLayer, FeedForwardLayer),
)


@contextmanager
def recomputed_blocks(network: nn.Module) -> Iterator[None]:
    """Forward passes within the block keep each block's inputs only."""
    blocks = [module for module in network.modules() if isinstance(module, BLOCKS)]
    for block in blocks:
        vars(block)["forward"] = _recomputed(block.forward)
    try:
        yield
    finally:
        for block in blocks:
            del vars(block)["forward"]


def _recomputed(forward: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        return checkpoint(forward, *args, use_reentrant=False, **kwargs)

    return run


def bytes_kept(forward: Callable[[], object], parameters: Iterable[Tensor]) -> int:
    """What a forward pass keeps for its gradients, but for the parameters."""
    storages = {parameter.untyped_storage().data_ptr(): 0 for parameter in parameters}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages.setdefault(storage.data_ptr(), storage.nbytes())
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        output = forward()  # alive while it counts, so that no storage is counted in another's place
    del output
    return sum(storages.values())
