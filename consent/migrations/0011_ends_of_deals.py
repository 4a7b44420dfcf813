"""An end is written from its deal: who gave it when, and under which licence, is not kept beside it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("consent", "0010_sets")]

    operations = [
        migrations.RemoveIndex("ending", "ending_by_parent"),
        migrations.RemoveIndex("ending", "ending_by_pair"),
        migrations.RemoveField("ending", "issued_at"),
        migrations.RemoveField("ending", "parent"),
    ]
