"""Figures of a model that is still training, on examples held out from it."""

from typing import Any

from ml_worker.checkpoints import Checkpoint
from ml_worker.cropformer.model import CropFormer
from ml_worker.dataset import BadExample, Example, ExampleSource
from ml_worker.dataset_sources import open_source
from ml_worker.evaluate import evaluate
from ml_worker.predict import Predictor
from ml_worker.train_config import TrainConfig


class Validation:
    """Every so many steps: APᵉ and mean best IoU on the first ``images`` fit examples of a source."""

    def __init__(self, config: TrainConfig) -> None:
        settings: dict[str, Any] = dict(config.validation)
        self.every, self.images = int(settings["every"]), int(settings.get("images", 50))
        self.steps, self.inference = config.steps, config.inference
        self.source: ExampleSource = open_source(settings["data"])

    def is_due(self, step: int) -> bool:
        return step % self.every == 0 or step == self.steps

    def figures(self, model: CropFormer) -> dict[str, float]:
        was_training = model.training
        device = str(next(model.parameters()).device)
        weights = {name: value.cpu() for name, value in model.state_dict().items()}
        predictor = Predictor(Checkpoint(model.arch, weights, "", dict(self.inference)), device=device)
        figures = evaluate(predictor, iter(self._examples()))
        model.train(was_training)
        return {f"validation_{name}": float(figures[name]) for name in ("AP", "AP50", "mean_best_iou")}

    def _examples(self) -> list[Example]:
        examples: list[Example] = []
        for index in range(len(self.source)):
            if len(examples) == self.images:
                break
            try:
                example = self.source[index]
            except BadExample:
                continue
            if example.label_map.any():
                examples.append(example)
        return examples
