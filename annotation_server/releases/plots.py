"""The figures of a release as PNG and SVG; the same statistics give the same bytes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from annotation_server.plot_files import COLOUR, name_places, plotted

_SOURCES_SHOWN = 12


def write_plots(summary: dict[str, Any], folder: Path) -> None:
    """Resolutions, entities an image, sources and the frequency of terms, from the statistics' summary."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / "resolution",
        ("Image resolution", "√(width · height), px", "images"),
        partial(_histogram, summary["resolution_histogram"]),
    )
    _write(
        folder / "entities",
        ("Entities an image", "entities", "images"),
        partial(_histogram, summary["entities_histogram"]),
    )
    _write(
        folder / "sources",
        ("Sources", "images", ""),
        partial(_sources, summary["sources"][:_SOURCES_SHOWN]),
        left=0.42,
    )
    _write(
        folder / "terms",
        ("Frequency of terms", "rank", "masks"),
        partial(_frequencies, [count for _, count in summary["terms"]]),
    )


def _histogram(histogram: dict[str, list[int]], axes: Axes) -> None:
    """Bins of unequal width are drawn equally wide and named by their lower edges."""
    edges, counts = histogram["edges"], histogram["counts"]
    axes.bar(range(len(counts)), counts, width=0.9, color=COLOUR)
    labels = [f"{edge:,}" for edge in edges[:-1]] + [f"≥ {edges[-1]:,}"]
    axes.set_xticks(range(len(edges)), labels, rotation=45, ha="right")


def _sources(sources: Sequence[Sequence[Any]], axes: Axes) -> None:
    axes.barh(range(len(sources)), [count for _, count in sources], color=COLOUR)
    name_places(axes, [str(name) or "not stated" for name, _ in sources])


def _frequencies(counts: Sequence[int], axes: Axes) -> None:
    """Both axes logarithmic: Zipf's law is a straight line."""
    if counts:
        axes.loglog(range(1, len(counts) + 1), counts, ".-", color=COLOUR)


def _write(
    stem: Path, labels: tuple[str, str, str], draw: Callable[[Axes], None], *, left: float = 0.16
) -> None:
    for kind, content in plotted(*labels, draw, left=left).items():
        stem.with_suffix(f".{kind}").write_bytes(content)
