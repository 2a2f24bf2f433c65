"""From the ``data`` of a configuration to examples: one source, or several by weight."""

import json
from pathlib import Path
from typing import Any

from ml_worker.collage import CollageDataset
from ml_worker.dataset import ExampleSource, LabelMapFolder, SceneDataset
from ml_worker.dataset_mixture import Mixture
from ml_worker.dataset_panoptic import PanopticDataset
from ml_worker.dataset_reduced import ReducedExamples
from ml_worker.dataset_release import ReleaseDataset


def open_sources(data: dict[str, Any], *, seed: int) -> Mixture:
    """``{"sources": [{"weight": 2, "folder": …}, …]}``, or one source alone."""
    if not isinstance(data, dict) or "sources" not in data:
        return Mixture([open_source(data)], seed=seed)
    rows = [dict(row) for row in data["sources"]]
    weights = [float(row.pop("weight", 1.0)) for row in rows]
    return Mixture([open_source(row) for row in rows], weights, seed=seed)


def open_source(data: dict[str, Any]) -> ExampleSource:
    """One source by its kind; raises ValueError for what is none.

    ``reduced`` ({"folder", "longest"}) keeps copies no larger than ``longest`` px, so that a large image is
    decoded once.
    """
    if not isinstance(data, dict):
        raise ValueError(f"data is settings of a source (docs/training.md), not {data!r}.")
    try:
        return _opened(data)
    except TypeError as error:
        raise ValueError(f"A setting of data is unknown, missing or of the wrong kind ({error}).") from error


def _opened(data: dict[str, Any]) -> ExampleSource:
    match data:
        case {"reduced": {"folder": folder, "longest": longest}, **rest}:
            source, origin = open_source(rest), json.dumps(rest, sort_keys=True)
            return ReducedExamples(
                source, Path(folder), int(longest), lambda index: f"{origin} {source.name(index)}"
            )
        case {"scenes": settings}:
            cache = settings.get("cache")
            return SceneDataset(**(settings | {"cache": Path(cache) if cache else None}))
        case {"collage": settings}:
            return CollageDataset(**settings)
        case {"folder": folder, **rest}:
            return LabelMapFolder(Path(folder), **rest)
        case {"coco_panoptic": file, **rest}:
            return PanopticDataset(Path(file), **{name: Path(path) for name, path in rest.items()})
        case {"release": path, **rest}:
            return ReleaseDataset(Path(path), **rest)
    raise ValueError(
        "data is one of scenes, folder, coco_panoptic and release (docs/training.md); "
        f"it was given {', '.join(sorted(data)) or 'nothing'}."
    )
