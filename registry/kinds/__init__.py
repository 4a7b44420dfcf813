"""The statement types that the registry owns, by idea."""

from registry.kinds import (
    aliases,
    appearances,
    assets,
    assignments,
    authorities,
    catalogues,
    events,
    keys,
    licence_acts,
    licences,
    parties,
    policies,
    projects,
    title,
)
from registry.kinds.threads import THREADS, with_threads

KINDS = with_threads(
    (
        *parties.KINDS,
        *aliases.KINDS,
        *keys.KINDS,
        *authorities.KINDS,
        *policies.KINDS,
        *projects.KINDS,
        *assets.KINDS,
        *appearances.KINDS,
        *title.KINDS,
        *licences.KINDS,
        *licence_acts.KINDS,
        *assignments.KINDS,
        *catalogues.KINDS,
        *events.KINDS,
    ),
    THREADS,
)
