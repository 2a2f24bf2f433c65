"""Entry point of the web process."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - loads every view now, before gunicorn forks, not at the first request
