"""How far each person agreed with others in closed consistency studies."""

from typing import Any

Row = dict[str, Any]


def study_agreement(project_id: int, annotator_id: int | None = None) -> dict[str, Row]:
    """By name of account: how many images and the mean PQ with the first annotator of each."""
    return {}
