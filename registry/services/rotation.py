"""
Rotate the registry's own keys, one role at a time, while everything runs.

Every step may be the last one that is done: the same call again finds where it stands and goes on. What was begun is
finished before anything new begins. Each function yields a line for whoever watches, after the fact it tells.

- ``registry``: the new key is enrolled by `key.added`, signed by the old and the new one; from then on the new one
  signs; then the old one ends by `key.revoked`. There is no moment without a key that stands, and what the old one
  signed stays good.
- ``log``, ``log_pq``: the new key signs. The next checkpoint bears the old one's signature too
  (``registry.log.identity``).
- ``credential``, ``tsa``: the new key signs; its certificate is issued under the same root when it is first used.
- ``kek``, ``erasure``: new keys are wrapped under the new version, then all others are. The old version opens what
  still names it, until ``retire`` destroys it.

``move`` is a rotation whose next version is made in the other store: from files to a KMS, or back.

Left out: who may do this; it is whoever can run a command beside the keys.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from django.db import connection, transaction

from registry import vault
from registry.core.jcs import Json
from registry.custody import CustodyError, HalfDone, Signer, Version, custody, role_named
from registry.kinds import KINDS
from registry.locks import clock
from registry.models import Key
from registry.selectors.names import names_for
from registry.services.accept import accept
from registry.services.record import registry_party, say
from registry.vault.rewrapping import WRAPPED, Wrapped

GRACE: Final = timedelta(seconds=60)  # longer than any process goes on with a version that is no longer current
SETTLE_S: Final = 1.5  # after this nobody wraps under the old version any more, but in transactions that run
SAID: Final = 500  # keys wrapped anew, between two lines about it
ROTATING: Final = 0x70726F76_6B657973  # an advisory lock: one rotation at a time

_KINDS: Final = {kind.type: kind for kind in KINDS if kind.type in {"key.added", "key.revoked"}}


class NothingToRetire(CustodyError):
    """No old version can go."""

    code = "nothing_to_retire"
    status = 409


def rotate(role: str) -> Iterator[str]:
    """Rotate one role's key, or finish what was begun."""
    with _alone():
        yield from ROTATE[role_named(role).name](role)


def move(role: str, store: str) -> Iterator[str]:
    """Let a role's current version be in a store, by a rotation; or finish what was begun."""
    with _alone():
        current, waiting = _current(role_named(role).name), _waiting(role)
        if current.store == store and not _unfinished(role, current):
            yield f"{_named(current)} is in {store} already"
            return
        if waiting is not None and waiting.store != store:
            raise HalfDone(f"{_named(waiting)} waits in {waiting.store}: put it to use, or `keys discard {role}` first")
        if waiting is None and current.store != store:
            yield f"{_named(custody().make(role, store))} is made in {store}"
        yield from ROTATE[role](role)


def prepare(role: str, store: str | None = None) -> Iterator[str]:
    """Make the next version and show it, so that others can learn it before it is used."""
    with _alone():
        if (waiting := _waiting(role_named(role).name)) is not None:
            yield f"{_named(waiting)} waits already"
            return
        made = custody().make(role, store)
        yield f"{_named(made)} waits: `keys rotate {role}` puts it to use, `keys discard {role}` takes it back"


def discard(role: str) -> Iterator[str]:
    """Take back a version that nothing used yet."""
    with _alone():
        waiting = _waiting(role_named(role).name)
        if waiting is None:
            raise CustodyError(f"no version of the `{role}` key waits: there is nothing to take back")
        if waiting.public is not None and Key.objects.filter(keyid=waiting.public.keyid).exists():
            raise HalfDone(f"{_named(waiting)} is enrolled already: finish with `keys rotate {role}`")
        custody().discard(role, waiting.number)
        yield f"{_named(waiting)} is destroyed; nothing had used it"


def retire(role: str) -> Iterator[str]:
    """Destroy the old versions of a key that wraps, once nothing here names them any more."""
    if not role_named(role).wraps:
        raise CustodyError(
            f"the `{role}` key is not retired: what an old version signed is verified for ever, by its public half"
        )
    with _alone():
        old = [one for one in custody().versions(role) if one.state == "old"]
        if not old:
            raise NothingToRetire(f"the `{role}` key has no old version")
        for version in old:
            _retire(version)
            yield f"{_named(version)} is destroyed: no copy of the database from before its rotation opens any more"


def plan(act: str, role: str) -> Iterator[str]:
    """Say what ``rotate`` or ``retire`` would do now; nothing is made or changed."""
    if act == "retire":
        yield from _plan_retiring(role)
        return
    current, waiting = _current(role), _waiting(role)
    if role == "registry" and (left_standing := _left_standing()):
        yield f"would finish what was begun: revoke {', '.join(left_standing)}"
        return
    if role in WRAPPED and waiting is None and (left := WRAPPED[role].behind(current.number)):
        yield f"would finish what was begun: wrap {left} {WRAPPED[role].what} anew under {_named(current)}"
        return
    number = current.number + 1 if waiting is None else waiting.number
    yield f"would put version {number} of the {role} key in the place of version {current.number}"
    if role == "registry":
        yield "would enrol it by `key.added`, signed by both, and then end the old one by `key.revoked`"
    if role in WRAPPED:
        rows = WRAPPED[role]
        yield f"would wrap {rows.behind(number)} {rows.what} anew, and keep the old version until `keys retire {role}`"


