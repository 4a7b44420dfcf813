"""Who a party is, which keys it has, and what to call it."""

from collections.abc import Iterable

from registry.core.fields import Reader
from registry.core.record import Party as PartyRecord
from registry.core.record import parse_party
from registry.errors import Inadmissible, Unknown
from registry.models import Key, Party
from registry.prepared import run
from registry.statements import open_statements


def kind_of(party: str, *, field: str | None = None) -> str:
    """Return `person` or `organisation`; raises ``Unknown``."""
    found = run("SELECT kind FROM registry_party WHERE id = %s", [party]).fetchone()
    if found is None:
        raise Unknown(kind="party", id=party, field=field)
    return str(found[0])


def require_person(party: str, *, field: str) -> None:
    """Refuse a party that is unknown or an organisation."""
    if kind_of(party, field=field) != "person":
        raise Inadmissible(f"party `{party}` is not a person", code="not_a_person", field=field)


def as_data_subject(party: str) -> str | None:
    """Return the party if it is a person: organisations have no personal data."""
    return party if kind_of(party) == "person" else None


def keys_by_id(keyids: Iterable[str]) -> dict[str, Key]:
    """Return the enrolled keys among these, standing or revoked."""
    return {key.keyid: key for key in Key.objects.filter(keyid__in=list(keyids))}


def ever_had_a_key(party: str) -> bool:
    return Key.objects.filter(party=party).exists()


def party_records(parties: Iterable[str]) -> dict[str, PartyRecord]:
    """Open what parties said of themselves; whoever is unknown or erased is left out."""
    digests = dict(Party.objects.filter(id__in=list(parties)).values_list("digest", "id"))
    opened = open_statements(digests)
    return {digests[digest]: parse_party(Reader(one.statement.body, "body")) for digest, one in opened.items()}
