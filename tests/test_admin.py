"""Django's admin shows every table and lets nobody rewrite history."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from annotation_server import models

HISTORY = (models.Revision, models.Review, models.AuditEvent, models.Release, models.Mask, models.LabelMap)


@pytest.fixture
def staff(client, ada):
    ada.is_staff = ada.is_superuser = True
    ada.save()
    client.force_login(ada)
    return client


def shown():
    return [model for model in admin.site._registry if model._meta.app_label == "annotation_server"]


def test_every_table_is_shown_but_tiles_and_memberships():
    tables = set(apps.get_app_config("annotation_server").get_models())
    # Tiles are bytes by digest; memberships are edited with their project.
    assert tables - set(shown()) == {models.Tile, models.Membership}


@pytest.mark.parametrize("model", shown(), ids=lambda model: model.__name__)
def test_it_works(staff, project, anna, make_image, make_annotation, model):
    make_annotation(make_image(project, 8, 8), anna)
    address = f"admin:annotation_server_{model._meta.model_name}"
    assert staff.get(reverse(f"{address}_changelist")).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert staff.get(reverse(f"{address}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_history_can_only_be_read(staff, rf, ada, model):
    page = admin.site._registry[model]
    request = rf.get("/")
    request.user = ada
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_members_are_not_let_in(client, anna):
    client.force_login(anna)
    assert client.get("/admin/").status_code == 302
