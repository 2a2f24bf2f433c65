"""What evaluation reports, consistency studies, surveys and the quality of annotators keep."""

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
    ]