def _plan_retiring(role: str) -> Iterator[str]:
    if not role_named(role).wraps:
        raise CustodyError(f"the `{role}` key is not to retire by this command")
    left = WRAPPED[role].behind(_current(role).number)
    yield from (f"would destroy {_named(one)}" for one in custody().versions(role) if one.state == "old")
    yield f"{left} {WRAPPED[role].what} are wrapped under an old version" + (": it would refuse" if left else "")


# --- The roles


def _rotate_registry(role: str) -> Iterator[str]:
    if left := _left_standing():
        yield from _end(left)
        return
    waiting = _waiting(role) or custody().make(role)
    current, new = custody().signer(role), custody().signer(role, waiting.number)
    if not Key.objects.filter(keyid=new.public.keyid).exists():
        party = registry_party()
        _act("key.added", {"party": party, "key": new.public.format()}, party, (current, new))
    yield f"key {new.public.keyid} is enrolled beside {current.public.keyid}"
    custody().promote(role, waiting.number)
    yield f"{_named(waiting)} signs from now on"
    yield from _end(_left_standing())


def _end(keyids: list[str]) -> Iterator[str]:
    party = registry_party()
    for keyid in keyids:
        body: dict[str, Json] = {"party": party, "keyid": keyid, "compromised_from": None}
        _act("key.revoked", body, party, (custody().signer("registry"),))
        yield f"key {keyid} signs nothing more; what it signed stays good"


def _left_standing() -> list[str]:
    """Return the old keys of the registry that nobody has revoked."""
    old = [one.public.keyid for one in custody().versions("registry") if one.state == "old" and one.public]
    return sorted(Key.objects.filter(keyid__in=old, revoked=None).values_list("keyid", flat=True))


def _act(type_: str, body: dict[str, Json], party: str, signers: tuple[Signer, ...]) -> None:
    at, kind = clock(), _KINDS[type_]
    envelope, text = say(kind, body, party=party, names=names_for(party, at=at), at=at, signers=signers)
    accept(envelope, kind, text=text, private=None, by=None)


def _rotate_signer(role: str) -> Iterator[str]:
    waiting = _waiting(role) or custody().make(role)
    custody().promote(role, waiting.number)
    yield f"{_named(waiting)} signs from now on"


def _rotate_wrapping(role: str) -> Iterator[str]:
    rows, waiting, current = WRAPPED[role], _waiting(role), _current(role)
    if waiting is None and rows.behind(current.number):
        yield f"finishing what was begun: {_named(current)} is in use, and not everything is wrapped under it"
    else:
        vault.keep_secrets()  # what was derived from the first version of the KEK until now
        waiting = waiting or custody().make(role)
        custody().promote(role, waiting.number)
        current = _current(role)
        yield f"{_named(current)} wraps new {rows.what} from now on"
        time.sleep(SETTLE_S)
    yield from _wrap_anew(rows, current)


def _wrap_anew(rows: Wrapped, current: Version) -> Iterator[str]:
    done = told = 0
    for number in rows.rewrap(current.number):
        done += number
        if done - told >= SAID:
            told = done
            yield f"{done} {rows.what} wrapped anew"
    if done > told:
        yield f"{done} {rows.what} wrapped anew"
    if left := rows.behind(current.number):
        yield f"{left} {rows.what} came meanwhile under the old version: `keys rotate {current.role}` takes them along"


def _retire(version: Version) -> None:
    current, rows = _current(version.role), WRAPPED[version.role]
    if clock() - current.since < GRACE:
        raise HalfDone(
            f"{_named(current)} is younger than {GRACE.seconds} s: somebody may still be using the one before"
        )
    with transaction.atomic(durable=True):
        rows.no_more_writers()
        if left := rows.behind(current.number):
            raise HalfDone(
                f"{left} {rows.what} are still wrapped under an old version: run `keys rotate {version.role}`"
            )
        custody().retire(version.role, version.number)


ROTATE: Final[Mapping[str, Callable[[str], Iterator[str]]]] = MappingProxyType(
    {
        "registry": _rotate_registry,
        "log": _rotate_signer,
        "log_pq": _rotate_signer,
        "credential": _rotate_signer,
        "tsa": _rotate_signer,
        "kek": _rotate_wrapping,
        "erasure": _rotate_wrapping,
    }
)


# --- Versions


def _unfinished(role: str, current: Version) -> bool:
    """Say whether a rotation that put this version to use has something left to do."""
    if role == "registry":
        return bool(_left_standing())
    return role in WRAPPED and WRAPPED[role].behind(current.number) > 0


def _waiting(role: str) -> Version | None:
    return next((one for one in custody().versions(role) if one.state == "next"), None)


def _current(role: str) -> Version:
    return next(one for one in custody().versions(role) if one.state == "current")


def _named(version: Version) -> str:
    return f"version {version.number} of the {version.role} key"


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody else rotate a key of this registry meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ROTATING])
        (got,) = cursor.fetchone()
    if not got:
        raise HalfDone("another rotation is running: wait for it")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ROTATING])
