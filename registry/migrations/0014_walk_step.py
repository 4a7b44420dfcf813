"""
Take each step of a walk on its own.

Joined, the threads found and those that lead on are estimated together, at thousands of times their number, and
PostgreSQL then clears a hash table of the whole of `hash_mem` for a walk of thirty rows. ``OFFSET 0`` keeps them apart.
"""

from django.db import migrations

WALK = """
CREATE OR REPLACE FUNCTION registry_walk(seed_kinds text[], seed_ids text[], requester text)
RETURNS TABLE (kind text, ident text) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE requesters AS (
        SELECT requester AS id
        UNION
        SELECT l.ident FROM registry_thread f {speaks_for}
        WHERE f.way = 'found' AND f.kind = 'agent' AND f.ident = requester
    ), walk AS (
        SELECT seed.kind::text, seed.ident::text FROM unnest(seed_kinds, seed_ids) AS seed (kind, ident)
        UNION
        SELECT next.kind, next.ident FROM walk w CROSS JOIN LATERAL (
            SELECT l.kind::text, l.ident::text FROM registry_thread f {leads}
            WHERE f.way = 'found' AND f.kind = w.kind AND f.ident = w.ident
            UNION ALL
            SELECT 'to', w.ident || '>' || r.id FROM requesters r
            WHERE w.kind IN ('performer', 'asset', 'work', 'catalogue')
        ) AS next
    )
    SELECT walk.kind, walk.ident FROM walk
$$
"""
_JOINED = "JOIN registry_thread l ON l.digest = f.digest AND l.way = 'leads'"
_STEPPED = """CROSS JOIN LATERAL (
                SELECT kind, ident FROM registry_thread WHERE digest = f.digest AND way = 'leads'{which} OFFSET 0
            ) l"""
STEPPED = WALK.format(speaks_for=_STEPPED.format(which=" AND kind = 'speaks_for'"), leads=_STEPPED.format(which=""))
JOINED = WALK.format(speaks_for=f"{_JOINED} AND l.kind = 'speaks_for'", leads=_JOINED)


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0013_replaced"),
    ]

    operations = [
        migrations.RunSQL(STEPPED, JOINED),
    ]
