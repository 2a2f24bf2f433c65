"""`/api/v1/tokens`, `/session`, `/me` and `/users`: who is asking."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.db.models import Q, QuerySet
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.accounts import login_attempts
from annotation_server.accounts.authentication import SessionAuthentication
from annotation_server.accounts.models import ApiToken, User
from annotation_server.accounts.preferences import Preferences, prefer, preferences_of
from annotation_server.errors import NotAllowed, NotFound, Refused

SHORTEST_SEARCH = 2
MOST_FOUND = 20


class Credentials(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, write_only=True)


class TokenInput(Credentials):
    name = serializers.CharField(max_length=100, default="", allow_blank=True)


class TokenAnswer(serializers.Serializer):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MembershipOfMine(serializers.Serializer):
    project = serializers.IntegerField(source="project_id")
    role = serializers.CharField()


class Me(serializers.ModelSerializer):
    """The person who asks."""

    name = serializers.CharField(source="display_name")
    memberships = MembershipOfMine(many=True)
    csrf_token = serializers.SerializerMethodField()
    preferences = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "username", "name", "is_staff", "csrf_token", "memberships", "preferences")

    def get_csrf_token(self, user: User) -> str:
        return get_token(self.context["request"])

    @extend_schema_field(Preferences)
    def get_preferences(self, user: User) -> dict[str, Any]:
        return preferences_of(user)


class MyChanges(serializers.Serializer):
    """What people change about their own account."""

    preferences = Preferences()


class UserRow(serializers.ModelSerializer):
    """An account as admins see it when they add members."""

    name = serializers.CharField(source="display_name")

    class Meta:
        model = User
        fields = ("id", "username", "name")


class SessionState(serializers.Serializer):
    authenticated = serializers.BooleanField()
    csrf_token = serializers.CharField()


class TokenRow(serializers.ModelSerializer):
    """One of one's tokens, without the key, which nobody can read again."""

    class Meta:
        model = ApiToken
        fields = ("id", "name", "created_at", "expires_at", "last_used_at")
        read_only_fields = ("id", "created_at", "expires_at", "last_used_at")


class TokenList(APIView):
    """One's tokens; a new one is got with the password alone."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._gets_one() else super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self._gets_one() else list(super().get_permissions())

    def _gets_one(self) -> bool:
        return getattr(self.request, "method", "") == "POST"

    @extend_schema(responses=TokenRow(many=True))
    def get(self, request: Request) -> Response:
        rows = TokenRow(ApiToken.objects.filter(user=request.user.pk), many=True).data
        return Response({"count": len(rows), "next": None, "previous": None, "results": rows})

    @extend_schema(request=TokenInput, responses={201: TokenAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = _user_of(request, given.validated_data)
        token, key = ApiToken.issue(user, name=given.validated_data["name"])
        return Response({"token": key, "expires_at": token.expires_at}, status=status.HTTP_201_CREATED)


class TokenOne(APIView):
    """One of one's tokens: name it, or revoke it."""

    @extend_schema(request=TokenRow, responses=TokenRow)
    def patch(self, request: Request, token_id: int) -> Response:
        given = TokenRow(self._find(request, token_id), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        given.save()
        return Response(given.data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        self._find(request, token_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, request: Request, token_id: int) -> ApiToken:
        token = ApiToken.objects.filter(pk=token_id, user=request.user.pk).first()
        if token is None:
            raise NotFound(_("You have no such token."))
        return token


class CurrentToken(APIView):
    """The token this request bears."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        if not isinstance(request.auth, ApiToken):
            raise NotFound(_("This request bears no token; it is a browser's session."))
        request.auth.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Session(APIView):
    """The browser's session: the log-in dialog inside the editor uses it."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=SessionState, auth=[])
    def get(self, request: Request) -> Response:
        state = {"authenticated": request.user.is_authenticated, "csrf_token": get_token(request)}
        return Response(SessionState(state).data)

    @extend_schema(request=Credentials, responses=Me, auth=[])
    def post(self, request: Request) -> Response:
        # REST framework checks CSRF for those who are logged in; here it matters before that.
        SessionAuthentication().enforce_csrf(request)
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = _user_of(request, given.validated_data)
        login(request._request, user)
        return Response(Me(user, context={"request": request}).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeOne(APIView):
    """Who is asking, and in which projects they work."""

    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        return Response(Me(request.user, context={"request": request}).data)

    @extend_schema(request=MyChanges, responses=Me)
    def patch(self, request: Request) -> Response:
        """Change some of one's preferences: language, theme, motion, keys."""
        given = MyChanges(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        user = prefer(request.user, given.validated_data["preferences"])
        return Response(Me(user, context={"request": request}).data)


class UserList(generics.ListAPIView):
    """Accounts by name, for admins of some project who add members; at least two letters."""

    queryset = User.objects.none()
    serializer_class = UserRow
    filter_backends = ()
    pagination_class = None

    @extend_schema(parameters=[OpenApiParameter("search", str, required=True)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = UserRow(self.get_queryset(), many=True).data
        return Response({"count": len(rows), "next": None, "previous": None, "results": rows})

    def get_queryset(self) -> QuerySet[User]:
        asking = self.request.user
        assert isinstance(asking, User)
        if not (asking.is_staff or asking.memberships.filter(role="admin").exists()):
            raise NotAllowed(_("Only admins of a project look up accounts."))
        text = self.request.query_params.get("search", "").strip()
        if len(text) < SHORTEST_SEARCH or "\0" in text:
            raise Refused(
                _("Search with at least %(shortest_search)s letters of the name.")
                % {"shortest_search": SHORTEST_SEARCH},
                code="invalid",
            )
        named = Q(username__icontains=text) | Q(first_name__icontains=text) | Q(last_name__icontains=text)
        return User.objects.filter(named, is_active=True).order_by("username")[:MOST_FOUND]


def _user_of(request: Request, given: dict[str, Any]) -> User:
    """The account of these credentials; failures are counted and slow an address down."""
    if wait := login_attempts.seconds_to_wait(request):
        raise Throttled(
            wait,
            _("Too many failed log-ins from this address. Try again in %(wait)s seconds.") % {"wait": wait},
        )
    user = None
    if "\0" not in given["username"]:
        user = authenticate(request._request, username=given["username"], password=given["password"])
    if not isinstance(user, User):
        login_attempts.note_failure(request)
        raise Refused(_("The user name or the password is not right."), code="wrong_credentials")
    return user


urlpatterns = [
    path("tokens", TokenList.as_view()),
    path("tokens/current", CurrentToken.as_view()),
    path("tokens/<int:token_id>", TokenOne.as_view()),
    path("session", Session.as_view()),
    path("me", MeOne.as_view()),
    path("users", UserList.as_view()),
]
