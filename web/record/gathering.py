"""
Read what a record says: the statement, who signed it, the keys with what brought them, and its receipt.

A key's enrolment holds a person's name and day of birth. It is attached for whoever may read it; for others the key
stands alone, and the verifier says that whose it is rests on the registry's word.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from consent.models import Consent
from consent.selectors.consents import describe_rows
from generation.core.bundle import Receipted
from generation.core.record_keys import Keys
from generation.core.trust import Trust, open_signed
from generation.selectors.bundle import trust
from registry import log
from registry.core.algorithms import algorithm_of
from registry.core.checkpoint import Proof
from registry.core.envelope import PublicKey
from registry.core.fields import Reader
from registry.errors import Conflict, Inadmissible, Unknown
from registry.models import Key, Licence, StatementRow
from registry.selectors.names import names_for
from registry.selectors.parties import keys_by_id, party_records
from registry.selectors.statements import may_read
from registry.services.accept import read_body
from registry.statements import Opened, open_statement, open_statements
from web.record.erased import SignerErased, erasures_of
from web.record.values import Hand, Record, Who
from web.statements import kind_of

MAX_CHAIN = 20  # keys that brought each other; a person has a handful in a life


def record_of(opened: Opened, *, language: str | None, party: str, check_at: str, at: datetime) -> Record:
    """
    Return the record of a statement as ``party``, who may read it, sees it.

    Raises ``Inadmissible`` where no text was signed, ``Conflict`` where it is not under a checkpoint yet,
    ``SignerErased``.
    """
    if opened.text is None:
        raise Inadmissible("no text was signed with this statement: it is a record of the registry", code="no_text")
    digest = opened.statement.digest
    receipt = log.proof(digest)
    if receipt is None:
        raise Conflict("the statement is accepted and not yet under a checkpoint", code="not_yet_published")
    keys, proof = _keys(opened, party=party, at=at), Proof.parse(receipt.encode())
    signed = open_signed(proof.checkpoint_text, keys.trust.log)
    signed_in = str(opened.statement.body["language"])
    shown = language or signed_in
    watched, ended = _ended(digest, opened.statement.type)
    return Record(
        envelope=opened.envelope,
        type=opened.statement.type,
        issued_at=opened.statement.issued_at,
        accepted_at=opened.accepted_at,
        text=opened.text,
        signed_in=signed_in,
        language=shown,
        translation=None if shown == signed_in else _translated(opened, shown, party=party, at=at),
        hands=_hands(opened, keys),
        principal=_principal(opened),
        watched=watched,
        ended=ended,
        proof=proof,
        checkpoint=signed.checkpoint,
        log_signers=tuple(sorted({key.kind.algorithm.name for key in signed.signers})),
        witnesses=len({one.name for one in signed.note.signatures} - {signed.checkpoint.origin}),
        keys=keys,
        check_at=check_at,
        made_at=at.replace(microsecond=0),
        erased=erasures_of(opened),
    )


def readable(digest: str, *, party: str, at: datetime) -> Opened | None:
    """Return a statement that the party may read; None where it is not for them. Raises ``Unknown``."""
    opened = open_statement(digest)
    if opened is None:
        raise Unknown(kind="statement", id=digest, status=404)
    return opened if may_read(opened, party=party, at=at) else None


def _translated(opened: Opened, language: str, *, party: str, at: datetime) -> str:
    """Say the same body in the other language, as a draft of it would be said today."""
    kind = kind_of(opened.statement.type)
    record, _ = read_body(opened.statement, kind)
    return kind.describe(record, language, names_for(party, at=at))


def _hands(opened: Opened, keys: Keys) -> tuple[Hand, ...]:
    rows = keys_by_id(signature.keyid for signature in opened.envelope.signatures)
    called = _called(row.party for row in rows.values())
    return tuple(
        Hand(
            who=called[rows[signature.keyid].party],
            kind=signature.kind,
            algorithm=algorithm_of(keys.keys[signature.keyid].spki) or signature.kind,
            keyid=signature.keyid,
        )
        for signature in opened.envelope.signatures
    )


def _called(parties: Iterable[str]) -> dict[str, Who]:
    wanted = set(parties)
    records = party_records(wanted)
    return {party: Who(id=party, name=records[party].name if party in records else None) for party in wanted}


def _principal(opened: Opened) -> Who | None:
    """Return in whose name it was signed, where the issuer is somebody else."""
    subject = opened.subject
    grants = opened.statement.type.startswith(("consent.granted", "consent.revoked", "licence.granted"))
    if subject is None or subject == opened.statement.issuer or not grants:
        return None
    return _called([subject])[subject]


def _ended(digest: str, type_: str) -> tuple[bool, datetime | None]:
    """Say whether the registry would know of a withdrawal of this kind of statement, and when it was."""
    consents = list(Consent.objects.filter(digest=digest))
    licence = Licence.objects.filter(digest=digest).first()
    if consents:
        by = describe_rows(consents)[0]["revoked"]
    elif licence is not None:
        by = licence.denied or licence.terminated or licence.ended
    else:
        return False, None
    row = StatementRow.objects.filter(digest=by).first() if by else None
    return True, None if row is None else row.accepted_at


def _keys(opened: Opened, *, party: str, at: datetime) -> Keys:
    signers = [signature.keyid for signature in opened.envelope.signatures]
    brought: dict[str, Opened] = {}
    keys: dict[str, PublicKey] = {}
    for keyid in signers:
        chain = _chain(keyid)
        if keyid not in chain:
            raise SignerErased(digest=opened.statement.digest)
        keys[keyid] = _key_of(chain[keyid])
        if _whole(chain) and all(may_read(one, party=party, at=at) for one in chain.values()):
            brought |= chain
            keys |= {one: _key_of(statement) for one, statement in chain.items()}
    digests = sorted({one.statement.digest for one in brought.values()})
    by_digest = {one.statement.digest: one for one in brought.values()}
    enrolments = tuple(Receipted(envelope=by_digest[one].envelope, proof=log.proof(one)) for one in digests)
    return Keys(keys=keys, enrolments=enrolments, trust=Trust.parse(trust()))


def _chain(keyid: str) -> Mapping[str, Opened]:
    """Return the statements that brought a key and those that signed for it, by key, as far back as enrolments."""
    chain: dict[str, Opened] = {}
    waiting = [keyid]
    while waiting and len(chain) < MAX_CHAIN:
        rows = Key.objects.filter(keyid__in=waiting)
        opened = open_statements(row.added_by for row in rows)
        found = {row.keyid: opened[row.added_by] for row in rows if row.added_by in opened}
        chain |= found
        signed = {one.keyid for statement in found.values() for one in statement.envelope.signatures}
        waiting = sorted(signed - set(chain))
    return chain


def _whole(chain: Mapping[str, Opened]) -> bool:
    """Whether each key that signed for another is there too: whoever was erased took theirs along."""
    return all(one.keyid in chain for statement in chain.values() for one in statement.envelope.signatures)


def _key_of(opened: Opened) -> PublicKey:
    return PublicKey.parse(Reader(opened.statement.body, "body").raw("key"), "body.key")
