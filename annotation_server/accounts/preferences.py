"""How a person wants the product: language, theme, motion and keys; kept with the account, checked here."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework import serializers

from annotation_server.accounts.models import User
from annotation_server.translations.browser import catalogue_address

THEMES = ("dark", "light", "contrast", "system")
MOTIONS = ("system", "reduced")
PRESETS = ("tessera", "cvat")
DEFAULTS: dict[str, Any] = {"language": "", "theme": "", "motion": "system", "keys": {}}

MOST_CHANGED = 400
MOST_KEYS = 4
_ACTION = re.compile(r"[a-z][\w.-]{0,63}")
_COMBO = re.compile(r"[^\s<>]{1,40}( [^\s<>]{1,40})?")


class Keys(serializers.Serializer):
    """A preset and, by action, the keys that differ from it."""

    preset = serializers.ChoiceField(PRESETS, default="tessera")
    changed = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=81), max_length=MOST_KEYS),
        default=dict,
    )

    def validate_changed(self, changed: dict[str, list[str]]) -> dict[str, list[str]]:
        if len(changed) > MOST_CHANGED:
            raise serializers.ValidationError(_("These are more keys than there are actions."))
        for action, keys in changed.items():
            if not _ACTION.fullmatch(action):
                raise serializers.ValidationError(_("“%(action)s” is not an action.") % {"action": action})
            for key in keys:
                if not _COMBO.fullmatch(key):
                    raise serializers.ValidationError(_("“%(key)s” is not a key.") % {"key": key})
        return changed


class Preferences(serializers.Serializer):
    """What may be preferred; what is left out stays as it was."""

    # "": as the browser asks for it.
    language = serializers.ChoiceField([("", ""), *settings.LANGUAGES], required=False, allow_blank=True)
    theme = serializers.ChoiceField([("", ""), *THEMES], required=False, allow_blank=True)
    motion = serializers.ChoiceField(MOTIONS, required=False)
    keys = Keys(required=False)


def preferences_of(user: Any) -> dict[str, Any]:
    """Everything a person prefers, defaults filled in; the defaults for someone who is not logged in."""
    return {**DEFAULTS, **getattr(user, "preferences", {})}


@transaction.atomic
def prefer(user: User, changes: dict[str, Any]) -> User:
    """Change some of a person's preferences, leaving the others."""
    kept = User.objects.select_for_update().get(pk=user.pk)
    kept.preferences = {**kept.preferences, **changes}
    kept.save(update_fields=["preferences"])
    return kept


def speak_their_language(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: the account's language, else the cookie's, else the browser's."""

    def respond(request: HttpRequest) -> HttpResponse:
        with translation.override(_language_for(request)):
            response = answer(request)
            if response.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", translation.get_language() or "en")
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

    return respond


def _language_for(request: HttpRequest) -> str:
    chosen = preferences_of(request.user)["language"]
    return chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def for_page(request: HttpRequest) -> dict[str, Any]:
    """Template context: what the first paint needs, so that nothing flashes."""
    preferences = preferences_of(getattr(request, "user", None))
    cookie = request.COOKIES.get("theme", "")
    theme = preferences["theme"] or (cookie if cookie in THEMES else "dark")
    return {
        "preferences": {**preferences, "theme": theme},
        "languages": settings.LANGUAGES,
        "catalogue": catalogue_address(translation.get_language() or "en"),
    }
