"""Django's admin: every table, in the order data comes to be; what is history can only be read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from annotation_server import models

admin.site.site_header = admin.site.site_title = "Tessera"
admin.site.unregister(Group)


class ReadOnly(admin.ModelAdmin):
    """Rows that the rules of the product write; changing them here would break what they prove."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.User)
class Users(UserAdmin):
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")


@admin.register(models.ApiToken)
class ApiTokens(ReadOnly):
    """Tokens can be withdrawn here, not made: the key is shown only to whom asks for it."""

    list_display = ("user", "name", "created_at", "expires_at", "last_used_at")
    exclude = ("digest",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(models.AuditEvent)
class AuditEvents(ReadOnly):
    list_display = ("created_at", "actor", "verb", "target", "project")
    list_filter = ("verb", "project")


class Members(admin.TabularInline):
    model = models.Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(models.Project)
class Projects(admin.ModelAdmin):
    list_display = ("name", "min_coverage", "max_gap_px", "review_required", "created_at")
    search_fields = ("name",)
    inlines = (Members,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A project goes with all that was drawn in it; that is no click on a list."""
        return False


@admin.register(models.Request)
class Requests(ReadOnly):
    list_display = ("id", "kind", "project", "state", "done", "total", "created_by", "created_at")
    list_filter = ("kind", "state")


@admin.register(models.Job)
class Jobs(ReadOnly):
    list_display = ("id", "task", "queue", "state", "attempts", "heartbeat_at", "image")
    list_filter = ("task", "state")


@admin.register(models.Image)
class Images(ReadOnly):
    list_display = ("file_name", "project", "width", "height", "state", "split", "created_at")
    list_filter = ("state", "split", "project")
    search_fields = ("file_name", "checksum")


@admin.register(models.Term)
class Terms(admin.ModelAdmin):
    list_display = ("name", "project", "kind", "status", "parent")
    list_filter = ("status", "kind", "project")
    search_fields = ("name",)
    autocomplete_fields = ("parent",)
    readonly_fields = ("project", "created_by")


@admin.register(models.Question)
class Questions(ReadOnly):
    list_display = ("id", "task", "asker", "state", "attempts", "created_at")
    list_filter = ("state", "task")


@admin.register(models.ModelVersion)
class ModelVersions(admin.ModelAdmin):
    list_display = ("name", "project", "architecture", "stage", "created_at")
    list_filter = ("stage", "project")
    readonly_fields = ("checkpoint_key", "checkpoint_sha256")


@admin.register(models.Assignment)
class Assignments(ReadOnly):
    list_display = ("id", "image", "annotator", "round", "state", "lease_holder", "lease_expires_at")
    list_filter = ("state", "round")


@admin.register(models.Annotation)
class Annotations(ReadOnly):
    list_display = ("id", "image", "state", "assignment", "model_version", "revision_number", "mask_count")
    list_filter = ("state",)


@admin.register(models.LabelMap)
class LabelMaps(ReadOnly):
    list_display = ("annotation", "width", "height")
    exclude = ("tile_digests", "tile_versions")


@admin.register(models.Mask)
class Masks(ReadOnly):
    list_display = ("annotation", "number", "term", "area", "provenance", "score")
    list_filter = ("provenance",)


@admin.register(models.RejectedProposal)
class RejectedProposals(ReadOnly):
    list_display = ("annotation", "prediction", "number")


@admin.register(models.MaskVectors)
class VectorsOfMasks(ReadOnly):
    list_display = ("annotation", "model_sha256", "changed_at")
    exclude = ("numbers", "vectors")


@admin.register(models.TermVectors)
class VectorsOfTerms(ReadOnly):
    list_display = ("term", "model_sha256", "count")
    exclude = ("total", "squares")


@admin.register(models.Revision)
class Revisions(ReadOnly):
    list_display = ("annotation", "number", "kind", "author", "map_sha256", "created_at")
    list_filter = ("kind",)
    exclude = ("tile_changes",)


@admin.register(models.Review)
class Reviews(ReadOnly):
    list_display = ("annotation", "verdict", "reviewer", "created_at")
    list_filter = ("verdict",)


@admin.register(models.Comment)
class Comments(ReadOnly):
    list_display = ("annotation", "author", "number", "parent", "resolved_at", "created_at")


@admin.register(models.Sight)
class Sights(ReadOnly):
    list_display = ("person", "image", "first_seen_at")


@admin.register(models.Submission)
class Submissions(ReadOnly):
    list_display = ("annotation", "attempt", "annotator", "day", "masks", "verdict")
    list_filter = ("verdict", "project")


@admin.register(models.Study)
class Studies(ReadOnly):
    list_display = ("name", "project", "state", "annotators", "opened_at", "closed_at")
    list_filter = ("state", "project")


@admin.register(models.StudyImage)
class StudyImages(ReadOnly):
    list_display = ("study", "order", "image", "first", "revision")
    list_filter = ("study",)


@admin.register(models.StudyPart)
class StudyParts(ReadOnly):
    list_display = ("study_image", "phase", "place", "not_before", "assignment")
    list_filter = ("phase",)


@admin.register(models.Release)
class Releases(ReadOnly):
    list_display = ("name", "project", "state", "images", "masks", "merkle_root", "published_at")
    list_filter = ("state", "project")


@admin.register(models.EvaluationUpload)
class EvaluationUploads(ReadOnly):
    list_display = ("name", "project", "format", "state", "images", "masks", "created_at")
    list_filter = ("state", "format", "project")


@admin.register(models.EvaluationReport)
class EvaluationReports(ReadOnly):
    list_display = ("name", "project", "state", "truth_label", "found_label", "images", "created_at")
    list_filter = ("state", "project")


@admin.register(models.EvaluationComparison)
class EvaluationComparisons(ReadOnly):
    list_display = ("first", "second", "project", "state", "images", "created_at")
    list_filter = ("state", "project")


@admin.register(models.TrainingRun)
class TrainingRuns(ReadOnly):
    list_display = ("id", "project", "kind", "state", "started_from", "candidate", "images", "created_at")
    list_filter = ("state", "kind", "project")


@admin.register(models.ChampionChange)
class ChampionChanges(ReadOnly):
    list_display = ("created_at", "project", "before", "after", "cause", "actor")
    list_filter = ("cause", "project")


@admin.register(models.Survey)
class Surveys(ReadOnly):
    list_display = ("name", "project", "kind", "state", "images", "created_by", "created_at")
    list_filter = ("kind", "state", "project")


@admin.register(models.SurveyParticipant)
class SurveyParticipants(ReadOnly):
    list_display = ("survey", "number", "is_member", "joined_at", "finished_at")


@admin.register(models.SurveyItem)
class SurveyItems(ReadOnly):
    list_display = ("survey", "role", "image_number", "first", "second")
    list_filter = ("role",)


@admin.register(models.SurveyAnswer)
class SurveyAnswers(ReadOnly):
    list_display = ("participant", "item", "score", "choice", "changed_at")


@admin.register(models.AnnotatorDay)
class AnnotatorDays(ReadOnly):
    list_display = ("day", "project", "annotator", "images", "masks", "judged", "accepted")
    list_filter = ("project",)


@admin.register(models.Limits)
class AllLimits(ReadOnly):
    list_display = ("project", "counted_until", "worked_out_at")


@admin.register(models.Alarm)
class Alarms(ReadOnly):
    list_display = ("first_at", "project", "annotator", "measure", "rule", "acknowledged_at")
    list_filter = ("measure", "rule", "project")


@admin.register(models.HoneypotPolicy)
class HoneypotPolicies(ReadOnly):
    list_display = ("project", "mode", "share", "pass_pq")


@admin.register(models.Honeypot)
class Honeypots(ReadOnly):
    list_display = ("image", "project", "source", "state", "agreement", "created_at")
    list_filter = ("state", "source", "project")


@admin.register(models.HoneypotResult)
class HoneypotResults(ReadOnly):
    list_display = ("honeypot", "annotator", "scored_at", "pq", "passed")
    list_filter = ("passed",)
