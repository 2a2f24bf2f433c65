"""What evaluation reports, consistency studies, surveys and the quality of annotators keep."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation_server", "0003_models_and_training")]

    operations = [
        migrations.AlterField(
            model_name="assignment",
            name="round",
            field=models.CharField(
                choices=[
                    ("draw", "Draw and label"),
                    ("review", "Reviewer's own map"),
                    ("study", "Consistency study"),
                    ("names", "Consistency study: names"),
                    ("honeypot", "Honeypot"),
                ],
                default="draw",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="kind",
            field=models.CharField(
                choices=[
                    ("tile", "Prepare images"),
                    ("predict", "Pre-annotate images"),
                    ("release", "Build a release"),
                    ("train", "Train the model"),
                    ("import", "Import a model"),
                    ("embed", "Look at masks again"),
                    ("evaluate", "Evaluate"),
                    ("study", "Work out a study"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="EvaluationReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("truth", models.JSONField(help_text="The set that is taken for true: kind, and which.")),
                ("found", models.JSONField(help_text="The set that is judged: kind, and which.")),
                ("truth_label", models.CharField(max_length=300)),
                ("found_label", models.CharField(max_length=300)),
                ("split", models.CharField(blank=True, help_text="Empty: all images.", max_length=8)),
                ("options", models.JSONField(default=dict, help_text="overlap, void, similarity, boundary.")),
                (
                    "inputs_sha256",
                    models.CharField(blank=True, help_text="Of the frozen inputs' file.", max_length=64),
                ),
                ("images", models.PositiveIntegerField(default=0, help_text="Measured.")),
                (
                    "left_out",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{kind, count, examples}]: images that were not measured, or how.",
                    ),
                ),
                (
                    "headline",
                    models.JSONField(blank=True, default=dict, help_text="The figures that lists show."),
                ),
                ("figures", models.JSONField(blank=True, default=dict, help_text="All figures.")),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluation_reports",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="evaluation_report",
                        to="annotation_server.request",
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        blank=True,
                        help_text="An earlier report of the same inputs, whose figures were taken.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="annotation_server.evaluationreport",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationComparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                (
                    "images",
                    models.PositiveIntegerField(default=0, help_text="That both have, with the same truth."),
                ),
                ("figures", models.JSONField(blank=True, default=dict)),
                ("verdict", models.TextField(blank=True, help_text="What the figures say, in a sentence.")),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluation_comparisons",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="evaluation_comparison",
                        to="annotation_server.request",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="annotation_server.evaluationreport",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="annotation_server.evaluationreport",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "format",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("coco_instances", "COCO instances"),
                            ("coco_results", "COCO results"),
                            ("coco_panoptic", "COCO panoptic"),
                            ("entityseg", "EntitySeg"),
                        ],
                        help_text="Empty until it is read.",
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                (
                    "file_key",
                    models.CharField(blank=True, help_text="Storage key until it is read.", max_length=255),
                ),
                (
                    "sha256",
                    models.CharField(blank=True, help_text="Of the file as it was uploaded.", max_length=64),
                ),
                (
                    "images",
                    models.PositiveIntegerField(
                        default=0, help_text="Of this project that it says something of."
                    ),
                ),
                ("masks", models.PositiveBigIntegerField(default=0)),
                (
                    "problems",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{kind, count, examples}]: what was left out or changed.",
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluation_uploads",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="evaluation_upload",
                        to="annotation_server.request",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="evaluationreport",
            index=models.Index(fields=["inputs_sha256"], name="report_by_inputs"),
        ),
    ]
