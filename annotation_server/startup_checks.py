"""What must be right before Tessera starts, each with what to do about it (`manage.py check`)."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

SHORTEST_KEY = 32


@register
def secret_key_is_strong(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.TESTING or len(settings.SECRET_KEY) >= SHORTEST_KEY:
        return []
    return [
        Warning(
            f"SECRET_KEY has only {len(settings.SECRET_KEY)} characters.",
            hint='Make one with `python -c "import secrets; print(secrets.token_urlsafe(50))"`.',
            id="tessera.W001",
        )
    ]


@register
def viewer_is_installed(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if (settings.FRONTEND_DIR / "vendor/openseadragon/openseadragon.min.js").exists():
        return []
    return [
        Error(
            "OpenSeadragon is missing, so the editor cannot show pictures.",
            hint="Run `make setup`, or `npm ci` in the repository.",
            id="tessera.E001",
        )
    ]


@register
def files_can_be_kept(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.S3_BUCKET:
        return _problems_with_s3()
    try:
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [_not_writable(error)]
    return [] if os.access(settings.MEDIA_ROOT, os.W_OK) else [_not_writable("permission denied")]


def _not_writable(reason: object) -> Error:
    return Error(
        f"Files cannot be written to {settings.MEDIA_ROOT}: {reason}.",
        hint="Point TESSERA_MEDIA_ROOT (or TESSERA_HOME) at a folder that this user may write.",
        id="tessera.E002",
    )


def _problems_with_s3() -> list[CheckMessage]:
    missing = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not os.environ.get(name)]
    if not missing:
        return []
    return [
        Warning(
            f"TESSERA_S3_BUCKET is set but {' and '.join(missing)} are not.",
            hint="Set them, unless this machine has a role that lets it into the bucket.",
            id="tessera.W002",
        )
    ]


@register
def pictures_can_be_decoded(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        import pyvips  # noqa: F401 - loads libvips, which is what is being tried
    except (ImportError, OSError) as error:
        return [
            Error(
                f"libvips does not load: {error}.",
                hint="Run `make setup` (pyvips-binary), or install libvips 8.15 or newer.",
                id="tessera.E003",
            )
        ]
    return []
