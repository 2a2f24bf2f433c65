"""What training, nightly retraining and imported models keep."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation_server", "0002_the_mask_editor")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="share",
            field=models.FloatField(
                default=0.0, help_text="Of its request's work, 0 to 1; 0: all jobs are alike."
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="furthest",
            field=models.FloatField(default=0.0, help_text="The progress of its earlier attempts, at most."),
        ),
        migrations.AddField(
            model_name="job",
            name="in_vain",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Attempts since one got further than those before it."
            ),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="figures",
            field=models.JSONField(
                blank=True, default=dict, help_text="Of its last evaluation: AP and others."
            ),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="parameters",
            field=models.PositiveBigIntegerField(blank=True, help_text="Empty: not counted.", null=True),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="size_bytes",
            field=models.PositiveBigIntegerField(
                blank=True, help_text="Of the checkpoint's file; empty: not known.", null=True
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="retrain_min_masks",
            field=models.PositiveIntegerField(
                default=500, help_text="Masks that must be newly accepted since the last training."
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="retrain_nightly",
            field=models.BooleanField(
                default=True, help_text="The champion is trained on newly accepted masks at night."
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="retrain_steps",
            field=models.PositiveIntegerField(
                default=0, help_text="Steps of one training; 0: as many as the number of images asks for."
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
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="ChampionChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("trained", "Better than the champion before"),
                            ("chosen", "Chosen by a person"),
                            ("rolled_back", "Rolled back"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="annotation_server.modelversion",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
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
                        related_name="champion_changes",
                        to="annotation_server.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="TrainingRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("nightly", "At night"), ("manual", "By hand")],
                        default="nightly",
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("gathering", "Gathering examples"),
                            ("training", "Training"),
                            ("evaluating", "Evaluating"),
                            ("comparing", "Comparing"),
                            ("promoted", "Promoted"),
                            ("kept", "Champion kept"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="gathering",
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it was promoted, kept, or failed.")),
                ("images", models.PositiveIntegerField(default=0, help_text="Trained on.")),
                ("masks", models.PositiveBigIntegerField(default=0, help_text="Trained on.")),
                (
                    "left_out",
                    models.PositiveIntegerField(
                        default=0, help_text="Images of split train that an open study held back."
                    ),
                ),
                (
                    "judged_images",
                    models.PositiveIntegerField(default=0, help_text="Of split val, evaluated on."),
                ),
                (
                    "examples_sha256",
                    models.CharField(blank=True, help_text="Of the frozen examples.", max_length=64),
                ),
                ("seed", models.PositiveBigIntegerField(default=0)),
                (
                    "config",
                    models.JSONField(blank=True, default=dict, help_text="Settings that somebody chose."),
                ),
                (
                    "outcome",
                    models.JSONField(
                        blank=True, default=dict, help_text="What the trainer says of its work."
                    ),
                ),
                (
                    "figures",
                    models.JSONField(blank=True, default=dict, help_text="Champion beside candidate."),
                ),
                (
                    "worst",
                    models.JSONField(
                        blank=True, default=list, help_text="The images the candidate does worst."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "champion",
                    models.ForeignKey(
                        blank=True,
                        help_text="Champion when the candidate was there; it is judged beside this one.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="annotation_server.modelversion",
                    ),
                ),
                (
                    "candidate",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="trained_by",
                        to="annotation_server.modelversion",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
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
                        related_name="training_runs",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose annotations it learns from; empty: those accepted when it began.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="training_runs",
                        to="annotation_server.release",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="training_run",
                        to="annotation_server.request",
                    ),
                ),
                (
                    "started_from",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="annotation_server.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ("gathering", "training", "evaluating", "comparing"))
                        ),
                        fields=("project",),
                        name="one_open_training_per_project",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="annotation",
            name="is_measured",
            field=models.BooleanField(
                default=True,
                help_text="False: agreement and names are to be worked out since it was submitted.",
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(is_measured=False), fields=["submitted_at"], name="annotation_to_measure"
            ),
        ),
    ]
