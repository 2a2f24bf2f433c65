"""Making model versions known: the starter checkpoint, and which version is a project's champion."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from annotation_server.model_registry.checkpoint_files import parameters_of
from annotation_server.model_registry.models import ModelVersion

STARTER_FILE = Path("ml_worker/starter/model.safetensors")
STARTER_CARD = Path("ml_worker/starter/MODEL_CARD.md")
STARTER_NAME = "starter"
STARTER_ORIGIN = (
    "Ships with Tessera: a small CropFormer trained from scratch on generated scenes, "
    "without photographs and without annotations by people."
)
CLASSICAL = "classical"
CLASSICAL_ORIGIN = (
    "Ships with Tessera: superpixels merged by colour, texture and border contrast. It learns nothing, and "
    "proposes regions rather than entities."
)


def champion_of(project_id: int) -> ModelVersion | None:
    """The project's champion, else the shared one, which is the starter until an operator sets another."""
    own = ModelVersion.objects.filter(project_id=project_id, stage=ModelVersion.Stage.CHAMPION).first()
    return own or ensure_starter()


def comparing_model_of(project_id: int) -> ModelVersion | None:
    """Whose features tell like entities: the champion, or the shared one where the champion learned none."""
    version = champion_of(project_id)
    if version is not None and version.architecture == CLASSICAL:
        version = ensure_starter()
    return version if version is not None and version.architecture != CLASSICAL else None


def ensure_starter() -> ModelVersion | None:
    """The shared champion; registers the starter checkpoint where there is none, or when its file changed.

    Beside it stands the classical model, to be chosen where the starter serves badly.
    None where neither a shared champion nor the starter's file exists.
    """
    shared = ModelVersion.objects.filter(project=None, stage=ModelVersion.Stage.CHAMPION).first()
    digest = starter_sha256()
    if not digest or (shared is not None and not _is_another_starter(shared, digest)):
        return shared
    try:
        return _register_starter(digest)
    except IntegrityError:  # another process was quicker
        return ModelVersion.objects.get(project=None, stage=ModelVersion.Stage.CHAMPION)


@transaction.atomic
def make_shared_champion(version: ModelVersion) -> None:
    """Let a shared version propose wherever a project has no champion of its own."""
    shared = ModelVersion.objects.filter(project=None, stage=ModelVersion.Stage.CHAMPION)
    shared.exclude(pk=version.pk).update(stage=ModelVersion.Stage.RETIRED)
    version.stage = ModelVersion.Stage.CHAMPION
    version.save(update_fields=["stage"])


def _is_another_starter(version: ModelVersion, digest: str) -> bool:
    ships = not version.checkpoint_key and version.architecture != CLASSICAL
    return ships and version.checkpoint_sha256 != digest


@transaction.atomic
def _register_starter(digest: str) -> ModelVersion:
    shared = ModelVersion.objects.filter(project=None, stage=ModelVersion.Stage.CHAMPION)
    shared.update(stage=ModelVersion.Stage.RETIRED)
    if not ModelVersion.objects.filter(project=None, architecture=CLASSICAL).exists():
        ModelVersion.objects.create(name=CLASSICAL, architecture=CLASSICAL, origin=CLASSICAL_ORIGIN)
    return ModelVersion.objects.create(
        name=STARTER_NAME,
        checkpoint_sha256=digest,
        origin=STARTER_ORIGIN,
        parameters=parameters_of(settings.BASE_DIR / STARTER_FILE),
        size_bytes=(settings.BASE_DIR / STARTER_FILE).stat().st_size,
        stage=ModelVersion.Stage.CHAMPION,
    )


def card_of(version: ModelVersion) -> str:
    """What is told of the weights that ship with Tessera (Markdown); empty for others."""
    card = settings.BASE_DIR / STARTER_CARD
    ships = bool(version.checkpoint_sha256) and version.checkpoint_sha256 == starter_sha256()
    return card.read_text(encoding="utf-8") if ships and card.exists() else ""


def starter_sha256() -> str:
    """SHA-256 of the starter checkpoint's file, or empty where this installation has none."""
    path = settings.BASE_DIR / STARTER_FILE
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ""
    return _sha256(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=2)
def _sha256(path: Path, modified_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
