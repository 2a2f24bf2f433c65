"""Answer the question what a model sees in one place of an image."""

import json
from collections import OrderedDict
from typing import Any

from annotation_server.segmentation.jobs import CandidatesWanted
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.candidates import as_answer, stride_for
from ml_worker.crops import SMALLEST_SIDE, Window
from ml_worker.image_crop import read_crop
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobRefused
from ml_worker.storage import Storage

BYTES_KEPT = 64 << 20
# These choose among masks, or are asked of the painted map: what the model sees is the same.
NOT_SEEN = {"score_threshold", "min_area", "min_share", "painting_order", "full_image_only"}


class RecentAnswers:
    """The last answers of this process, by model, image and view: people click the same place again.

    An answer holds every mask the model sees, whatever its score, so that another click, or another
    threshold, needs no network. The oldest go when together they exceed ``capacity`` bytes of JSON.
    """

    def __init__(self, capacity: int = BYTES_KEPT) -> None:
        self._capacity = capacity
        self._used = 0
        self._answers: OrderedDict[str, tuple[dict[str, Any], int]] = OrderedDict()

    def get(self, key: str) -> dict[str, Any] | None:
        """The answer kept under a key, now the youngest."""
        if key not in self._answers:
            return None
        self._answers.move_to_end(key)
        return self._answers[key][0]

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer, if it is not larger than everything kept may be."""
        size = len(json.dumps(answer))
        if size > self._capacity:
            return
        self._used += size - self._answers.pop(key, ({}, 0))[1]
        self._answers[key] = answer, size
        while self._used > self._capacity:
            self._used -= self._answers.popitem(last=False)[1][1]


def _key(wanted: CandidatesWanted) -> str:
    options = {name: value for name, value in sorted(wanted.options.items()) if name not in NOT_SEEN}
    model = [wanted.architecture, wanted.checkpoint_key, wanted.checkpoint_sha256, options]
    return json.dumps([*model, wanted.image_key, wanted.view, wanted.scale])


def candidates_in(
    wanted: CandidatesWanted, storage: Storage, loaded: LoadedModel, recent: RecentAnswers, *, device: str
) -> dict[str, Any]:
    """What docs/model.md calls candidates; raises JobRefused for what cannot be answered."""
    key = _key(wanted)
    known = recent.get(key)
    if known is not None:
        return known
    predictor = loaded.asked_for(storage, wanted, device=device)
    x, y, width, height = wanted.view
    crop = read_crop(wanted, storage)
    if min(crop.shape[:2]) < SMALLEST_SIDE:
        raise JobRefused(Sentence.PLACE_TOO_SMALL.about(least=SMALLEST_SIDE))
    view = Window(x, y, x + width, y + height)
    stride = wanted.scale * stride_for(crop.shape[0], crop.shape[1])
    answer = as_answer(predictor.candidates(crop), view, stride=stride, split=predictor.split)
    recent.put(key, answer)
    return answer
