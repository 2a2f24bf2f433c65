"""The figures of a release as PNG and SVG; the same statistics give the same bytes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_COLOUR = "#2f6f8f"
_STYLE = {
    "svg.hashsalt": "tessera",
    "svg.fonttype": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_SOURCES_SHOWN = 12


def write_plots(summary: dict[str, Any], folder: Path) -> None:
    """Resolutions, entities an image, sources and the frequency of terms, from the statistics' summary."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        axes = _axes("Image resolution", "√(width · height), px", "images")
        _histogram(axes, summary["resolution_histogram"])
        _save(axes, folder / "resolution")
        axes = _axes("Entities an image", "entities", "images")
        _histogram(axes, summary["entities_histogram"])
        _save(axes, folder / "entities")
        axes = _axes("Sources", "images", "", left=0.42)
        _sources(axes, summary["sources"][:_SOURCES_SHOWN])
        _save(axes, folder / "sources")
        axes = _axes("Frequency of terms", "rank", "masks")
        _frequencies(axes, [count for _, count in summary["terms"]])
        _save(axes, folder / "terms")


def _axes(title: str, x_label: str, y_label: str, *, left: float = 0.16) -> Axes:
    figure = Figure(figsize=(6, 3.6))
    figure.subplots_adjust(left=left, right=0.97, top=0.9, bottom=0.28)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    return axes


def _histogram(axes: Axes, histogram: dict[str, list[int]]) -> None:
    """Bins of unequal width are drawn equally wide and named by their lower edges."""
    edges, counts = histogram["edges"], histogram["counts"]
    axes.bar(range(len(counts)), counts, width=0.9, color=_COLOUR)
    labels = [f"{edge:,}" for edge in edges[:-1]] + [f"≥ {edges[-1]:,}"]
    axes.set_xticks(range(len(edges)), labels, rotation=45, ha="right")


def _sources(axes: Axes, sources: Sequence[Sequence[Any]]) -> None:
    names = [str(name)[:28] or "not stated" for name, _ in sources]
    axes.barh(range(len(sources)), [count for _, count in sources], color=_COLOUR)
    axes.set_yticks(range(len(sources)), names)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.invert_yaxis()


def _frequencies(axes: Axes, counts: Sequence[int]) -> None:
    """Both axes logarithmic: Zipf's law is a straight line."""
    if counts:
        axes.loglog(range(1, len(counts) + 1), counts, ".-", color=_COLOUR)


def _save(axes: Axes, stem: Path) -> None:
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    figure.savefig(stem.with_suffix(".png"), dpi=120, metadata={"Software": None})
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None, "Creator": None})
