"""
Which keys there are, as whoever runs the registry should see them: the versions of its own, and those of a party.

Public halves, states and dates only; no private key is read for this.
"""

from collections.abc import Iterator
from typing import Any

from registry.core.times import format_time, whole_second
from registry.custody import ROLES, Version, custody
from registry.models import Key
from registry.vault.rewrapping import WRAPPED


def listed() -> list[dict[str, Any]]:
    """Return every version of every role, oldest first."""
    return [row for role in ROLES for row in _versions(role)]


def enrolled(party: str) -> list[dict[str, Any]]:
    """Return the keys that a party ever had, by when they came."""
    return [
        {"keyid": key.keyid, "kind": key.kind, "since": format_time(whole_second(key.added))} | _ended(key)
        for key in Key.objects.filter(party=party).order_by("added", "keyid")
    ]


def line(row: dict[str, Any]) -> str:
    """Write one of these as a line for people."""
    told = [
        f"{name}={value}" for name, value in row.items() if name not in {"role", "version", "state"} and value != ""
    ]
    head = f"{row['role']:<10} {row['version']:>2} {row['state']:<8} " if "role" in row else ""
    return head + " ".join(told)


def _versions(role: str) -> Iterator[dict[str, Any]]:
    for version in custody().versions(role):
        row: dict[str, Any] = {
            "role": role,
            "version": version.number,
            "state": version.state,
            "since": format_time(whole_second(version.since)),
            "store": version.store,
            "place": version.place,
        }
        yield row | _details(version)


def _details(version: Version) -> dict[str, Any]:
    if version.public is None:
        if version.state != "current":
            return {}
        return {"keys_under_older_versions": WRAPPED[version.role].behind(version.number)}
    key = Key.objects.filter(keyid=version.public.keyid).first() if version.role == "registry" else None
    return {"keyid": version.public.keyid} | ({} if key is None else _ended(key))


def _ended(key: Key) -> dict[str, Any]:
    ended = {} if key.revoked is None else {"revoked": format_time(whole_second(key.revoked))}
    return ended if key.compromised_from is None else ended | {"compromised_from": key.compromised_from}
