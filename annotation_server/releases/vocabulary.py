"""The vocabulary as a release carries it: categories of COCO files."""

from annotation_server.vocabulary.revision import Row


def categories(rows: list[Row]) -> list[Row]:
    """COCO categories of the terms; an id is the term's own, so it means the same in every release."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "supercategory": row["supercategory"],
            "type": row["kind"],
        }
        for row in rows
    ]
