"""The server's Celery app: `celery -A annotation_server.celery worker -Q default`, and `… beat`."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")

app = Celery("tessera", include=["annotation_server.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue="default",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    # A job is done when the database says so; its message is kept until then and given back when a
    # worker dies. Tasks are idempotent, so a message that comes twice does nothing twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # Longer than any task: lost work is found by server.reap, not by this clock.
    broker_transport_options={
        "visibility_timeout": 6 * 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    timezone="UTC",
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "reap": {"task": "server.reap", "schedule": 15.0, "options": {"queue": "default", "expires": 15}},
        "quality": {
            "task": "server.keep_quality",
            "schedule": 900.0,
            "options": {"queue": "default", "expires": 900},
        },
        "night": {
            "task": "server.run_nights",
            "schedule": crontab(hour=settings.NIGHT_HOUR, minute=0),
            "options": {"queue": "default"},
        },
    },
)
