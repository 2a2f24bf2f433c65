"""Plots as PNG and SVG files: the same figures give the same bytes."""

import io
from collections.abc import Callable

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOUR = "#2f6f8f"
FORMATS = ("png", "svg")
_METADATA: dict[str, dict[str, None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
_STYLE = {
    "svg.hashsalt": "tessera",
    "svg.fonttype": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def plotted(
    title: str, x_label: str, y_label: str, draw: Callable[[Axes], None], *, left: float = 0.16
) -> dict[str, bytes]:
    """A plot in each of FORMATS; ``left`` is the share of the width that names beside the axis take."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6, 3.6))
        figure.subplots_adjust(left=left, right=0.97, top=0.9, bottom=0.28)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set(title=title, xlabel=x_label, ylabel=y_label)
        draw(axes)
        return {kind: _written(figure, kind) for kind in FORMATS}


def name_places(axes: Axes, names: list[str], longest: int = 28) -> None:
    """Names from the top down the y axis, as they are: nothing in them is taken for a formula."""
    axes.set_yticks(range(len(names)), [name[:longest] for name in names])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.invert_yaxis()


def _written(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=120, metadata=_METADATA[kind])
    return file.getvalue()
