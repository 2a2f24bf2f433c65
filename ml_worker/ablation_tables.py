"""The rows of the paper's ablation tables (7, 8, 9a to 9c) as variants, and some tables of our own.

Source: Qi et al., High-Quality Entity Segmentation, ICCV 2023. What we take a row to mean is told in
docs/variants.md.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from annotation_server.segmentation.json_file import read_json
from ml_worker.cropformer.variants import MASK2FORMER, PUBLISHED, VIDEO_MASK2FORMER, VITA, Variant

BASE = "CropFormer"
# APᵉ of the published Swin-T checkpoints at low / high resolution, from the official code's list of models.
PUBLISHED_AP = {MASK2FORMER: "38.8 / 40.7", PUBLISHED: "40.6 / 43.0"}


@dataclass(frozen=True)
class Row:
    """A line of a table: a variant, how deep its association is, and the paper's APᵉ where it is known."""

    name: str
    variant: Variant
    association_layers: int = 1
    paper: str = ""


@dataclass(frozen=True)
class Table:
    """``base`` names the row the others are compared with."""

    title: str
    rows: tuple[Row, ...]
    base: str


def training_part(variant: Variant) -> Variant:
    """The variant without what only inference asks: rows that agree in this share their weights."""
    return replace(
        variant,
        view_angles="by_count",  # training's own number of views is the same either way
        test_crops="four",
        painted_level="batch" if variant.has_batch_level else "image",
        painted_views="all",
    )


def _row(name: str, variant: Variant, association_layers: int = 1) -> Row:
    paper = PUBLISHED_AP.get(variant, "") if association_layers == 1 else ""
    return Row(name, variant, association_layers, paper)


def _crops(name: str, **settings: str | float) -> Row:
    return _row(name, Variant.from_dict(dict(settings)))


TABLES = {
    "7": Table(
        "Table 7: which decoder is read, on which views",
        (
            _row("Mask2Former", MASK2FORMER),
            _row("Image-O", Variant(painted_level="image", painted_views="full")),
            _row("Batch-O", Variant(painted_views="full")),
            _row("Batch-C", Variant(painted_views="crops")),
            _row("Batch-OC", PUBLISHED),
        ),
        "Batch-OC",
    ),
    "8": Table(
        "Table 8: beside models of video",
        (
            _row("Mask2Former", MASK2FORMER),
            _row("Mask2Former, views as frames", VIDEO_MASK2FORMER),
            _row("VITA-style object tokens", VITA),
            _row(BASE, PUBLISHED),
        ),
        BASE,
    ),
    "9a": Table(
        "Table 9a: share δ of a crop",
        tuple(_crops(f"δ = {share}", crop_share=share) for share in (0.5, 0.6, 0.7, 0.8, 0.9)),
        "δ = 0.7",
    ),
    "9b": Table(
        "Table 9b: where training takes its crops from",
        (
            _row("four fixed corners", PUBLISHED),
            _crops("eight fixed windows", train_crops="eight", test_crops="eight"),
            _crops("anywhere", train_crops="random"),
        ),
        "four fixed corners",
    ),
    "9c": Table(
        "Table 9c: parts of the association",
        (
            _row("none", Variant(association_parts=())),
            _row("cross-attention", Variant(association_parts=("cross",))),
            _row("cross- and self-attention", Variant(association_parts=("cross", "self"))),
            _row("cross-attention and FFN", Variant(association_parts=("cross", "ffn"))),
            _row("all three", PUBLISHED),
        ),
        "all three",
    ),
    "layers": Table(
        "Ours: layers of the association",
        tuple(_row(f"{count}", PUBLISHED, count) for count in (1, 2, 3)),
        "1",
    ),
    "supervision": Table(
        "Ours: what is supervised, and by which weights",
        (
            _row("both levels, one decoder", PUBLISHED),
            _row("both levels, two decoders", Variant(shared_decoder=False)),
            _row("batch level alone", Variant(image_loss="none")),
            _row("image level on the full image alone", Variant(image_loss="full")),
        ),
        "both levels, one decoder",
    ),
    "angles": Table(
        "Ours: a view's position at inference",
        (
            _row("by the number of views", PUBLISHED),
            _row("as in training", Variant(view_angles="as_trained")),
        ),
        "by the number of views",
    ),
    "unassociated": Table(
        "Ours: single views averaged query by query, without association",
        (
            _row("image level, full image", Variant(painted_level="image", painted_views="full")),
            _row("image level, all views", Variant(painted_level="image")),
            _row("batch level, all views", PUBLISHED),
        ),
        "batch level, all views",
    ),
}
OF_THE_PAPER = ("7", "8", "9a", "9b", "9c")


def chosen_tables(name: str) -> dict[str, Table]:
    """One table, or ``all`` of the paper's, or ``everything``, by the name on the command line."""
    several = {"all": OF_THE_PAPER, "everything": tuple(TABLES)}
    names = several.get(name, (name,))
    if not set(names) <= set(TABLES):
        raise ValueError(f"There is no table {name}: choose one of {', '.join(TABLES)}, all or everything.")
    return {one: TABLES[one] for one in names}


def with_paper_figures(tables: dict[str, Table], path: Path) -> dict[str, Table]:
    """The tables with the APᵉ that a JSON file {table: {row: figure}} tells; unknown names are refused."""
    told = read_json(path)
    if not isinstance(told, dict) or not all(isinstance(figures, dict) for figures in told.values()):
        raise ValueError(f"{path.name} holds no figures: {{table: {{row: APᵉ}}}} is expected.")
    for table, figures in told.items():
        rows = {row.name for row in TABLES[table].rows} if table in TABLES else set()
        strange = sorted(set(figures) - rows)
        if strange:
            raise ValueError(
                f"{path.name} names rows that table {table} does not have: {', '.join(strange)}."
            )
    return {
        name: replace(
            table,
            rows=tuple(
                replace(row, paper=str(told.get(name, {}).get(row.name, row.paper))) for row in table.rows
            ),
        )
        for name, table in tables.items()
    }
