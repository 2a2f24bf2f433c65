"""From the ``data`` of a configuration to examples: one source, or several by weight."""

from pathlib import Path
from typing import Any

from ml_worker.dataset import ExampleSource, LabelMapFolder, SceneDataset
from ml_worker.dataset_mixture import Mixture


def open_sources(data: dict[str, Any], *, seed: int) -> Mixture:
    """``{"sources": [{"weight": 2, "folder": …}, …]}``, or one source alone."""
    if "sources" not in data:
        return Mixture([open_source(data)], seed=seed)
    rows = [dict(row) for row in data["sources"]]
    weights = [float(row.pop("weight", 1.0)) for row in rows]
    return Mixture([open_source(row) for row in rows], weights, seed=seed)


def open_source(data: dict[str, Any]) -> ExampleSource:
    """One source by its kind; raises ValueError for what is none."""
    match data:
        case {"scenes": settings}:
            cache = settings.get("cache")
            return SceneDataset(**(settings | {"cache": Path(cache) if cache else None}))
        case {"folder": folder, **rest}:
            return LabelMapFolder(Path(folder), **rest)
    raise ValueError('data must be {"scenes": {…}} or {"folder": path}.')
