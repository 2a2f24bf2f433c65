"""How weights move: AdamW, the learning rate's rise and fall, and an average of the weights."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ml_worker.train_config import TrainConfig

BACKBONE = "pixel_level.module.encoder."


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW; the backbone learns slower; norms, embeddings and position tables do not decay."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    spared = (nn.Embedding, nn.LayerNorm, nn.GroupNorm)
    undecayed = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, spared)
        for parameter in module.parameters()
    }
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        decays = id(parameter) not in undecayed and "position_bias_table" not in name
        groups.setdefault((name.startswith(BACKBONE), decays), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "factor": config.backbone_factor if in_backbone else 1.0,
                "weight_decay": config.weight_decay if decays else 0.0,
            }
            for (in_backbone, decays), parameters in groups.items()
        ],
        lr=config.learning_rate,
    )


def learning_rate_at(config: TrainConfig, step: int) -> float:
    """Polynomial decay to zero after a linear warm-up."""
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    return config.learning_rate * warmup * (1 - step / config.steps) ** config.poly_power


def set_learning_rate(optimizer: torch.optim.Optimizer, config: TrainConfig, step: int) -> None:
    rate = learning_rate_at(config, step)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


@dataclass
class WeightAverage:
    """Exponential average of weights; its horizon grows with the steps, so early noise is forgotten."""

    model: nn.Module
    decay: float

    @torch.no_grad()
    def follow(self, source: nn.Module, step: int) -> None:
        keep = min(self.decay, (1 + step) / (10 + step))
        means: list[Tensor] = list(self.model.parameters())
        values: list[Tensor] = list(source.parameters())
        torch._foreach_lerp_(means, values, 1 - keep)
        for mean, value in zip(self.model.buffers(), source.buffers(), strict=True):
            mean.copy_(value)
