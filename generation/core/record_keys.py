"""
Whose keys signed a record: `keys.json`, and how each key came into the log.

1. An enrolment is a `party.registered` or `key.added` with its receipt; it was signed by the key that it brings.
2. Whatever else signed it was brought by an earlier enrolment, back to a party's first key.
3. All of them lie in the log before the statement that the keys signed, unless that is itself what brings the key.

A false enrolment made up for one record is not in the log, and one in the log is there for everybody to see.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generation.core.bundle import Receipted
from generation.core.inclusion import check_checkpoints
from generation.core.steps import require
from generation.core.trust import Signed, Trust
from registry.core.checkpoint import Proof, VerifierKey
from registry.core.entry import entry_of
from registry.core.envelope import Envelope, PublicKey, parse_statement, verify_signatures
from registry.core.fields import Reader
from registry.core.jcs import Json
from registry.core.merkle import leaf_hash, verify_inclusion

MAX_RECORD_KEYS = 50  # who signed, and who signed for their keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Who signed: their keys, the statements that brought these as far as the reader may see them, and our own keys."""

    keys: Mapping[str, PublicKey]  # by key id
    enrolments: tuple[Receipted, ...]
    trust: Trust

    @classmethod
    def parse(cls, obj: object) -> "Keys":
        body = Reader(obj)
        body.int("v", 1, 1)
        keys = body.list_of("keys", PublicKey.parse, min_items=1, max_items=MAX_RECORD_KEYS)
        found = cls(
            keys={key.keyid: key for key in keys},
            enrolments=body.list_of("enrolments", Receipted.parse, max_items=MAX_RECORD_KEYS),
            trust=Trust.parse(body.raw("trust")),
        )
        body.finish()
        return found

    def format(self) -> dict[str, Json]:
        return {
            "v": 1,
            "keys": [self.keys[keyid].format() for keyid in sorted(self.keys)],
            "enrolments": [one.format() for one in self.enrolments],
            "trust": self.trust.format(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """How a key came into the log."""

    keyid: str
    party: str  # whose it is
    index: int
    under: Signed  # the checkpoint under which that is proven
    issuer: str
    signed_by: tuple[str, ...]  # ids of the keys that signed its enrolment, itself among them

    def __str__(self) -> str:
        by = "" if self.issuer == self.party else f", added by party `{self.issuer}`"  # for the loss of all others
        return f"key `{self.keyid}` of party `{self.party}`, entry {self.index}{by}"


def brought_by(keys: Keys, *, of: Envelope, before: Proof, known: tuple[VerifierKey, ...]) -> dict[str, Brought]:
    """
    Map each key whose enrolment is attached to how it came into the log; raises where one does not hold.

    ``of``: the statement that the record is of; ``before``: its receipt.
    """
    found: dict[str, Brought] = {}
    for held in keys.enrolments:
        brought = _enrolment(held, keys.keys, before, known)
        late = (
            f"key `{brought.keyid}` is entry {brought.index} of the log, the statement that it signed is {before.index}"
        )
        require(brought.index < before.index or held.envelope == of, late)
        require(brought.keyid not in found, f"key `{brought.keyid}` is enrolled twice")
        found[brought.keyid] = brought
    for keyid, brought in found.items():
        for other in set(brought.signed_by) - {keyid}:
            earlier = other in found and found[other].index < brought.index
            require(earlier, f"key `{keyid}` was added by key `{other}`, of which no earlier enrolment is attached")
    return found


def _enrolment(
    held: Receipted, keys: Mapping[str, PublicKey], before: Proof, known: tuple[VerifierKey, ...]
) -> Brought:
    statement = parse_statement(held.envelope.payload)
    require(statement.type in ("key.added", "party.registered"), f"a {statement.type} brings no key")
    body = Reader(statement.body, "body")
    key, party = PublicKey.parse(body.raw("key"), "body.key"), body.uuid("party")
    require(keys.get(key.keyid) == key, f"key `{key.keyid}` is attached as another than was enrolled")
    signed_by = verify_signatures(held.envelope, keys)
    require(key.keyid in signed_by, f"key `{key.keyid}` did not sign the statement that brings it")
    index, under = _place(held, before, known)
    return Brought(keyid=key.keyid, party=party, index=index, under=under, issuer=statement.issuer, signed_by=signed_by)


def _place(held: Receipted, before: Proof, known: tuple[VerifierKey, ...]) -> tuple[int, Signed]:
    """Prove an enrolment's place under a checkpoint of the same log; two of one size are the same tree."""
    require(held.proof is not None, f"statement `{held.envelope.digest}`, which brings a key, has no receipt")
    proof = Proof.parse((held.proof or "").encode())
    checked = check_checkpoints([proof.checkpoint_text, before.checkpoint_text], known)
    under = next(one for one in checked.signed if one.note.format().decode() == proof.checkpoint_text)
    point, leaf = under.checkpoint, leaf_hash(entry_of(held.envelope))
    verify_inclusion(proof.index, point.size, leaf, proof.hashes, point.root)
    return proof.index, under
