"""What evaluation reports, consistency studies, surveys and the quality of annotators keep."""

import django.core.validators
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
                    ("survey", "Prepare a survey"),
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
                        help_text="[{kind, count, examples}] of images, and why.",
                    ),
                ),
                (
                    "headline",
                    models.JSONField(blank=True, default=dict, help_text="The figures that lists show."),
                ),
                ("figures", models.JSONField(blank=True, default=dict, help_text="All figures.")),
                (
                    "names",
                    models.JSONField(
                        blank=True, default=dict, help_text="What figures speak of: name by id."
                    ),
                ),
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
        migrations.CreateModel(
            name="Survey",
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
                        choices=[
                            ("satisfaction", "Satisfaction, 0 to 10"),
                            ("preference", "Preference, A or B"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "Being prepared"),
                            ("ready", "Ready to open"),
                            ("open", "Open"),
                            ("closed", "Closed"),
                            ("failed", "Failed"),
                        ],
                        default="preparing",
                        max_length=16,
                    ),
                ),
                ("error", models.TextField(blank=True, help_text="Why it could not be prepared.")),
                (
                    "name",
                    models.CharField(help_text="For the project; participants never see it.", max_length=100),
                ),
                (
                    "title",
                    models.CharField(blank=True, help_text="What participants read above.", max_length=100),
                ),
                (
                    "definition",
                    models.TextField(blank=True, help_text="What an entity is, told with every picture."),
                ),
                (
                    "consent",
                    models.TextField(blank=True, help_text="What participants agree to before they begin."),
                ),
                ("asks_name", models.BooleanField(default=False, help_text="Participants may say a name.")),
                (
                    "split",
                    models.CharField(blank=True, help_text="Draw only images of this split.", max_length=8),
                ),
                ("size", models.PositiveIntegerField(help_text="Images asked for; there may be fewer.")),
                ("seed", models.PositiveBigIntegerField(help_text="Of the draw of images.")),
                (
                    "secret",
                    models.CharField(
                        editable=False, help_text="Decides order and sides; told to nobody.", max_length=64
                    ),
                ),
                (
                    "identical_checks",
                    models.PositiveSmallIntegerField(default=0, help_text="Pairs of the same picture."),
                ),
                (
                    "broken_checks",
                    models.PositiveSmallIntegerField(default=0, help_text="Maps moved out of place."),
                ),
                (
                    "allowed_failures",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Whoever fails more attention checks is left out of the results."
                    ),
                ),
                ("max_participants", models.PositiveIntegerField(default=200)),
                (
                    "sets",
                    models.JSONField(default=list, help_text="[{kind, …}], in the order of their numbers."),
                ),
                (
                    "inputs",
                    models.JSONField(
                        default=list,
                        help_text="[{image, maps: [{annotation, revision, sha256}]}], fixed at preparation.",
                    ),
                ),
                ("inputs_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "images",
                    models.PositiveIntegerField(
                        default=0, help_text="Drawn; those of attention checks not counted."
                    ),
                ),
                (
                    "link_digest",
                    models.CharField(
                        blank=True, editable=False, help_text="SHA-256 of the key.", max_length=64
                    ),
                ),
                ("link_expires_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                        related_name="surveys",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="survey",
                        to="annotation_server.request",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SurveyItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("regular", "Counted"),
                            ("identical", "Attention check: twice the same"),
                            ("broken", "Attention check: moved out of place"),
                        ],
                        default="regular",
                        max_length=16,
                    ),
                ),
                (
                    "image_number",
                    models.PositiveBigIntegerField(help_text="The image's id, kept when the image goes."),
                ),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("width", models.PositiveIntegerField(help_text="px, of its pictures")),
                ("height", models.PositiveIntegerField(help_text="px, of its pictures")),
                (
                    "first",
                    models.PositiveSmallIntegerField(
                        help_text="Number of the set shown, or of one of the two."
                    ),
                ),
                (
                    "second",
                    models.PositiveSmallIntegerField(
                        help_text="The other set; empty where one picture is shown or the other is a check's.",
                        null=True,
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="annotation_server.image",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="annotation_server.survey",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SurveyParticipant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="Pseudonym: the how-manieth to begin.")),
                ("is_member", models.BooleanField(default=False)),
                (
                    "key_digest",
                    models.CharField(
                        blank=True, editable=False, help_text="SHA-256 of the cookie's key.", max_length=64
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="As they call themselves, if asked.", max_length=80
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(auto_now_add=True, help_text="When they agreed to take part."),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="annotation_server.survey",
                    ),
                ),
                (
                    "user",
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
                "ordering": ["survey", "number"],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        null=True, validators=[django.core.validators.MaxValueValidator(10)]
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first", "The first set"),
                            ("second", "The second set"),
                            ("same", "No difference"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "first_was_left",
                    models.BooleanField(help_text="Where the first set was shown.", null=True),
                ),
                ("comment", models.TextField(blank=True)),
                (
                    "spent_ms",
                    models.PositiveIntegerField(
                        default=0, help_text="The item was in front of them so long."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="annotation_server.surveyitem",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="annotation_server.surveyparticipant",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.UniqueConstraint(
                fields=("project", "name"), name="a_survey_name_once_per_project"
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("link_digest", ""), _negated=True),
                fields=("link_digest",),
                name="a_survey_link_leads_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyparticipant",
            constraint=models.UniqueConstraint(fields=("survey", "number"), name="a_participant_number_once"),
        ),
        migrations.AddConstraint(
            model_name="surveyparticipant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("survey", "user"),
                name="a_member_takes_part_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyparticipant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key_digest", ""), _negated=True),
                fields=("key_digest",),
                name="a_participant_key_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyanswer",
            constraint=models.UniqueConstraint(fields=("participant", "item"), name="one_answer_to_an_item"),
        ),
        migrations.AddConstraint(
            model_name="surveyanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", ""), ("score__isnull", False), ("score__lte", 10)),
                    models.Q(("score__isnull", True), models.Q(("choice", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_answer_is_a_score_or_a_choice",
            ),
        ),
        migrations.CreateModel(
            name="HoneypotPolicy",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="honeypot_policy",
                        serialize=False,
                        to="annotation_server.project",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("off", "Off"),
                            ("auto", "On as soon as the project is large enough"),
                            ("on", "On"),
                        ],
                        default="auto",
                        max_length=8,
                    ),
                ),
                (
                    "first_pieces",
                    models.PositiveSmallIntegerField(
                        default=5, help_text="So many first pieces of a person's work are honeypots."
                    ),
                ),
                (
                    "share",
                    models.FloatField(
                        default=0.1,
                        help_text="Of the work after those.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "pass_pq",
                    models.FloatField(
                        default=0.7,
                        help_text="Least PQ that passes.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "least_agreement",
                    models.FloatField(
                        default=0.85,
                        help_text="Least PQ between the annotators of a study's image.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "most_uses",
                    models.PositiveIntegerField(
                        default=30, help_text="So many people get a honeypot before it is retired."
                    ),
                ),
                (
                    "tells_annotators",
                    models.BooleanField(default=False, help_text="Annotators see how they met honeypots."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Limits",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="limits",
                        serialize=False,
                        to="annotation_server.project",
                    ),
                ),
                (
                    "by_measure",
                    models.JSONField(
                        default=dict,
                        help_text="{measure: {centre, sigma, points, people, left_out}}; only those with enough.",
                    ),
                ),
                (
                    "counted_until",
                    models.DateField(blank=True, help_text="Days before it are counted.", null=True),
                ),
                ("worked_out_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name="annotation",
            name="shapes_sha256",
            field=models.CharField(
                blank=True,
                help_text="The label map whose shapes its masks hold; empty: none yet.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="hull_area",
            field=models.FloatField(
                blank=True, help_text="px; of the label map that the annotation's shapes are of.", null=True
            ),
        ),
        migrations.AddField(
            model_name="mask",
            name="perimeter",
            field=models.FloatField(blank=True, help_text="px; likewise.", null=True),
        ),
        migrations.AddField(
            model_name="submission",
            name="operations",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="All that was done since the last submission; empty until counted.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="reviewer_pq",
            field=models.FloatField(
                blank=True, help_text="Agreement with the reviewer's map that replaced it, 0 to 1.", null=True
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="strokes",
            field=models.PositiveIntegerField(
                blank=True, help_text="Gestures that changed its pixels.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Honeypot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("study", "A study whose annotators agreed"),
                            ("hand", "Chosen by a person"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "In use"), ("doubtful", "Doubtful"), ("retired", "Retired")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("agreement", models.FloatField(blank=True, help_text="Mean PQ in the study.", null=True)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it is no longer in use.", max_length=200),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                    "image",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="honeypot",
                        to="annotation_server.image",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="honeypots",
                        to="annotation_server.project",
                    ),
                ),
                (
                    "trusted",
                    models.ForeignKey(
                        help_text="What is true.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="annotation_server.annotation",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="HoneypotResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("scored_at", models.DateTimeField(blank=True, null=True)),
                (
                    "map_sha256",
                    models.CharField(blank=True, help_text="Of what was compared.", max_length=64),
                ),
                ("pq", models.FloatField(blank=True, null=True)),
                (
                    "boundary",
                    models.FloatField(
                        blank=True,
                        help_text="Share of the entities found whose boundary IoU is above .5 too.",
                        null=True,
                    ),
                ),
                (
                    "missing",
                    models.PositiveIntegerField(default=0, help_text="Trusted entities without a partner."),
                ),
                (
                    "extra",
                    models.PositiveIntegerField(default=0, help_text="Drawn entities without a partner."),
                ),
                ("found", models.PositiveIntegerField(default=0)),
                ("passed", models.BooleanField(null=True)),
                (
                    "annotator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="honeypot_result",
                        to="annotation_server.assignment",
                    ),
                ),
                (
                    "honeypot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="annotation_server.honeypot",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("measure", models.CharField(max_length=32)),
                ("rule", models.CharField(max_length=32)),
                ("first_at", models.DateTimeField(help_text="The first point that broke the rule.")),
                ("last_at", models.DateTimeField(help_text="The last one of the same event.")),
                ("value", models.FloatField(help_text="Of the first point.")),
                ("centre", models.FloatField(blank=True, null=True)),
                ("limit", models.FloatField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "annotator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alarms",
                        to="annotation_server.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-first_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "annotator", "measure", "rule", "first_at"),
                        name="an_event_alarms_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnotatorDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("images", models.PositiveIntegerField(default=0)),
                ("masks", models.PositiveIntegerField(default=0)),
                ("pixels", models.PositiveBigIntegerField(default=0)),
                ("active_ms", models.PositiveBigIntegerField(default=0, help_text="Of every attempt.")),
                ("kept", models.PositiveIntegerField(default=0)),
                ("edited", models.PositiveIntegerField(default=0)),
                ("drawn", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                (
                    "counted_masks",
                    models.PositiveIntegerField(default=0, help_text="Masks whose edits are known."),
                ),
                ("strokes", models.PositiveBigIntegerField(default=0)),
                ("operations", models.PositiveBigIntegerField(default=0)),
                (
                    "judged",
                    models.PositiveIntegerField(
                        default=0, help_text="First submissions that a reviewer judged."
                    ),
                ),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("returned", models.PositiveIntegerField(default=0)),
                (
                    "compared",
                    models.PositiveIntegerField(default=0, help_text="Compared with a reviewer's map."),
                ),
                ("reviewer_pq", models.FloatField(default=0.0, help_text="Sum over those.")),
                ("honeypots", models.PositiveIntegerField(default=0)),
                ("honeypots_passed", models.PositiveIntegerField(default=0)),
                ("honeypot_pq", models.FloatField(default=0.0, help_text="Sum.")),
                (
                    "annotator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="annotator_days",
                        to="annotation_server.project",
                    ),
                ),
            ],
            options={
                "ordering": ["day", "annotator"],
                "indexes": [models.Index(fields=["project", "day"], name="annotator_day_by_project_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "annotator", "day"), name="a_persons_day_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="honeypot",
            index=models.Index(fields=["project", "state"], name="honeypot_by_project_state"),
        ),
        migrations.AddIndex(
            model_name="honeypotresult",
            index=models.Index(fields=["annotator", "scored_at"], name="honeypot_result_by_person"),
        ),
        migrations.AddConstraint(
            model_name="honeypotresult",
            constraint=models.UniqueConstraint(
                fields=("honeypot", "annotator"), name="a_honeypot_once_per_person"
            ),
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("drawing", "Masks are drawn"),
                            ("naming", "Masks are named"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=16,
                    ),
                ),
                (
                    "population",
                    models.JSONField(default=dict, help_text="The filter that accepted images must pass."),
                ),
                (
                    "population_images",
                    models.PositiveIntegerField(help_text="How many passed it when the sample was taken."),
                ),
                ("seed", models.PositiveBigIntegerField()),
                ("annotators", models.PositiveSmallIntegerField(help_text="Further people for each image.")),
                (
                    "not_before_days",
                    models.PositiveSmallIntegerField(help_text="Since the first annotation was submitted."),
                ),
                (
                    "start",
                    models.CharField(
                        choices=[("as_first", "As the first annotator did"), ("empty", "From nothing")],
                        default="as_first",
                        max_length=16,
                    ),
                ),
                (
                    "every",
                    models.PositiveSmallIntegerField(
                        help_text="One of so many pieces of a person's work is its own."
                    ),
                ),
                ("names_phase", models.BooleanField(default=True)),
                ("instructions", models.TextField(blank=True)),
                ("vocabulary_revision", models.CharField(blank=True, max_length=64)),
                (
                    "report_sha256",
                    models.CharField(blank=True, help_text="Of the report's bytes.", max_length=64),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="StudyImage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveIntegerField(help_text="Its place in the sample, from 0.")),
                ("revision", models.PositiveIntegerField(help_text="Of the first annotation.")),
                ("map_sha256", models.CharField(help_text="Of the first annotation.", max_length=64)),
                (
                    "figures",
                    models.JSONField(
                        blank=True, default=dict, help_text="As worked out last, with their inputs."
                    ),
                ),
            ],
            options={
                "ordering": ["study", "order"],
            },
        ),
        migrations.CreateModel(
            name="StudyPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(help_text="2 or more; 1 is the first annotator.")),
                (
                    "phase",
                    models.CharField(
                        choices=[("masks", "Masks"), ("names", "Names")], default="masks", max_length=8
                    ),
                ),
                ("not_before", models.DateTimeField()),
            ],
            options={
                "ordering": ["study_image", "phase", "place"],
            },
        ),
        migrations.AddField(
            model_name="assignment",
            name="instructions",
            field=models.TextField(blank=True, help_text="Shown in the editor."),
        ),
        migrations.AddField(
            model_name="assignment",
            name="is_blind",
            field=models.BooleanField(
                default=False,
                help_text="Seen by its annotator only, who sees no other annotation of the image meanwhile.",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="terms_until",
            field=models.DateTimeField(
                blank=True, help_text="Terms made later are not offered; empty: all are.", null=True
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="studies",
            field=models.JSONField(
                default=list, help_text="[{study, report_sha256}] of closed studies, fixed with the inputs."
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="carried",
            field=models.JSONField(
                default=list,
                help_text="[{path, key, …}] of reports on its annotations, fixed with the inputs.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_blind", False), ("round__in", ["study", "names", "honeypot"]), _connector="OR"
                ),
                name="only_hidden_work_is_blind",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="members",
            field=models.ManyToManyField(
                blank=True,
                help_text="Who may draw; empty: any member.",
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="studies",
                to="annotation_server.project",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="request",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotation_server.request",
            ),
        ),
        migrations.AddField(
            model_name="studyimage",
            name="first",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotation_server.annotation",
            ),
        ),
        migrations.AddField(
            model_name="studyimage",
            name="image",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="study_images",
                to="annotation_server.image",
            ),
        ),
        migrations.AddField(
            model_name="studyimage",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="annotation_server.study",
            ),
        ),
        migrations.AddField(
            model_name="studypart",
            name="assignment",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="study_part",
                to="annotation_server.assignment",
            ),
        ),
        migrations.AddField(
            model_name="studypart",
            name="study_image",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="annotation_server.studyimage",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["project", "state"], name="study_by_project_state"),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(
                fields=("project", "name"), name="a_study_name_once_per_project"
            ),
        ),
        migrations.AddConstraint(
            model_name="studyimage",
            constraint=models.UniqueConstraint(fields=("study", "image"), name="an_image_once_per_study"),
        ),
        migrations.AddIndex(
            model_name="studypart",
            index=models.Index(fields=["phase", "not_before"], name="part_by_phase_time"),
        ),
        migrations.AddConstraint(
            model_name="studypart",
            constraint=models.UniqueConstraint(
                fields=("study_image", "phase", "place"), name="a_part_once_per_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="studypart",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__gt", 1)), name="a_part_is_a_further_place"
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["round", "annotator"], name="assignment_by_round_person"),
        ),
    ]
