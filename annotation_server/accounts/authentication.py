"""Token and session authentication of the HTTP API."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request as HttpRequest

from annotation_server.accounts.models import ApiToken


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <key>`; keys are kept hashed and expire."""

    keyword = "Token"

    def authenticate(self, request: HttpRequest) -> tuple[Any, ApiToken] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != self.keyword:
            return None
        digest = ApiToken.digest_of(key.strip())
        tokens = ApiToken.objects.select_related("user").filter(digest=digest).order_by()
        token = next(iter(tokens), None)
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed(
                _("This token is not known. Log in again to get a new one.")
            )
        now = timezone.now()
        if token.expires_at <= now:
            raise exceptions.AuthenticationFailed(_("This token has expired. Log in again to get a new one."))
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 300:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: HttpRequest) -> str:
        return self.keyword


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with CSRF; answers 401, so that the editor can offer to log in again."""

    def enforce_csrf(self, request: Any) -> None:
        """Judge Django's own request: DRF's would look for a form in the body, which a save is not."""
        super().enforce_csrf(request._request)

    def authenticate_header(self, request: HttpRequest) -> str:
        return "Session"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's documentation describes tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`, from POST /api/v1/tokens.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    """How the API's documentation describes the browser's session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
