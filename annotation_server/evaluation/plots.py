"""The figures of a report as plots: the same report gives the same bytes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _
from matplotlib.axes import Axes

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.plot_files import COLOUR, FORMATS, name_places, plotted

SECOND, THIRD = "#d55e00", "#009e73"
TERMS_SHOWN = 16
NAMES_SHOWN = 12

Told = Mapping[str, Any]


def report_plot(report: EvaluationReport, name: str, kind: str) -> bytes:
    """One of PLOTS of a finished report, as one of FORMATS; drawn once and kept.

    Raises NotFound for any other, and for one that the report has no figures for.
    """
    if name not in PLOTS or kind not in FORMATS:
        raise NotFound(_("There is no such plot."))
    key = f"{report.results_folder}/plots/{name}"
    try:
        return media.read(f"{key}.{kind}")
    except (FileNotFoundError, ClientError):
        drawn = PLOTS[name](report.figures, report.names)
        for one, content in drawn.items():
            media.write(f"{key}.{one}", content)
        return drawn[kind]


def _precision_recall(figures: Told, names: Told) -> dict[str, bytes]:
    curves = figures["curves"]

    def draw(axes: Axes) -> None:
        lines = (("50", "IoU ≥ .50", COLOUR), ("75", "IoU ≥ .75", SECOND), ("mean", "mean", THIRD))
        for name, label, colour in lines:
            axes.plot(curves["recall"], _plain(curves["precision"][name]), color=colour, label=label)
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        axes.legend(frameon=False)

    return plotted("Precision and recall", "recall", "precision", draw)


def _sizes(figures: Told, names: Told) -> dict[str, bytes]:
    rows = figures["by_size"]

    def draw(axes: Axes) -> None:
        places = np.arange(len(rows))
        axes.bar(places - 0.2, _plain([row["AP"] for row in rows]), width=0.4, color=COLOUR, label="AP")
        axes.bar(places + 0.2, _plain([row["PQ"] for row in rows]), width=0.4, color=SECOND, label="PQ")
        axes.set_xticks(places, [f"{row['name']}\n{row['true']}" for row in rows])
        axes.set(ylim=(0, 1))
        axes.legend(frameon=False)

    return plotted("By size", "true entities of each size", "AP, PQ", draw)


def _calibration(figures: Told, names: Told) -> dict[str, bytes]:
    calibration = figures["calibration"]
    if calibration is None:
        raise NotFound(_("There is no calibration: no mask was found, or all scores are the same."))
    bins = [row for row in calibration["bins"] if row["count"]]

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="#888888", linewidth=1)
        scores, shares = (_plain([row[name] for row in bins]) for name in ("mean_score", "precision"))
        axes.plot(scores, shares, "o-", color=COLOUR)
        axes.set(xlim=(0, 1), ylim=(0, 1.02))

    return plotted("Calibration", "score", "share of masks that are right", draw)


def _terms(figures: Told, names: Told) -> dict[str, bytes]:
    rows = sorted(figures["by_term"], key=lambda row: -row["true"])[:TERMS_SHOWN]
    if not rows:
        raise NotFound(_("There are no figures by term: the masks of one side bear no names."))

    def draw(axes: Axes) -> None:
        axes.barh(range(len(rows)), _plain([row["PQ"] for row in rows]), color=COLOUR)
        name_places(axes, [f"{_name(names, row['term'])} ({row['true']})" for row in rows])
        axes.set(xlim=(0, 1))

    return plotted("The most frequent terms", "PQ", "", draw, left=0.42)


def _confusion(figures: Told, names: Told) -> dict[str, bytes]:
    rows = figures["confusion"][:NAMES_SHOWN]
    if not rows:
        raise NotFound(_("No name was taken for another."))

    def draw(axes: Axes) -> None:
        axes.barh(range(len(rows)), [row["count"] for row in rows], color=COLOUR)
        pairs = [f"{_name(names, row['true'])[:18]} → {_name(names, row['found'])[:18]}" for row in rows]
        name_places(axes, pairs, longest=40)

    return plotted("Names taken for others", "masks", "", draw, left=0.48)


def _plain(values: list[float | None]) -> list[float]:
    """Undefined figures leave a gap."""
    return [float("nan") if value is None else value for value in values]


def _name(names: Told, term: int) -> str:
    return str(names.get(str(term), {}).get("name", term))


PLOTS: dict[str, Callable[[Told, Told], dict[str, bytes]]] = {
    "precision_recall": _precision_recall,
    "sizes": _sizes,
    "calibration": _calibration,
    "terms": _terms,
    "confusion": _confusion,
}
