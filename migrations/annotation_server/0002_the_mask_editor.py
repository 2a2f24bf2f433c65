"""What the mask editor, review and the work pages keep beyond the main job."""

from typing import Any

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation_server", "0001_the_main_job")]
    operations: list[Any] = []
