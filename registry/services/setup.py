"""
Set the registry up: enrol its own party, under its own key. Safe to run at every start.

The registry is a party like any other, so that its statements are checked like any other's. Its id is drawn at the
first set-up; which party it is, its key says ever after.
"""

from datetime import datetime
from typing import Final

from uuid6 import uuid7

from registry import vault
from registry.core.jcs import Json
from registry.custody import custody
from registry.errors import AlreadyRegistered
from registry.kinds import KINDS
from registry.locks import clock
from registry.models import Key
from registry.services.accept import accept
from registry.services.record import registry_party, say
from registry.texts.layout import bare

NAME: Final = "Proviso Registry"
_ENROLMENT: Final = next(kind for kind in KINDS if kind.type == "party.registered")


def ensure_registry() -> str:
    """Enrol the registry's party unless it is there, and return its id; behind a KMS, make its keys first."""
    if custody().prepare():
        vault.keep_secrets()
    keyid = custody().signer("registry").public.keyid
    if not Key.objects.filter(keyid=keyid).exists():
        _enrol(clock())
    return registry_party()


def _enrol(at: datetime) -> None:
    party = str(uuid7())
    body: dict[str, Json] = {
        "party": party,
        "kind": "organisation",
        "name": NAME,
        "identifiers": {},
        "affiliates": [],
        "born": None,
        "domicile": None,
        "unions": [],
        "key": custody().signer("registry").public.format(),
    }
    envelope, text = say(_ENROLMENT, body, party=party, names=bare, at=at)
    try:
        # Pinned: there is nobody yet who could have given the registry an enrolment token.
        accept(envelope, _ENROLMENT, text=text, private=None, by=None, pinned=True)
    except AlreadyRegistered:
        return  # another server set up at the same moment: its party counts
