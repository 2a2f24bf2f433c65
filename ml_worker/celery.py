"""The worker's Celery app: ``celery -A ml_worker.celery worker -Q ml -c 1``. It needs no Django."""

from celery import Celery

from ml_worker.config import WorkerConfig

# No fixups: Celery would set up Django wherever DJANGO_SETTINGS_MODULE happens to be in the environment.
app = Celery("ml_worker", include=["ml_worker.tasks"], fixups=[])
app.conf.update(
    broker_url=WorkerConfig.from_environment().broker_url,
    task_default_queue="ml",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    # A killed worker's message comes back, and the task finds what is done already.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # Longer than any prediction: on Redis a message unacknowledged for so long is delivered again.
    broker_transport_options={
        "visibility_timeout": 6 * 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    timezone="UTC",
)
