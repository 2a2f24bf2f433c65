"""What an ablation found, as JSON and Markdown: means and spreads over seeds, beside the paper's figures."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from ml_worker.ablation_tables import Row, Table

Figures = Mapping[str, Any]
SHOWN = (
    ("AP", 100, "APᵉ"),
    ("AP50", 100, "AP50"),
    ("mean_best_iou", 100, "best IoU"),
    ("coverage", 100, "covered"),
)
CAVEAT = (
    "Trained on this data with this budget alone: the absolute figures cannot be compared with the paper's, "
    "whose models saw some 500,000 images after COCO pretraining. Only differences between rows mean "
    "something, and only those well beyond the spread over seeds."
)
PAPER_NOTE = (
    "“Paper”: APᵉ of the published Swin-T models (low / high resolution), from the official code's list of "
    "models. The paper's other rows are not at hand here; --paper prints them from a file."
)


def table_record(table: Table, found: Mapping[str, Sequence[Figures]]) -> dict[str, Any]:
    """One table as JSON; ``found`` holds each row's figures, one entry a finished seed."""
    base = found.get(table.base, ())
    return {
        "title": table.title,
        "base": table.base,
        "rows": [_row_record(row, found, base) for row in table.rows],
    }


def _row_record(row: Row, found: Mapping[str, Sequence[Figures]], base: Sequence[Figures]) -> dict[str, Any]:
    figures = found.get(row.name, ())
    by_seed = {one["seed"]: one for one in base}
    gains = [one["AP"] - by_seed[one["seed"]]["AP"] for one in figures if one["seed"] in by_seed]
    return {
        "row": row.name,
        "variant": row.variant.to_dict(),
        "association_layers": row.association_layers,
        "paper": row.paper,
        "seeds": [one["seed"] for one in figures],
        "parameters": figures[0]["parameters"] if figures else None,
        "difference": _mean_and_spread(gains),
        **{name: _mean_and_spread([one[name] for one in figures]) for name, _, _ in SHOWN},
    }


def _mean_and_spread(values: Sequence[float]) -> dict[str, float | None]:
    return {
        "mean": statistics.fmean(values) if values else None,
        "spread": statistics.stdev(values) if len(values) > 1 else None,
    }


def markdown(tables: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> str:
    """The tables for people; ``told`` says what was trained on what, line by line."""
    parts = ["# Ablation", "", CAVEAT, "", *(f"- {name}: {value}" for name, value in told.items())]
    for table in tables:
        parts += ["", f"## {table['title']}", "", *_lines(table)]
    return "\n".join([*parts, "", PAPER_NOTE, ""])


def _lines(table: Mapping[str, Any]) -> list[str]:
    head = ["", *(label for _, _, label in SHOWN), f"APᵉ − “{table['base']}”", "parameters", "Paper"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for row in table["rows"]:
        cells = [_shown(row[name], factor) for name, factor, _ in SHOWN]
        difference = "" if row["row"] == table["base"] else _shown(row["difference"], 100, signed=True)
        parameters = f"{row['parameters']:,}" if row["parameters"] else "–"
        lines.append(_line([row["row"], *cells, difference, parameters, row["paper"] or "–"]))
    return lines


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(value: Mapping[str, float | None], factor: float, *, signed: bool = False) -> str:
    if value["mean"] is None:
        return "not yet"
    mean = f"{value['mean'] * factor:+.1f}" if signed else f"{value['mean'] * factor:.1f}"
    return mean if value["spread"] is None else f"{mean} ± {value['spread'] * factor:.1f}"
