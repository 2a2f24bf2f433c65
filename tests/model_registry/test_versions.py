"""What the API tells of model versions."""

from django.utils import translation

from annotation_server import media
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import CLASSICAL_ORIGIN, STARTER_ORIGIN, ensure_starter
from annotation_server.projects.models import Project
from annotation_server.requests.kept_sentences import KEPT, said


def test_the_starter_tells_its_size_and_card(project, anna, client_of) -> None:
    ensure_starter()
    own = Project.objects.create(name="With a champion of its own")
    ModelVersion.objects.create(project=own, name="own", stage="champion")
    rows = client_of(anna).get("/api/v1/model-versions", {"project": project.pk}).json()["results"]
    starter = next(row for row in rows if row["name"] == "starter")
    assert starter["is_champion_of"] == [project.pk]
    assert starter["parameters"] > 1_000_000
    assert starter["size_bytes"] > starter["parameters"]
    assert starter["card"].startswith("#")
    classical = next(row for row in rows if row["name"] == "classical")
    assert (classical["card"], classical["is_champion_of"], classical["trained_by"]) == ("", [], None)


def test_weights_are_handed_out_to_curators(project, anna, carl, eve, client_of) -> None:
    starter, content = ensure_starter(), b"the weights"
    own = ModelVersion.objects.create(
        project=project, name="Straße 1", checkpoint_key="checkpoints/own", checkpoint_sha256="a" * 64
    )
    media.write(own.checkpoint_key, content)

    answer = client_of(carl).get(f"/api/v1/model-versions/{own.pk}/weights")
    assert (answer.status_code, answer.getvalue()) == (200, content)
    assert answer["Content-Disposition"] == f'attachment; filename="strae-1-{"a" * 12}.safetensors"'
    assert client_of(anna).get(f"/api/v1/model-versions/{own.pk}/weights").status_code == 403
    assert client_of(eve).get(f"/api/v1/model-versions/{own.pk}/weights").status_code == 404
    shipped = client_of(eve).get(f"/api/v1/model-versions/{starter.pk}/weights")
    assert len(shipped.getvalue()) == int(shipped["Content-Length"]) == starter.size_bytes
    classical = ModelVersion.objects.get(architecture="classical")
    assert client_of(eve).get(f"/api/v1/model-versions/{classical.pk}/weights").status_code == 404


def test_origins_are_read_in_every_language() -> None:
    assert {STARTER_ORIGIN, CLASSICAL_ORIGIN} <= set(KEPT)
    with translation.override("de"):
        assert "Streets 1" in said("Trained from “Streets 1” on 14 masks of 2 images of this project.")
