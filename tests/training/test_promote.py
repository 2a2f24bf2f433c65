"""One champion a project, whatever is promoted, rolled back or retired, and a history of it."""

import pytest

from annotation_server.audit import AuditEvent
from annotation_server.errors import Conflict, NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of, ensure_starter
from annotation_server.projects.models import Project
from annotation_server.training.models import ChampionChange
from annotation_server.training.promote import promote, retire, roll_back


@pytest.fixture
def versions(project) -> list[ModelVersion]:
    return [
        ModelVersion.objects.create(project=project, name=name, checkpoint_sha256=name * 64) for name in "ab"
    ]


def stages(project: Project) -> dict[str, str]:
    return dict(ModelVersion.objects.filter(project=project).values_list("name", "stage"))


def test_it_works(project, versions, ada) -> None:
    a, b = versions
    starter = ensure_starter()
    assert champion_of(project.pk) == starter
    promote(project.pk, a, by=ada)
    promote(project.pk, b, by=ada)
    assert champion_of(project.pk) == b
    assert stages(project) == {"a": "retired", "b": "champion"}
    changes = ChampionChange.objects.order_by("id").values_list("before", "after", "cause")
    assert list(changes) == [(starter.pk, a.pk, "chosen"), (a.pk, b.pk, "chosen")]
    assert AuditEvent.objects.filter(verb="model.promote", actor=ada).count() == 2


def test_a_roll_back_and_a_roll_back_of_it(project, versions) -> None:
    a, b = versions
    promote(project.pk, a)
    promote(project.pk, b)
    assert roll_back(project.pk) == a
    assert stages(project) == {"a": "champion", "b": "retired"}
    assert roll_back(project.pk) == b
    assert stages(project) == {"a": "retired", "b": "champion"}
    assert ChampionChange.objects.first().cause == "rolled_back"


def test_back_to_the_shared_champion(project, versions) -> None:
    promote(project.pk, versions[0])
    starter = ensure_starter()
    assert roll_back(project.pk) == starter == champion_of(project.pk)
    assert stages(project) == {"a": "retired", "b": "candidate"}
    starter.refresh_from_db()
    assert (starter.stage, starter.project) == ("champion", None)
    assert roll_back(project.pk) == versions[0]


def test_back_to_a_shared_champion_that_was_exchanged_since(project, versions) -> None:
    old = ensure_starter()
    promote(project.pk, versions[0])
    ModelVersion.objects.filter(pk=old.pk).update(stage="retired")
    new = ModelVersion.objects.create(name="operator's", stage="champion", checkpoint_key="k")
    assert roll_back(project.pk) == new


def test_where_nothing_changed_there_is_nothing_to_roll_back(project, versions) -> None:
    with pytest.raises(Conflict) as refusal:
        roll_back(project.pk)
    assert refusal.value.code == "nothing_to_roll_back"


def test_a_shared_version_is_taken_over_once(project, versions) -> None:
    shared = ModelVersion.objects.create(name="shared", checkpoint_sha256="5" * 64)
    own = promote(project.pk, shared)
    assert (own.project, own.stage, own.checkpoint_sha256) == (project, "champion", "5" * 64)
    promote(project.pk, versions[0])
    assert promote(project.pk, shared).pk == own.pk
    shared.refresh_from_db()
    assert shared.stage == "candidate"


def test_the_champion_can_neither_be_promoted_again_nor_retired(project, versions) -> None:
    a, b = versions
    promote(project.pk, a)
    for act in (lambda: promote(project.pk, a), lambda: retire(project.pk, a.pk)):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "is_champion"
    assert retire(project.pk, b.pk).stage == "retired"
    assert promote(project.pk, ModelVersion.objects.get(pk=b.pk)).stage == "champion"


def test_a_version_of_another_project_is_not_promoted(project, versions) -> None:
    other = Project.objects.create(name="Other")
    with pytest.raises(NotFound):
        promote(other.pk, versions[0])
