"""The images on which two reports differ most."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.report_figures import per_image

MOST = 12


def most_changed(
    first: Sequence[ImageFigures], second: Sequence[ImageFigures], file_names: Mapping[int, str]
) -> list[dict[str, Any]]:
    """AP of both on the images where it differs, the largest difference first; at most MOST."""
    before, after = ({row["image"]: row["AP"] for row in per_image(side)} for side in (first, second))
    differing = [
        {"image": image, "file_name": file_names[image], "first": ap, "second": after[image]}
        for image, ap in before.items()
        if ap is not None and after.get(image) is not None and after[image] != ap
    ]
    return sorted(differing, key=lambda row: (-abs(row["second"] - row["first"]), row["image"]))[:MOST]
