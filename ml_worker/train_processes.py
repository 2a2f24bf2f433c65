"""One process or several under ``torchrun``: who computes what, and sums over all of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from ml_worker.cropformer.losses import Sums

# One process validates while the others wait for it.
PATIENCE = timedelta(hours=6)


@dataclass(frozen=True)
class Processes:
    """This process among all that train one model; alone by default."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def wrapped(self, model: nn.Module) -> nn.Module:
        """The model whose gradients are averaged over the processes."""
        if self.count == 1:
            return model
        devices = [torch.cuda.current_device()] if next(model.parameters()).is_cuda else None
        return DistributedDataParallel(model, device_ids=devices)

    def collecting(self, model: nn.Module, *, last: bool) -> AbstractContextManager[None]:
        """Gradients are exchanged with the last part of a step only."""
        if isinstance(model, DistributedDataParallel) and not last:
            return model.no_sync()
        return nullcontext()

    def shared(self, sums: dict[str, Sums], device: str) -> dict[str, Sums]:
        """Each sum over all processes ÷ their number, as gradients are averages (source: published code)."""
        if self.count == 1:
            return sums
        flat = torch.tensor([list(one) for one in sums.values()], dtype=torch.float64, device=device)
        distributed.all_reduce(flat)
        rows = (flat / self.count).tolist()
        return {name: Sums(*row) for name, row in zip(sums, rows, strict=True)}

    def mean(self, values: Tensor) -> Tensor:
        """The average over all processes, elementwise."""
        if self.count > 1:
            distributed.all_reduce(values)
            values = values / self.count
        return values

    def wait(self) -> None:
        """Until all have come here."""
        if self.count > 1:
            distributed.barrier()


@contextmanager
def joined_processes(device: str) -> Iterator[tuple[Processes, str]]:
    """Join the processes that ``torchrun`` started, if it did; gives this one's device, too."""
    if not distributed.is_torchelastic_launched():
        yield Processes(), device
        return
    if device.startswith("cuda"):
        device = f"cuda:{distributed.get_node_local_rank()}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=PATIENCE)
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size()), device
    finally:
        distributed.destroy_process_group()
