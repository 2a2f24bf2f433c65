"""What training, nightly retraining and imported models keep."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation_server", "0002_the_mask_editor")]

    operations: list[migrations.operations.base.Operation] = []
