"""A project has one champion, and so has the whole installation; the database itself says so."""

import pytest
from django.db import IntegrityError

from annotation_server.model_registry.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_a_project_has_one_champion(project):
    ModelVersion.objects.create(name="first", stage="champion", project=project)
    ModelVersion.objects.create(name="candidate", project=project)
    with pytest.raises(IntegrityError):
        ModelVersion.objects.create(name="second", stage="champion", project=project)


def test_there_is_one_shared_champion():
    ModelVersion.objects.create(name="first", stage="champion")
    with pytest.raises(IntegrityError):
        ModelVersion.objects.create(name="second", stage="champion")
