"""Answer the question what a model sees in one place of an image."""

import json
from collections import OrderedDict
from typing import Any

from annotation_server.segmentation.jobs import CandidatesWanted
from ml_worker.candidates import as_answer, stride_for
from ml_worker.crops import SMALLEST_SIDE, Window
from ml_worker.image_crop import read_crop
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobRefused
from ml_worker.storage import Storage

ANSWERS_KEPT = 32


class RecentAnswers:
    """The last answers of this process, by model, image and view: people click the same place again."""

    def __init__(self, capacity: int = ANSWERS_KEPT) -> None:
        self._capacity = capacity
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def get(self, key: str) -> dict[str, Any] | None:
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: str, answer: dict[str, Any]) -> None:
        self._answers[key] = answer
        while len(self._answers) > self._capacity:
            self._answers.popitem(last=False)


def candidates_in(
    wanted: CandidatesWanted, storage: Storage, loaded: LoadedModel, recent: RecentAnswers, *, device: str
) -> dict[str, Any]:
    """What docs/model.md calls candidates; raises JobRefused for what cannot be answered."""
    model = [wanted.architecture, wanted.checkpoint_key, wanted.checkpoint_sha256]
    key = json.dumps([*model, wanted.image_key, wanted.view])
    known = recent.get(key)
    if known is not None:
        return known
    predictor = loaded.get(
        storage,
        wanted.checkpoint_key,
        wanted.checkpoint_sha256,
        wanted.options,
        architecture=wanted.architecture,
        device=device,
    )
    x, y, width, height = wanted.view
    crop = read_crop(wanted, storage)
    if min(crop.shape[:2]) < SMALLEST_SIDE:
        raise JobRefused(f"The model needs {SMALLEST_SIDE} px on each side. Zoom out, or draw by hand.")
    view = Window(x, y, x + width, y + height)
    stride = wanted.scale * stride_for(crop.shape[0], crop.shape[1])
    answer = as_answer(predictor.candidates(crop), view, stride=stride, split=predictor.split)
    recent.put(key, answer)
    return answer
