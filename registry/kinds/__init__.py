"""The statement types that the registry owns, by idea."""

from registry.kinds import appearances, assets, keys, licences, parties, projects, title

KINDS = (
    *parties.KINDS,
    *keys.KINDS,
    *projects.KINDS,
    *assets.KINDS,
    *appearances.KINDS,
    *title.KINDS,
    *licences.KINDS,
)
