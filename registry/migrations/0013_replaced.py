"""
Meet what was promised to others until it is known to have ended.

A row that promised something stays when its licence ends or changes, with the statement that took its place; whoever
decides meets it until that statement is under the checkpoint.
"""

from django.db import migrations, models

UNTIL_PUBLISHED = """
        AND (b.replaced IS NULL OR NOT EXISTS (
            SELECT FROM registry_leaf l JOIN registry_entry e ON e.leaf_id = l.seq
            WHERE l.digest = b.replaced AND e.index < (SELECT max(size) FROM registry_checkpoint)
        ))"""
FOLLOW = """
CREATE OR REPLACE FUNCTION registry_follow(
    seed_kinds text[], seed_ids text[], requester text, acts text, purposes text, media text, territories text,
    languages text, projects text, windows text[], seconds bigint
) RETURNS TABLE (kind text, ident text) LANGUAGE sql STABLE AS $$
    WITH met AS MATERIALIZED (
        SELECT w.kind, w.ident FROM registry_walk(seed_kinds, seed_ids, requester) AS w
    ), things AS MATERIALIZED (
        SELECT range_agg(numrange(p, p, '[]')) AS points
        FROM (SELECT registry_point(met.ident) AS p FROM met WHERE met.kind IN ('asset', 'work', 'catalogue')) AS t
    ), stretches AS (
        SELECT unnest(windows)::int8range AS stretch
        UNION ALL
        SELECT int8range(now_s, now_s + seconds) FROM (SELECT extract(epoch FROM clock_timestamp())::bigint AS now_s) n
    ), promised AS MATERIALIZED (
        SELECT DISTINCT b.licence FROM things, stretches, registry_licence_box b
        WHERE b.bars <> 'none' AND things.points IS NOT NULL AND b.subjects && things.points
        AND b.seconds && stretches.stretch
        AND b.acts && registry_follow.acts::int4multirange AND b.purposes && registry_follow.purposes::int4multirange
        AND b.media && registry_follow.media::int4multirange
        AND b.territories && registry_follow.territories::int4multirange
        AND b.languages && registry_follow.languages::int4multirange
        AND b.projects && registry_follow.projects::nummultirange {until}
    )
    SELECT met.kind, met.ident FROM met
    UNION
    SELECT w.kind, w.ident FROM promised p CROSS JOIN LATERAL registry_walk(ARRAY['grant'], ARRAY[p.licence], requester) w
$$
"""
ONE_EXCLUSIVE = """
ALTER TABLE registry_licence_box DROP CONSTRAINT one_exclusive;
ALTER TABLE registry_licence_box ADD CONSTRAINT one_exclusive EXCLUDE USING gist (
    licensor inet_ops WITH =, licensee inet_ops WITH <>, seconds WITH &&, subjects WITH &&, acts WITH &&,
    aspects WITH &&, purposes WITH &&, media WITH &&, territories WITH &&, languages WITH &&, projects WITH &&,
    products WITH &&
) WHERE (firm AND bars IN ('sole', 'exclusive'){stands});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0012_following"),
    ]

    operations = [
        migrations.AddField(
            model_name="licencebox", name="replaced", field=models.CharField(max_length=64, null=True)
        ),
        migrations.RunSQL(
            migrations.RunSQL.noop, "DELETE FROM registry_licence_box WHERE replaced IS NOT NULL"
        ),
        migrations.RunSQL(
            ONE_EXCLUSIVE.replace("{stands}", " AND replaced IS NULL"), ONE_EXCLUSIVE.replace("{stands}", "")
        ),
        migrations.RunSQL(FOLLOW.replace("{until}", UNTIL_PUBLISHED), FOLLOW.replace(" {until}", "")),
    ]
