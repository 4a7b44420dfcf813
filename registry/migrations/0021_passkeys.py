"""Passkeys among the keys of parties; keys that were recovered, and from when they count."""

from django.db import migrations, models

import registry.models.ids

NEITHER = models.Q(("recovered_by__isnull", True), ("ripe_at__isnull", True))
BOTH = models.Q(("recovered_by__isnull", False), ("ripe_at__isnull", False))


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0020_identity"),
    ]

    operations = [
        migrations.AddField("key", "credential", models.JSONField(null=True)),
        migrations.AddField("key", "recovered_by", registry.models.ids.IdField(null=True)),
        migrations.AddField("key", "ripe_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "key",
            models.CheckConstraint(condition=models.Q(NEITHER, BOTH, _connector="OR"), name="key_recovered_ripens"),
        ),
        migrations.CreateModel(
            name="PasskeyChallenge",
            fields=[
                ("challenge", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("party", registry.models.ids.IdField()),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "registry_passkey_challenge",
                "indexes": [models.Index(fields=["ends_at"], name="passkey_challenge_by_end")],
            },
        ),
        migrations.CreateModel(
            name="PasskeyCounter",
            fields=[
                ("keyid", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("counter", models.BigIntegerField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "registry_passkey_counter",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("counter__gt", 0)), name="passkey_counter_counts")
                ],
            },
        ),
    ]
