"""
The tree of projects: franchise, series, season, episode.

A project's parent is what its own registration says; a chain that loops ends where it meets itself.
"""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from registry.core.record import Project


def line_of(projects: Mapping[str, Project], project: str) -> frozenset[str]:
    """Return a project and all that it is part of, as far as they are known."""
    line: set[str] = set()
    node: str | None = project
    while node is not None and node not in line:
        line.add(node)
        held = projects.get(node)
        node = None if held is None else held.parent
    return frozenset(line)


def below(projects: Mapping[str, Project]) -> Mapping[str, frozenset[str]]:
    """Map each project to all that is part of it, at any depth."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for project in projects:
        for node in line_of(projects, project) - {project}:
            found[node].add(project)
    return MappingProxyType({node: frozenset(parts) for node, parts in found.items()})
