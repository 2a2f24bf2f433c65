"""The browser's catalogue: one small script per language, cached for ever under its digest."""

import gzip
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import read_mo
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import to_locale
from django.views.decorators.http import require_safe

from annotation_server.translations.compile import LOCALE

# In the order in which gettext numbers the plural forms of a language that has them.
CATEGORIES = ("zero", "one", "two", "few", "many", "other")


def catalogue_address(language: str) -> str | None:
    """Where the catalogue of a language is; None for English, the language of the code."""
    source = _compiled(language)
    if source is None:
        return None
    return reverse("catalogue", args=[language, _script(source, source.stat().st_mtime_ns)[0]])


@require_safe
def catalogue(request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """The script that hands the page its sentences; an old digest gets the present catalogue, uncached."""
    source = _compiled(language)
    if source is None:
        raise Http404
    current, packed = _script(source, source.stat().st_mtime_ns)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, content_type="text/javascript; charset=utf-8")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(packed), content_type="text/javascript; charset=utf-8")
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=31536000, immutable" if digest == current else "no-cache"
    return response


def sentences_of(source: Path) -> dict[str, str | dict[str, str]]:
    """Translations by their English sentence; those about a count by CLDR plural category."""
    with source.open("rb") as file:
        messages = read_mo(file)
    categories = _categories(source.parts[-3])
    found: dict[str, str | dict[str, str]] = {}
    for message in messages:
        if not message.id or not message.string:
            continue
        if isinstance(message.id, str):
            found[message.id] = str(message.string)
        else:
            found[message.id[0]] = dict(zip(categories, message.string, strict=False))
    return found


def _categories(locale: str) -> list[str]:
    tags = Locale.parse(locale).plural_form.tags | {"other"}
    return [category for category in CATEGORIES if category in tags]


def _compiled(language: str) -> Path | None:
    if language not in dict(settings.LANGUAGES):
        return None
    source = LOCALE / to_locale(language) / "LC_MESSAGES" / "djangojs.mo"
    return source if source.exists() else None


@lru_cache(maxsize=8)
def _script(source: Path, changed_at: int) -> tuple[str, bytes]:
    """Digest and gzipped script of a catalogue as it was written at that time (ns)."""
    words = json.dumps(sentences_of(source), ensure_ascii=False, separators=(",", ":"))
    script = f"globalThis.tesseraCatalogue={words};".encode()
    return hashlib.sha256(script).hexdigest()[:12], gzip.compress(script)


urlpatterns = [path("catalogue/<slug:language>-<slug:digest>.js", catalogue, name="catalogue")]
