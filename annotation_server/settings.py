"""Every setting of the server, from the environment, documented where it is read."""

import hashlib
import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from annotation_server.environment import database_from_url, env_bool, env_int, env_list, env_text

BASE_DIR = Path(__file__).resolve().parent.parent

# TESSERA_HOME: the folder of the embedded database and files. Default: var/ beside manage.py.
HOME = Path(env_text("TESSERA_HOME", str(BASE_DIR / "var"))).resolve()

# TESSERA_DEMO=1: the one-command demo; allows a generated secret key kept in TESSERA_HOME.
DEMO = env_bool("TESSERA_DEMO", False)
# DEBUG=1: Django's error pages with code. Never in production.
DEBUG = env_bool("DEBUG", False)
TESTING = "PYTEST_VERSION" in os.environ


def _secret_key() -> str:
    """SECRET_KEY (or SECRET_KEY_FILE): required, except in the demo and in tests."""
    key = env_text("SECRET_KEY")
    if key:
        return key
    if TESTING:
        return "only-for-tests"
    if not DEMO and not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one with "
            '`python -c "import secrets; print(secrets.token_urlsafe(50))"` and keep it to yourself, '
            "or use `make demo`, which makes its own."
        )
    path = HOME / "secret_key"
    if not path.exists():
        import secrets

        HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret_key()

# ALLOWED_HOSTS: names this server answers to, comma-separated.
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# TESSERA_PUBLIC_URL: the address users type, needed behind a TLS proxy (https://…).
PUBLIC_URL = env_text("TESSERA_PUBLIC_URL")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "annotation_server.apps.TesseraConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "csp",
]
AUTH_USER_MODEL = "annotation_server.User"
MIGRATION_MODULES = {"annotation_server": "migrations.annotation_server"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotation_server.accounts.preferences.speak_their_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "annotation_server.urls"
WSGI_APPLICATION = "annotation_server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "annotation_server" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotation_server.accounts.preferences.for_page",
            ]
        },
    }
]

# DATABASE_URL: sqlite:////abs/path (default, in TESSERA_HOME) or postgresql://user:password@host/name.
DATABASES = {"default": database_from_url(env_text("DATABASE_URL", f"sqlite:///{HOME / 'tessera.sqlite3'}"))}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"
CSRF_FAILURE_VIEW = "annotation_server.pages.csrf_failure"

LANGUAGE_CODE = "en"
# Each but English has its catalogues in annotation_server/locale; docs/translating.md.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True


