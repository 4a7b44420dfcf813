"""Who asked to be erased, what is kept of whom and under which key, and which keys are never made again."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import registry.models.ids

INSERT_ONLY = ("registry_destroyed_key", "registry_opened_kept")

# Two looks at the graves: the first spares whoever comes later a failure, the second catches whoever was waiting for
# the row of the very key that was just destroyed.
_GUARD = """
    CREATE FUNCTION registry_not_again() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM registry_destroyed_key WHERE owner = NEW.owner) THEN
            IF TG_WHEN = 'BEFORE' THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'the key of % was destroyed and is never made again', NEW.owner
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER not_again BEFORE INSERT ON registry_datakey FOR EACH ROW EXECUTE FUNCTION registry_not_again();
    CREATE TRIGGER not_again_after AFTER INSERT ON registry_datakey FOR EACH ROW EXECUTE FUNCTION registry_not_again();
"""
_UNGUARD = """
    DROP TRIGGER not_again ON registry_datakey;
    DROP TRIGGER not_again_after ON registry_datakey;
    DROP FUNCTION registry_not_again();
"""


def _guard(apps, schema_editor):
    quote = schema_editor.quote_name
    for table in INSERT_ONLY:
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {quote(settings.APP_ROLE)}")


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0022_custody'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureRequest',
            fields=[
                ('id', registry.models.ids.IdField(primary_key=True, serialize=False)),
                ('subject', registry.models.ids.IdField()),
                ('by_party', registry.models.ids.IdField()),
                ('by_person', registry.models.ids.IdField()),
                ('told_sha256', models.CharField(max_length=64)),
                ('receipt_sha256', models.CharField(max_length=64, unique=True)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('statements', models.JSONField(default=list)),
            ],
            options={
                'db_table': 'registry_erasure_request',
                'indexes': [
                    models.Index(fields=['due_at'], name='erasure_due', condition=Q(cancelled_at=None, done_at=None)),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=['subject'], condition=Q(cancelled_at=None), name='one_erasure_of_a_person_at_a_time'),
                    models.CheckConstraint(condition=Q(cancelled_at__isnull=True) | Q(done_at__isnull=True), name='erased_or_cancelled'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KeptKey',
            fields=[
                ('subject', registry.models.ids.IdField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('wrapped', models.BinaryField()),
            ],
            options={'db_table': 'registry_kept_key'},
        ),
        migrations.CreateModel(
            name='KeptRow',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('subject', registry.models.ids.IdField()),
                ('reason', models.CharField(max_length=12)),
                ('until', models.DateTimeField()),
                ('sealed', models.BinaryField()),
            ],
            options={
                'db_table': 'registry_kept',
                'indexes': [
                    models.Index(fields=['subject'], name='kept_by_subject'),
                    models.Index(fields=['until'], name='kept_by_end'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=Q(reason__in=('legal_claims', 'legal_duty')), name='kept_for_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OpenedKept',
            fields=[
                ('request_sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('statement', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('at', models.DateTimeField()),
            ],
            options={'db_table': 'registry_opened_kept'},
        ),
        migrations.CreateModel(
            name='DestroyedKey',
            fields=[
                ('owner', models.TextField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={'db_table': 'registry_destroyed_key'},
        ),
        migrations.CreateModel(
            name='Leftover',
            fields=[
                ('file', registry.models.ids.IdField(primary_key=True, serialize=False)),
            ],
            options={'db_table': 'registry_leftover'},
        ),
        migrations.RunSQL(_GUARD, _UNGUARD),
        migrations.RunPython(_guard, migrations.RunPython.noop),
    ]
