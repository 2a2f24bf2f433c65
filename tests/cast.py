"""The cast of the tests, and the things they work on.

Anna annotates, Rita reviews, Carl curates, Ada is the admin of the project; Eve has an account and no
part in it.
All fixtures are real rows and real files in a storage of the test's own.
"""

import hashlib
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from rest_framework.test import APIClient

from annotation_server.accounts.models import ApiToken, User
from annotation_server.annotation import lease
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.start import start_from_map
from annotation_server.images.models import Image
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.segmentation.tiled_map import TiledMap, pack_map, void_map
from annotation_server.vocabulary.models import Term
from annotation_server.vocabulary.start import add_starting_terms

PASSWORD = "correct horse battery staple"


@cache
def _password_hash() -> str:
    return make_password(PASSWORD)


def make_user(username: str, **fields: Any) -> User:
    """An account whose password is PASSWORD."""
    return User.objects.create(username=username, password=_password_hash(), **fields)


def join(user: User, project: Project, role: Role) -> User:
    """Make a person a member."""
    Membership.objects.create(project=project, user=user, role=role)
    return user


@pytest.fixture
def project(db: None) -> Project:
    """A project with the starting vocabulary and nobody in it yet."""
    project = Project.objects.create(name="Streets")
    add_starting_terms(project)
    return project


@pytest.fixture
def anna(project: Project) -> User:
    return join(make_user("anna", first_name="Anna"), project, Role.ANNOTATOR)


@pytest.fixture
def rita(project: Project) -> User:
    return join(make_user("rita", first_name="Rita"), project, Role.REVIEWER)


@pytest.fixture
def carl(project: Project) -> User:
    return join(make_user("carl", first_name="Carl"), project, Role.CURATOR)


@pytest.fixture
def ada(project: Project) -> User:
    return join(make_user("ada", first_name="Ada"), project, Role.ADMIN)


@pytest.fixture
def eve(db: None) -> User:
    """A stranger who has an account, and is the admin of a project of her own."""
    eve = make_user("eve", first_name="Eve")
    return join(eve, Project.objects.create(name="Eve's own"), Role.ADMIN)


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """`client_of(anna)` speaks to the API with a token of hers; `client_of(None)` with none."""

    def client_of(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Token {ApiToken.issue(user, name='test')[1]}")
        return client

    return client_of


def scenery(width: int, height: int) -> np.ndarray:
    """A picture uint8 [height, width, 3] that is different for every size."""
    y, x = np.mgrid[:height, :width]
    return np.stack((x * 255 // width, y * 255 // height, (x + y) % 256), axis=-1).astype(np.uint8)


@pytest.fixture
def make_image(media_root: Path) -> Callable[..., Image]:
    """`make_image(project, width, height, rgb=None)`: a ready image with its picture in the storage.

    `rgb` is uint8 [height, width, 3]; other fields of Image are taken by keyword.
    """
    made = 0

    def make_image(
        project: Project,
        width: int = 640,
        height: int = 480,
        rgb: np.ndarray | None = None,
        **fields: Any,
    ) -> Image:
        nonlocal made
        made += 1
        data = _png(scenery(width, height) if rgb is None else rgb, made)
        image = Image.objects.create(
            project=project,
            file_name=fields.pop("file_name", f"street_{made}.png"),
            width=width,
            height=height,
            checksum=hashlib.sha256(data).hexdigest(),
            byte_size=len(data),
            state=fields.pop("state", Image.State.READY),
            **fields,
        )
        image.file_key = default_storage.save(f"{image.folder}/image.png", ContentFile(data))
        image.save()
        return image

    return make_image


def _png(rgb: np.ndarray, serial: int) -> bytes:
    """PNG bytes, different for every serial number, so that no two pictures of a test are the same."""
    note = PngInfo()
    note.add_text("serial", str(serial))
    file = io.BytesIO()
    Picture.fromarray(rgb).save(file, "PNG", compress_level=1, pnginfo=note)
    return file.getvalue()


@pytest.fixture
def make_annotation() -> Callable[..., Annotation]:
    """`make_annotation(image, annotator, label_map=None, named=None)`: the annotator's, who holds the lease.

    `label_map` is a TiledMap or an array [height, width]; void when left out. `named` is the name of the
    term that every mask gets, such as "tree". The lease is `annotation.assignment.lease`.
    """

    def make_annotation(
        image: Image,
        annotator: User,
        label_map: TiledMap | np.ndarray | None = None,
        *,
        named: str | None = None,
    ) -> Annotation:
        if label_map is None:
            label_map = void_map(image.width, image.height)
        elif isinstance(label_map, np.ndarray):
            label_map = pack_map(label_map)
        assignment = Assignment.objects.create(image=image, annotator=annotator)
        lease.take(assignment, annotator)
        annotation = start_from_map(assignment, label_map)
        if named is not None:
            term = Term.objects.get(project=image.project, name=named)
            Mask.objects.filter(annotation=annotation).update(term=term, raw_name=named)
        return annotation

    return make_annotation
