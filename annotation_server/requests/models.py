"""The truth about long work: what was asked for, how far it is, and each job's attempts."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class WorkState(models.TextChoices):
    """Where a request or a job stands; the last three are final."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def open_states(cls) -> list[str]:
        return [cls.QUEUED, cls.RUNNING]


class Request(models.Model):
    """One piece of long work that a person or the clock asked for; it has one or more jobs."""

    class Kind(models.TextChoices):
        TILE = "tile", "Prepare images"
        PREDICT = "predict", "Pre-annotate images"
        RELEASE = "release", "Build a release"
        TRAIN = "train", "Train the model"
        IMPORT = "import", "Import a model"
        EMBED = "embed", "Look at masks again"
        EVALUATE = "evaluate", "Evaluate"
        STUDY = "study", "Work out a study"
        SURVEY = "survey", "Prepare a survey"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="requests"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=WorkState, default=WorkState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "state"], name="request_by_project_state")]

    def __str__(self) -> str:
        return f"{self.kind} request {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in WorkState.open_states()


class Job(models.Model):
    """One unit of a request's work: sent to a queue, kept alive by heartbeats, retried a few times."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="jobs")
    image = models.ForeignKey(
        "annotation_server.Image", null=True, blank=True, on_delete=models.CASCADE, related_name="jobs"
    )
    task = models.CharField(max_length=64, help_text="Celery task name.")
    queue = models.CharField(max_length=32, default="default")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=WorkState, default=WorkState.QUEUED)
    progress = models.FloatField(default=0.0, help_text="0 to 1.")
    share = models.FloatField(default=0.0, help_text="Of its request's work, 0 to 1; 0: all jobs are alike.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began it.")
    furthest = models.FloatField(default=0.0, help_text="The progress of its earlier attempts, at most.")
    in_vain = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts since one got further than those before it."
    )
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the broker last took its message; empty: it has not yet."
    )
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="job_by_state_heartbeat")]

    def __str__(self) -> str:
        return f"{self.task} job {self.pk} ({self.state})"


class Question(models.Model):
    """Something a person waits for in the browser, answered by the ML worker within seconds."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="questions"
    )
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="questions")
    task = models.CharField(max_length=64, help_text="The ML worker's task name.")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    answer_key = models.CharField(max_length=255, help_text="Storage key of what the worker answers.")
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=1, help_text="How often it was asked.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the broker last took it; empty: it has not yet."
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["asker", "created_at"], name="question_by_asker"),
            models.Index(fields=["state"], name="question_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.task} question {self.pk} ({self.state})"
