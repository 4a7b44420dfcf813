"""
Keys have versions: a wrapped data key names the version of the KEK that wraps it, those kept by a KMS have rows, and a
revoked key may say from which place in the log on it had been compromised.

Every data key so far is wrapped by version 1.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0021_passkeys")]

    operations = [
        migrations.CreateModel(
            name="CustodyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=12)),
                ("number", models.PositiveIntegerField()),
                ("waits", models.BooleanField()),
                ("public", models.BinaryField(null=True)),
                ("kms_key", models.TextField()),
                ("sealed", models.BinaryField(null=True)),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "registry_custody_key",
                "constraints": [models.UniqueConstraint(fields=("role", "number"), name="one_key_a_version")],
            },
        ),
        migrations.AddField(
            model_name="key", name="compromised_from", field=models.BigIntegerField(null=True)
        ),
        migrations.RunSQL(
            r"UPDATE registry_datakey SET wrapped = '\x00000001'::bytea || wrapped",
            "UPDATE registry_datakey SET wrapped = substring(wrapped FROM 5)",
        ),
    ]
