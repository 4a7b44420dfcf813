"""Who states which identifier, who confirmed it, and challenges with their answers."""

from django.db import migrations, models
from django.db.models import F, Q

import registry.models.ids


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0014_walk_step'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentifierClaim',
            fields=[
                ('pk', models.CompositePrimaryKey('digest', 'value_hmac', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('value_hmac', models.BinaryField()),
                ('party', registry.models.ids.IdField()),
                ('scheme', models.CharField(max_length=8)),
                ('word_hmac', models.BinaryField(null=True)),
                ('disclaimed_by', models.CharField(max_length=64, null=True)),
                ('lost_to', models.CharField(max_length=64, null=True)),
            ],
            options={
                'db_table': 'registry_identifier_claim',
                'indexes': [
                    models.Index(fields=['value_hmac'], name='claim_by_identifier'),
                    models.Index(fields=['party'], name='identifier_by_party'),
                    models.Index(fields=['word_hmac'], name='alias_by_word'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('pk', models.CompositePrimaryKey('digest', 'value_hmac', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('value_hmac', models.BinaryField()),
                ('party', registry.models.ids.IdField()),
                ('voucher', registry.models.ids.IdField()),
            ],
            options={
                'db_table': 'registry_confirmation',
                'indexes': [models.Index(fields=['value_hmac'], name='confirmation_by_identifier')],
            },
        ),
        migrations.CreateModel(
            name='Challenge',
            fields=[
                ('id', registry.models.ids.IdField(primary_key=True, serialize=False)),
                ('party', registry.models.ids.IdField()),
                ('voucher', registry.models.ids.IdField()),
                ('kind', models.CharField(max_length=8)),
                ('passcode', models.CharField(max_length=120)),
                ('made_by', registry.models.ids.IdField()),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answer', registry.models.ids.IdField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('sha256', models.CharField(max_length=64, null=True)),
                ('size', models.BigIntegerField(null=True)),
                ('mime', models.CharField(max_length=40, null=True)),
            ],
            options={
                'db_table': 'registry_challenge',
                'indexes': [
                    models.Index(fields=['party', 'made_at'], name='challenge_by_party'),
                    models.Index(fields=['voucher', 'made_at'], name='challenge_by_voucher'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=~Q(party=F('voucher')), name='challenged_by_somebody_else'),
                    models.CheckConstraint(
                        condition=Q(answered_at__isnull=True, sha256__isnull=True)
                        | Q(answered_at__isnull=False, sha256__isnull=False, answered_at__lt=F('expires_at')),
                        name='answered_before_it_expired',
                    ),
                    models.UniqueConstraint(fields=['sha256'], name='no_answer_is_given_twice'),
                ],
            },
        ),
        migrations.AddField(
            model_name='vouch',
            name='challenge',
            field=registry.models.ids.IdField(null=True),
        ),
        migrations.AddConstraint(
            model_name='vouch',
            constraint=models.UniqueConstraint(fields=['challenge'], name='a_challenge_serves_once'),
        ),
    ]
