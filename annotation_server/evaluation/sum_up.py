"""From the figures of single images to a report: all figures, a row an image, and the files handed out."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation_server import media
from annotation_server.evaluation.freeze import read_inputs
from annotation_server.evaluation.measure_images import read_figures
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.segmentation.report_figures import per_image, report_figures
from annotation_server.segmentation.similarity import Similarity, embedding_cosine, identity, word_tree

KINDS = ("thing", "stuff")
IMAGE_COLUMNS = ("AP", "AP50", "PQ", "F1", "covering", "boundary_AP", "true", "found")
SHOWN = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR@100")
SEED = 0


@dataclass(frozen=True)
class Summed:
    """What a report's row keeps."""

    figures: dict[str, Any]
    headline: dict[str, float | None]


def sum_up(report: EvaluationReport, check: Callable[[float], None]) -> Summed:
    """Sum a report up and write its files; the same inputs give the same bytes.

    ``check`` is called with the share done.
    """
    inputs = read_inputs(report)
    rows = inputs["images"]
    images = []
    for done, row in enumerate(rows):
        check(0.4 * done / len(rows))
        images.append(read_figures(report, row["image"]))
    terms = inputs["terms"]
    figures = report_figures(
        images,
        boundary=report.options["boundary"],
        similarity=_similarity(report.options["similarity"], inputs),
        kinds={int(term): told["kind"] for term, told in terms.items() if told["kind"] in KINDS},
        sources={row["image"]: row["source"] for row in rows},
        seed=SEED,
    )
    check(0.9)
    table = _image_table(rows, per_image(images))
    media.write(images_key(report), _json(table))
    media.write(
        csv_key(report, "images"), _csv(table, ("image", "file_name", "width", "height", *IMAGE_COLUMNS))
    )
    about = {name: inputs[name] for name in ("truth", "found", "split", "options", "measures", "left_out")}
    whole = {"inputs_sha256": report.inputs_sha256, **about, "figures": figures, "names": terms}
    media.write(report_key(report), _json(whole))
    words = {term: told["name"] for term, told in terms.items()}
    media.write(
        csv_key(report, "report"), _csv(list(_flat(figures | {"names": words})), ("measure", "value"))
    )
    return Summed(json.loads(_json(figures)), headline_of(figures))


def headline_of(figures: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures that lists show."""
    panoptic, boundary, f1 = (figures[name] or {} for name in ("panoptic", "boundary", "f1"))
    return {
        **{name: figures["ap"].get(name) for name in SHOWN},
        "PQ": panoptic.get("agnostic", {}).get("pq"),
        "boundary_AP": boundary.get("AP"),
        "F1": f1.get("50"),
    }


def report_key(report: EvaluationReport) -> str:
    """Storage key of report.json."""
    return f"{report.results_folder}/report.json"


def images_key(report: EvaluationReport) -> str:
    """Storage key of the table of images, as JSON."""
    return f"{report.results_folder}/images.json"


def csv_key(report: EvaluationReport, name: str) -> str:
    """Storage key of a table: ``report`` or ``images``."""
    return f"{report.results_folder}/{name}.csv"


def _similarity(name: str, inputs: Mapping[str, Any]) -> Similarity:
    """The similarity of names, from what was frozen of them."""
    if name == "word_tree":
        return word_tree({int(term): told["parent"] for term, told in inputs["terms"].items()})
    if name == "embedding":
        return embedding_cosine({int(term): vector for term, vector in inputs["vectors"].items()})
    return identity()


def _image_table(
    rows: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    of_image = {one["image"]: one for one in figures}
    return [
        {name: row[name] for name in ("image", "file_name", "width", "height")}
        | {name: of_image[row["image"]][name] for name in IMAGE_COLUMNS}
        for row in rows
    ]


def _flat(value: Any, name: str = "") -> Any:
    """Every figure with its path: ``ap.AP50``, ``by_size.0.AP``."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _flat(one, f"{name}.{place}")
    else:
        yield {"measure": name, "value": value}


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula is written so that it will not."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
