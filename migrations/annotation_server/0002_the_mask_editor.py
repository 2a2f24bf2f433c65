"""What the mask editor, review and the work pages keep beyond the main job."""

import unicodedata
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def normalised(name: str) -> str:
    """As `vocabulary/models.py` had it when this was written."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def fill_search_text(apps: Any, schema_editor: Any) -> None:
    """Normalise the names and aliases of the terms there are."""
    terms = apps.get_model("annotation_server", "Term")
    for term in terms.objects.iterator(chunk_size=2000):
        term.search_text = "\n".join(map(normalised, [term.name, *term.aliases]))
        term.save(update_fields=["search_text"])


def say_where_proposals_came_from(apps: Any, schema_editor: Any) -> None:
    """Annotations that began as copies of a prediction kept its numbers."""
    masks = apps.get_model("annotation_server", "Mask").objects
    annotations = apps.get_model("annotation_server", "Annotation").objects
    started = annotations.filter(prediction__isnull=False).values_list("pk", "prediction_id")
    for annotation, prediction in started.iterator():
        copied = masks.filter(annotation_id=annotation, provenance__in=("model", "edited"))
        copied.update(source_id=prediction, source_number=models.F("number"))
    if schema_editor.connection.vendor == "postgresql":
        # Tables with constraints still to be checked cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("annotation_server", "0001_the_main_job")]
    operations: list[Any] = [
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(help_text="The ML worker's task name.", max_length=64)),
                ("payload", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("answered", "Answered"), ("failed", "Failed")],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                (
                    "answer_key",
                    models.CharField(help_text="Storage key of what the worker answers.", max_length=255),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=1, help_text="How often it was asked."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the broker last took it; empty: it has not yet.",
                        null=True,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="annotation_server.project",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["asker", "created_at"], name="question_by_asker"),
                    models.Index(fields=["state"], name="question_by_state"),
                ],
            },
        ),
        migrations.AddField(
            model_name="annotation",
            name="original",
            field=models.ForeignKey(
                blank=True,
                help_text="The submitted annotation that this reviewer's map corrects.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="review_maps",
                to="annotation_server.annotation",
            ),
        ),
        migrations.AddField(
            model_name="annotation",
            name="original_revision",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Revision of the original that the reviewer's map started from.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="comments",
            field=models.JSONField(default=list, help_text="Ids of the comments that were open then."),
        ),
        migrations.AlterField(
            model_name="annotation",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Being drawn"),
                    ("submitted", "Waiting for review"),
                    ("returned", "Returned"),
                    ("accepted", "Accepted"),
                    ("replaced", "Replaced by a reviewer's map"),
                    ("frozen", "Frozen prediction"),
                ],
                default="draft",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="round",
            field=models.CharField(
                choices=[
                    ("draw", "Draw and label"),
                    ("review", "Reviewer's own map"),
                    ("study", "Consistency study"),
                ],
                default="draw",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "In work"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned"),
                    ("accepted", "Accepted"),
                    ("replaced", "Replaced by a reviewer's map"),
                    ("dropped", "Given back"),
                ],
                default="open",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("accept", "Accepted"),
                    ("return", "Returned"),
                    ("replace", "Replaced by a corrected map"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(blank=True, help_text="The entity it is about.", null=True),
                ),
                (
                    "box",
                    models.JSONField(
                        blank=True, help_text="[x, y, width, height] px of the image.", null=True
                    ),
                ),
                ("text", models.TextField()),
                (
                    "revision_number",
                    models.PositiveIntegerField(help_text="The revision its author was looking at."),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "annotation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="annotation_server.annotation",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        help_text="The remark this answers; answers have no place and no answers of their own.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="annotation_server.comment",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(
                                ("box__isnull", True), ("number__isnull", True), ("resolved_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="an_answer_has_no_place_of_its_own",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="preferences",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="annotation",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Being drawn"),
                    ("submitted", "Waiting for review"),
                    ("returned", "Returned"),
                    ("accepted", "Accepted"),
                    ("replaced", "Replaced by a reviewer's map"),
                    ("frozen", "Frozen prediction"),
                    ("dropped", "Given back"),
                ],
                default="draft",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="annotation",
            name="mean_score",
            field=models.FloatField(
                blank=True, help_text="Mean score of a prediction's masks, 0 to 1.", null=True
            ),
        ),
        migrations.AddField(
            model_name="annotation",
            name="agreement",
            field=models.FloatField(
                blank=True,
                help_text="With another annotation of the image, 0 to 1; else with its prediction.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("state", "submitted")),
                fields=["submitted_at"],
                name="annotation_waiting_for_review",
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("agreement__isnull", False)),
                fields=["agreement"],
                name="annotation_by_agreement",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["project", "created_at"], name="image_by_project_time"),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["project", "file_name"], name="image_by_project_name"),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                models.F("project"), models.F("width") * models.F("height"), name="image_by_project_pixels"
            ),
        ),
        migrations.RemoveIndex(model_name="mask", name="mask_by_term"),
        migrations.AddIndex(
            model_name="mask",
            index=models.Index(fields=["term", "annotation"], name="mask_by_term_annotation"),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(fields=["author", "created_at"], name="revision_by_author_time"),
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(help_text="1, and one more each time it was returned."),
                ),
                ("is_latest", models.BooleanField(default=True)),
                ("day", models.DateField()),
                ("submitted_at", models.DateTimeField()),
                ("masks", models.PositiveIntegerField()),
                ("kept", models.PositiveIntegerField()),
                ("edited", models.PositiveIntegerField()),
                ("drawn", models.PositiveIntegerField()),
                ("rejected", models.PositiveIntegerField()),
                ("pixels", models.PositiveBigIntegerField()),
                ("void_px", models.PositiveBigIntegerField()),
                (
                    "active_ms",
                    models.PositiveBigIntegerField(help_text="Time at work since the last submission."),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accept", "Accepted"),
                            ("return", "Returned"),
                            ("replace", "Replaced by a corrected map"),
                        ],
                        max_length=16,
                    ),
                ),
                ("verdict_day", models.DateField(blank=True, null=True)),
                (
                    "annotation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="annotation_server.annotation",
                    ),
                ),
                (
                    "annotator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose prediction it started from.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="annotation_server.modelversion",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["project", "day", "annotator"], name="submission_by_project_day"),
                    models.Index(fields=["project", "verdict_day"], name="submission_by_verdict_day"),
                    models.Index(fields=["annotator", "day"], name="submission_by_person_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("annotation", "attempt"), name="an_attempt_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="term",
            name="search_text",
            field=models.TextField(default="", editable=False, help_text="Name and aliases, normalised."),
        ),
        migrations.RunPython(fill_search_text, migrations.RunPython.noop),
        migrations.CreateModel(
            name="MaskVectors",
            fields=[
                (
                    "annotation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="vectors",
                        serialize=False,
                        to="annotation_server.annotation",
                    ),
                ),
                (
                    "map_sha256",
                    models.CharField(help_text="The label map the masks were taken from.", max_length=64),
                ),
                ("model_sha256", models.CharField(help_text="The weights that saw them.", max_length=64)),
                ("numbers", models.BinaryField(help_text="n × u16 LE: the masks' numbers, ascending.")),
                ("vectors", models.BinaryField(help_text="n × d float16 LE.")),
                ("counted", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="TermVectors",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model_sha256", models.CharField(max_length=64)),
                ("count", models.PositiveBigIntegerField(default=0)),
                ("total", models.BinaryField(help_text="d × float64 LE.")),
                ("squares", models.BinaryField(help_text="d × float64 LE.")),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vectors",
                        to="annotation_server.term",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("term", "model_sha256"), name="a_term_once_per_model")
                ],
            },
        ),
        migrations.AddField(
            model_name="annotation",
            name="alternatives_key",
            field=models.CharField(
                blank=True,
                help_text="Storage key of what the model saw besides; predictions only.",
                max_length=255,
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="source",
            field=models.ForeignKey(
                blank=True,
                help_text="The prediction it was taken from.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotation_server.annotation",
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="source_number",
            field=models.PositiveIntegerField(
                default=0, help_text="Its number there; 0: one of the model's candidates, which have none."
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="changed_share",
            field=models.FloatField(
                blank=True,
                help_text="At submission: pixels gained or lost since it was taken, of those in either.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="strokes",
            field=models.PositiveIntegerField(default=0, help_text="Gestures that changed its pixels."),
        ),
        migrations.AddField(
            model_name="mask",
            name="active_ms",
            field=models.PositiveBigIntegerField(default=0, help_text="Time a person worked on it."),
        ),
        migrations.RunPython(say_where_proposals_came_from, migrations.RunPython.noop),
        migrations.AddField(
            model_name="project",
            name="annotations_start",
            field=models.CharField(
                choices=[
                    ("filled", "Filled with the model's proposals"),
                    ("empty", "Empty, with the model's proposals to choose from"),
                ],
                default="filled",
                help_text="What an annotator finds on an image that a model has predicted.",
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="RejectedProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="Its number in the prediction.")),
                (
                    "annotation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_proposals",
                        to="annotation_server.annotation",
                    ),
                ),
                (
                    "prediction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejections",
                        to="annotation_server.annotation",
                    ),
                ),
            ],
            options={
                "ordering": ["annotation", "prediction", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("annotation", "prediction", "number"), name="a_proposal_is_rejected_once"
                    )
                ],
            },
        ),
    ]