def _build_id(folder: Path) -> str:
    """Digest of the front end's files: static addresses change exactly when the files do."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        stat = path.stat()
        digest.update(f"{path.relative_to(folder)}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


FRONTEND_DIR = BASE_DIR / "frontend_static"
# The build id lies in the path, so that relative imports of ES modules need no rewriting and every
# file can be cached for ever.
STATIC_URL = f"/static/{_build_id(FRONTEND_DIR)}/"
STATICFILES_DIRS = [FRONTEND_DIR]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000

# TESSERA_MEDIA_ROOT: folder of images, tiles, predictions and releases, when no S3 bucket is named.
MEDIA_ROOT = Path(env_text("TESSERA_MEDIA_ROOT", str(HOME / "media"))).resolve()
# TESSERA_S3_BUCKET: keep files in this bucket instead; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
# AWS_DEFAULT_REGION and AWS_ENDPOINT_URL_S3 are boto3's own variables.
S3_BUCKET = env_text("TESSERA_S3_BUCKET")
_STATIC_STORAGE: dict[str, object] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": None},
    },
    "staticfiles": _STATIC_STORAGE,
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env_text("AWS_ENDPOINT_URL_S3") or None,
            "file_overwrite": True,
            "querystring_auth": True,
            "addressing_style": "path",
        },
    }

# TESSERA_MAX_UPLOAD_BYTES: the largest single image file taken by an upload (default 2 GiB).
MAX_UPLOAD_BYTES = env_int("TESSERA_MAX_UPLOAD_BYTES", 2 * 1024**3)
# TESSERA_MAX_CHECKPOINT_BYTES: the largest model checkpoint taken by an upload (default 4 GiB).
MAX_CHECKPOINT_BYTES = env_int("TESSERA_MAX_CHECKPOINT_BYTES", 4 * 1024**3)
# TESSERA_MAX_EVALUATION_BYTES: the largest file of masks taken to be evaluated (default 512 MiB).
MAX_EVALUATION_BYTES = env_int("TESSERA_MAX_EVALUATION_BYTES", 512 * 1024**2)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024**2
FILE_UPLOAD_TEMP_DIR = env_text("TESSERA_UPLOAD_TEMP") or None

# CELERY_BROKER_URL: redis://… or amqp://…; the demo starts a broker of its own and sets it.
CELERY_BROKER_URL = env_text("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")

# Attempts to log in and visits by a survey's link are counted by address for all web processes: in the
# Valkey that is named as the broker, else in files of TESSERA_HOME. All else that is kept is kept by process.
_COUNTS: dict[str, object] = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": str(HOME / "limits"),
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
if TESTING:
    _COUNTS = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}
elif env_text("CELERY_BROKER_URL").startswith(("redis://", "rediss://")):
    _COUNTS = {
        "BACKEND": "annotation_server.rate_limits.CountsInValkey",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "tessera",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": _COUNTS,
}

# TESSERA_LEASE_SECONDS: how long a claimed assignment stays claimed without a heartbeat.
LEASE_SECONDS = env_int("TESSERA_LEASE_SECONDS", 90)
# TESSERA_JOB_STALE_SECONDS: a running job without a heartbeat for so long is sent again.
JOB_STALE_SECONDS = env_int("TESSERA_JOB_STALE_SECONDS", 60)
# TESSERA_JOB_LOST_SECONDS: a job sent so long ago that no worker began is sent again, if its queue is dry.
JOB_LOST_SECONDS = env_int("TESSERA_JOB_LOST_SECONDS", 120)
JOB_MAX_ATTEMPTS = 3
# TESSERA_NIGHT_HOUR: when projects with enough newly accepted masks are trained, 0 to 23 in UTC.
NIGHT_HOUR = env_int("TESSERA_NIGHT_HOUR", 2)
if not 0 <= NIGHT_HOUR < 24:
    raise ImproperlyConfigured(f"TESSERA_NIGHT_HOUR={NIGHT_HOUR} is no hour of the day: write 0 to 23.")
# TESSERA_QUESTION_SECONDS: how long the editor waits for the model's answer to a click before it gives up.
QUESTION_SECONDS = env_int("TESSERA_QUESTION_SECONDS", 120)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotation_server.accounts.authentication.TokenAuthentication",
        "annotation_server.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["annotation_server.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotation_server.rendering.OrjsonParser"],
    "DEFAULT_PAGINATION_CLASS": "annotation_server.rendering.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "annotation_server.errors.answer",
    # TESSERA_PROXIES: how many trusted proxies add to X-Forwarded-For; with 0 the header is not believed.
    "NUM_PROXIES": env_int("TESSERA_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tessera",
    "DESCRIPTION": "Annotation of dense entity masks.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AnnotationState": "annotation_server.annotation.models.Annotation.State",
        "AssignmentState": "annotation_server.annotation.models.Assignment.State",
        "ImageState": "annotation_server.images.models.Image.State",
        "ReleaseState": "annotation_server.releases.models.Release.State",
        "WorkState": "annotation_server.requests.models.WorkState",
        "TermKind": "annotation_server.vocabulary.models.Term.Kind",
        "QuestionState": "annotation_server.requests.models.Question.State",
        "RequestKind": "annotation_server.requests.models.Request.Kind",
        "TrainingKind": "annotation_server.training.models.TrainingRun.Kind",
        "SurveyKind": "annotation_server.surveys.models.Survey.Kind",
        "SurveyState": "annotation_server.surveys.models.Survey.State",
        "StudyState": "annotation_server.consistency.models.Study.State",
        "TrainingState": "annotation_server.training.models.TrainingRun.State",
        "RevisionKind": "annotation_server.annotation.models.Revision.Kind",
        "AuthorKind": ["person", "model"],
    },
}

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/api/docs", "/admin"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # LOG_LEVEL: DEBUG, INFO, WARNING (default) or ERROR.
    "root": {"handlers": ["stderr"], "level": env_text("LOG_LEVEL", "WARNING")},
}
