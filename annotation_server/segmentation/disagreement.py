"""Where two people's label maps of one image disagree, and of what kind each disagreement is.

Partners are two entities with an IoU over one half; there is at most one for each. An entity that lies for
more than half in one entity of the other map is a *part* of it. The kinds:

``granularity``: one person's entity is several of the other's. It has two parts or more, which together have
an IoU of at least one half with it. Where it has a partner, a part counts from a twentieth of its area on:
something smaller is a detail that one of them did not draw, not a split. Entities without a partner that meet
in a group, several on at least one side, are granularity too if the two unions have an IoU of at least one
half: both see the same region and cut it in different ways. Groups that share an entity are one.
``missing`` and ``extra``: an entity of the first, or of the second map in none of these groups and without a
partner. ``boundary``: partners whose boundary IoU is below one half. ``name``: partners with two names.

A split is never counted as missing and extra as well. The review page (disagreements.js) follows the same
rules, tells kinds of granularity apart, and says of partners with a name each only that the names differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from annotation_server.segmentation.boundary import band_histogram, band_width
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.matching import SAME_ENTITY, JointHistogram, joint_histogram
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID, Extent

Kind = Literal["missing", "extra", "granularity", "boundary", "name"]
KINDS: tuple[Kind, ...] = ("missing", "extra", "granularity", "boundary", "name")

PART = 0.5
COVERED = 0.5
SMALLEST_PART = 0.05
MEETING = 0.25  # of the smaller of two entities: what they share where the same region is cut in two ways
LOW_BOUNDARY = 0.5


@dataclass(frozen=True)
class Disagreement:
    """Entities ``a`` of the first map against ``b`` of the second, numbers ascending.

    ``iou`` is that of the two unions, of the boundary for ``boundary``; ``px`` are the pixels in only one of
    the unions, for ``granularity`` and ``name`` those in either; ``box`` is [x, y, width, height] of all.
    """

    kind: Kind
    a: tuple[int, ...]
    b: tuple[int, ...]
    iou: float
    box: tuple[int, int, int, int]
    px: int


class _Node(NamedTuple):
    side: int  # 0: of the first map, 1: of the second
    number: int


def disagreements(
    a: TiledMap,
    b: TiledMap,
    *,
    terms_a: Mapping[int, int] | None = None,
    terms_b: Mapping[int, int] | None = None,
) -> list[Disagreement]:
    """Every disagreement of two maps, the most pixels first; raises ValueError for different sizes.

    ``terms_a`` and ``terms_b`` name entities by number; names are compared where both have one.
    """
    pairs = _Pairs(joint_histogram(a, b), (extents(a), extents(b)))
    groups = pairs.splits()
    grouped = {node for group in groups for node in group}
    groups += pairs.regroupings(grouped)
    grouped = {node for group in groups for node in group}
    partners = {
        one: other
        for one, other in pairs.partner.items()
        if one.side == 0 and one not in grouped and other not in grouped
    }
    found = [pairs.told("granularity", group) for group in groups]
    for node in sorted(pairs.nodes() - grouped - pairs.partner.keys()):
        found.append(pairs.told("extra" if node.side else "missing", [node]))
    found += _boundaries(a, b, pairs, partners)
    for one, other in partners.items():
        names = (terms_a or {}).get(one.number), (terms_b or {}).get(other.number)
        if None not in names and names[0] != names[1]:
            found.append(pairs.told("name", [one, other]))
    return sorted(found, key=lambda one: (-one.px, one.kind, one.a, one.b))


def count_kinds(found: Iterable[Disagreement]) -> dict[str, int]:
    """How many there are of every kind."""
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for one in found:
        counts[one.kind] += 1
    return counts


class _Pairs:
    """What the entities of two maps share."""

    def __init__(
        self, histogram: JointHistogram, extents_by_side: tuple[dict[int, Extent], dict[int, Extent]]
    ) -> None:
        self.extent = {
            _Node(side, number): extent
            for side, extents_of in enumerate(extents_by_side)
            for number, extent in extents_of.items()
            if number != VOID
        }
        self.shared: dict[tuple[_Node, _Node], int] = {}
        self._met: dict[_Node, list[_Node]] = defaultdict(list)
        rows = zip(histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist(), strict=True)
        for number_a, number_b, pixels in rows:
            if number_a != VOID and number_b != VOID:
                one, other = _Node(0, number_a), _Node(1, number_b)
                self.shared[one, other] = self.shared[other, one] = pixels
                self._met[one].append(other)
                self._met[other].append(one)
        self.partner = {one: other for (one, other) in self.shared if self.iou([one], [other]) > SAME_ENTITY}

    def nodes(self) -> set[_Node]:
        return set(self.extent)

    def area(self, nodes: Iterable[_Node]) -> int:
        return sum(self.extent[node].area for node in nodes)

    def iou(self, some: list[_Node], others: list[_Node]) -> float:
        """IoU of two unions, one of either map."""
        both = sum(self.shared.get((one, other), 0) for one in some for other in others)
        union = self.area(some) + self.area(others) - both
        return both / union if union else 0.0

    def splits(self) -> list[set[_Node]]:
        """Groups of wholes and their parts."""
        parts: dict[_Node, list[_Node]] = defaultdict(list)
        for (part, whole), pixels in self.shared.items():
            if pixels > PART * self.extent[part].area:
                parts[whole].append(part)
        groups = [{whole, *split} for whole in parts if (split := self._split(whole, parts[whole]))]
        return _joined(groups)

    def _split(self, whole: _Node, parts: list[_Node]) -> list[_Node]:
        """The parts of a whole that make it a split; none if it is no split."""
        if (partner := self.partner.get(whole)) is not None:
            least = SMALLEST_PART * self.extent[whole].area
            parts = [part for part in parts if part == partner or self.shared[part, whole] >= least]
        return parts if len(parts) > 1 and self.iou([whole], parts) >= COVERED else []

    def regroupings(self, grouped: set[_Node]) -> list[set[_Node]]:
        """Entities without a partner that meet, as one region cut in two ways."""
        free = self.nodes() - grouped - self.partner.keys()
        edges = [
            {one, other}
            for (one, other), pixels in self.shared.items()
            if one.side == 0
            and {one, other} <= free
            and pixels >= MEETING * min(self.extent[one].area, self.extent[other].area)
        ]
        return [group for group in _joined(edges) if len(group) > 2 and self._covers(group)]

    def _covers(self, group: set[_Node]) -> bool:
        return self.iou(*_sides(group)) >= COVERED

    def told(self, kind: Kind, nodes: Iterable[_Node], iou: float | None = None) -> Disagreement:
        """A disagreement of these entities."""
        a, b = _sides(nodes)
        first, *rest = [self.extent[node] for node in (*a, *b)]
        extent = first
        for other in rest:
            extent = extent.joined(other)
        both = sum(self.shared.get((one, other), 0) for one in a for other in b)
        union = self.area(a) + self.area(b) - both
        x, y, width, height = extent.bbox
        return Disagreement(
            kind,
            tuple(node.number for node in a),
            tuple(node.number for node in b),
            self.iou(a, b) if iou is None else iou,
            (x, y, width, height),
            union if kind in ("granularity", "name") else union - both,
        )


def _boundaries(
    a: TiledMap, b: TiledMap, pairs: _Pairs, partners: Mapping[_Node, _Node]
) -> list[Disagreement]:
    if not partners:
        return []
    bands = band_histogram(a, b, band_width(a.height, a.width))
    areas_a, areas_b = bands.areas_a(), bands.areas_b()
    rows = zip(bands.a.tolist(), bands.b.tolist(), bands.pixels.tolist(), strict=True)
    shared = {(number_a, number_b): pixels for number_a, number_b, pixels in rows}
    found = []
    for one, other in partners.items():
        both = shared.get((one.number, other.number), 0)
        iou = both / (areas_a[one.number] + areas_b[other.number] - both)
        if iou < LOW_BOUNDARY:
            found.append(pairs.told("boundary", [one, other], iou))
    return found


def _sides(nodes: Iterable[_Node]) -> tuple[list[_Node], list[_Node]]:
    ordered = sorted(nodes)
    return [node for node in ordered if node.side == 0], [node for node in ordered if node.side == 1]


def _joined(groups: Iterable[set[_Node]]) -> list[set[_Node]]:
    """Groups that share an entity made one, in a fixed order."""
    joined: list[set[_Node]] = []
    for group in groups:
        apart = [one for one in joined if not one & group]
        joined = [*apart, group.union(*(one for one in joined if one & group))]
    return sorted(joined, key=min)
