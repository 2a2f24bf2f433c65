"""What several tests of the editor begin with."""

from collections.abc import Callable

import pytest

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from tests.browser.editor import picture, quarters
from tests.browser.saving import HEIGHT, WIDTH


@pytest.fixture
def drawing(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Anna's annotation of four entities."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))
