"""Follow threads, and meet on the way what others were promised of the things met."""

from django.db import migrations

POINT = """
CREATE FUNCTION registry_point(id text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || substr(h, 1, 8))::bit(32)::bigint * 79228162514264337593543950336::numeric
        + ('x' || substr(h, 9, 8))::bit(32)::bigint * 18446744073709551616::numeric
        + ('x' || substr(h, 17, 8))::bit(32)::bigint * 4294967296::numeric
        + ('x' || substr(h, 25, 8))::bit(32)::bigint
    FROM (SELECT replace(id, '-', '') AS h) AS hex
$$
"""
FOLLOW = """
CREATE FUNCTION registry_follow(
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
        AND b.projects && registry_follow.projects::nummultirange
    )
    SELECT met.kind, met.ident FROM met
    UNION
    SELECT w.kind, w.ident FROM promised p CROSS JOIN LATERAL registry_walk(ARRAY['grant'], ARRAY[p.licence], requester) w
$$
"""
ARGUMENTS = "text[], text[], text, text, text, text, text, text, text, text[], bigint"


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0011_threads"),
    ]

    operations = [
        migrations.RunSQL(POINT, "DROP FUNCTION registry_point(text)"),
        migrations.RunSQL(
            "CREATE INDEX licence_box_promised ON registry_licence_box USING gist (subjects) WHERE bars <> 'none'",
            "DROP INDEX licence_box_promised",
        ),
        migrations.RunSQL(FOLLOW, f"DROP FUNCTION registry_follow({ARGUMENTS})"),
    ]
