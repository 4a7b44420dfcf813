"""
Check the record of a signed statement, from its attachments alone.

 1. Attachments: the six that a record has, each readable as what it should be.
 2. Statement: the payload is canonical and has the header that all statements share.
 3. Text: the words that are attached are those whose hash was signed.
 4. Signatures: every one stands, over the bytes that were signed, by the key that is attached.
 5. Inclusion: the log's entry for this very envelope leads to the root of the checkpoint.
 6. Checkpoint: the one attached is the one that the receipt is under, signed by the log.
 7. Keys: each key that signed was brought by a statement that the log holds before this one, signed in its turn; one of
    them is the issuer's.
 8. Witnesses: as many as the trust given asks for cosigned it.
 9. Page: the registry sealed the file as it is, for this statement; a page on which somebody changed a word is not it.
10. Trust: the log's and the registry's keys are in the trust given.

The page itself proves nothing: the signed text is what counts, and whoever checks a record is shown it. Left out:
reading the file (``generation.verify.pdf``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generation.core.bundle import MAX_STATEMENTS, Receipted
from generation.core.inclusion import check_checkpoints, check_witnesses
from generation.core.logged import included, open_if_known, signed_by_log
from generation.core.page_seal import Seal
from generation.core.receipt import statement_of, trust_of
from generation.core.steps import Checks, Found, Judgement, Outcome, Said, Unproven, require, run
from generation.core.trust import NO_TRUST, Trust
from registry.core.checkpoint import Checkpoint, Note, Proof
from registry.core.entry import entry_of
from registry.core.envelope import Envelope, PublicKey, Statement, parse_statement, verify_signatures
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.jcs import Json, parse_json, sha256_hex
from registry.core.merkle import leaf_hash, verify_inclusion
from registry.core.times import format_time

STATEMENT, PROOF, CHECKPOINT, KEYS, TEXT, SEAL = ATTACHED = (
    "statement.json",
    "proof.tlog-proof",
    "checkpoint",
    "keys.json",
    "text.txt",
    "seal.json",
)
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
            enrolments=body.list_of("enrolments", Receipted.parse, max_items=min(MAX_RECORD_KEYS, MAX_STATEMENTS)),
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
class RecordPaper:
    """The attachments of a file, and its hash with the seal blanked."""

    attached: Mapping[str, bytes]
    file_sha256: str
    given: Trust | None

    @property
    def envelope(self) -> Envelope:
        return Envelope.parse(parse_json(self._bytes(STATEMENT)), STATEMENT)

    @property
    def statement(self) -> Statement:
        return parse_statement(self.envelope.payload)

    @property
    def proof(self) -> Proof:
        return Proof.parse(self._bytes(PROOF))

    @property
    def text(self) -> str:
        try:
            return self._bytes(TEXT).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("not_utf8", field=TEXT) from error

    @property
    def keys(self) -> Keys:
        return Keys.parse(parse_json(self._bytes(KEYS)))

    @property
    def seal(self) -> Seal:
        return Seal.parse(self._bytes(SEAL))

    @property
    def trusted(self) -> Trust:
        return self.given or NO_TRUST

    @property
    def known(self) -> Trust:
        """Keys that signatures may be checked with; being here makes none of them trusted."""
        return self.keys.trust | self.trusted

    def _bytes(self, name: str) -> bytes:
        if name not in self.attached:
            raise Unproven(f"`{name}` is not attached")
        return self.attached[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """How a key came into the log."""

    party: str  # whose it is
    index: int
    issuer: str
    signed_by: tuple[str, ...]  # ids of the keys that signed its enrolment, itself among them

    @property
    def by(self) -> str | None:
        """Who brought it for the party, where somebody else did: those whom it named for the loss of its keys."""
        return None if self.issuer == self.party else self.issuer


def verify_record(paper: RecordPaper) -> Judgement:
    """Judge a record; what is said of it beside the steps is read from it once they hold."""
    steps = run(STEPS, paper, _vouched)
    failed = any(step.outcome == "failed" for step in steps)
    return Judgement(kind="record", steps=steps, planned=len(STEPS), about={} if failed else _about(paper))


def _about(paper: RecordPaper) -> dict[str, Json]:
    statement = paper.statement
    return {
        "digest": statement.digest,
        "type": statement.type,
        "issuer": statement.issuer,
        "language": statement.body.get("language"),
        "text": paper.text,
    }


def _attachments(paper: RecordPaper) -> Found:
    """1. Closed by default: one more or one less is no record."""
    missing, more = set(ATTACHED) - set(paper.attached), set(paper.attached) - set(ATTACHED)
    require(not missing, f"not attached: {', '.join(f'`{name}`' for name in sorted(missing))}")
    require(not more, f"attached, and not known: {', '.join(f'`{name[:80]}`' for name in sorted(more))}")
    Note.parse(paper.attached[CHECKPOINT])
    read = (paper.envelope, paper.proof, paper.text, paper.keys, paper.seal)
    return "proven", f"{len(read) + 1} attachments, each as its name says"


def _statement(paper: RecordPaper) -> Found:
    """2."""
    return statement_of(paper.envelope)


def _text(paper: RecordPaper) -> Found:
    """3. The signed text is the shown text."""
    signed, found = paper.statement.body.get("text_sha256"), sha256_hex(paper.attached[TEXT])
    require(signed == found, f"the text attached hashes to `{found}`, what was signed is `{signed}`")
    return "proven", f"{len(paper.text)} characters in `{paper.statement.body.get('language')}`, `{found}` as signed"


def _signatures(paper: RecordPaper) -> Found:
    """4. Over the bytes received."""
    envelope, keys = paper.envelope, paper.keys.keys
    signers = verify_signatures(envelope, keys)
    return "proven", ", ".join(f"by {keys[keyid].kind} key `{keyid}`" for keyid in signers)


def _inclusion(paper: RecordPaper) -> Found:
    """5."""
    return included(paper.envelope, paper.proof)


def _checkpoint(paper: RecordPaper) -> Found:
    """6."""
    attached = paper.attached[CHECKPOINT]
    require(attached == paper.proof.checkpoint_text.encode(), "the checkpoint attached is not the one of the receipt")
    return signed_by_log(paper.proof.checkpoint_text, paper.known.log, paper.trusted)


def _keys(paper: RecordPaper) -> Found:
    """7. A key that the log has never seen is anybody's; who made one up must have done it before everybody's eyes."""
    brought = _brought(paper)
    signers = {signature.keyid for signature in paper.envelope.signatures}
    told = [_told(keyid, brought[keyid]) for keyid in sorted(brought)]
    if unseen := signers - set(brought):
        known = f"; shown: {', '.join(told)}" if told else ""
        return "vouched", f"whose {len(unseen)} of {len(signers)} key(s) are: their enrolment is not shown here{known}"
    holders = {brought[keyid].party for keyid in signers}
    issuer = paper.statement.issuer
    require(issuer in holders, f"none of the keys that signed is of party `{issuer}`, who is said to say it")
    return "proven", ", ".join(told)


def _told(keyid: str, brought: Brought) -> str:
    by = f", added by party `{brought.by}`" if brought.by else ""
    return f"key `{keyid}` of party `{brought.party}`, entry {brought.index}{by}"


def _brought(paper: RecordPaper) -> dict[str, Brought]:
    """Map each key whose enrolment is attached and proven to how it came into the log."""
    found = dict(_enrolment(held, paper) for held in paper.keys.enrolments)
    for keyid, brought in found.items():
        for other in set(brought.signed_by) - {keyid}:
            earlier = other in found and found[other].index < brought.index
            require(earlier, f"key `{keyid}` was added by key `{other}`, of which no earlier enrolment is attached")
    return found


def _enrolment(held: Receipted, paper: RecordPaper) -> tuple[str, Brought]:
    """Read one enrolment: signed by the key that it brings, in the log before the statement that the key signed."""
    statement = parse_statement(held.envelope.payload)
    require(statement.type in ("key.added", "party.registered"), f"a {statement.type} brings no key")
    body = Reader(statement.body, "body")
    key, party = PublicKey.parse(body.raw("key"), "body.key"), body.uuid("party")
    attached = paper.keys.keys
    require(attached.get(key.keyid) == key, f"key `{key.keyid}` is attached as another than was enrolled")
    signed_by = verify_signatures(held.envelope, attached)
    require(key.keyid in signed_by, f"key `{key.keyid}` did not sign the statement that brings it")
    index = _place(held, paper)
    late = f"key `{key.keyid}` is entry {index} of the log, the statement that it signed is {paper.proof.index}"
    require(index < paper.proof.index, late)
    return key.keyid, Brought(party=party, index=index, issuer=statement.issuer, signed_by=signed_by)


def _place(held: Receipted, paper: RecordPaper) -> int:
    """Prove an enrolment's place under a checkpoint of the same log; where both are of one size they are the same."""
    require(held.proof is not None, f"statement `{held.envelope.digest}`, which brings a key, has no receipt")
    proof = Proof.parse((held.proof or "").encode())
    check_checkpoints([proof.checkpoint_text, paper.proof.checkpoint_text], paper.known.log)
    checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint_text.encode()).text)
    leaf = leaf_hash(entry_of(held.envelope))
    verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)
    return proof.index


def _witnesses(paper: RecordPaper) -> Found:
    """8."""
    return check_witnesses(open_if_known(paper.proof.checkpoint_text, paper.known.log), paper.trusted)


def _page(paper: RecordPaper) -> Found:
    """9. Names, dates and any translation on the page are the registry's words; this says that they are its."""
    seal, digest = paper.seal, paper.statement.digest
    require(seal.digest == digest, f"the page is sealed for statement `{seal.digest}`")
    changed = f"the file hashes to `{paper.file_sha256}`, sealed is `{seal.file_sha256}`: it was changed since"
    require(paper.file_sha256 == seal.file_sha256, changed)
    keys = {key.keyid: key for key in paper.known.registry}
    keyid = seal.signature.keyid
    require(keyid in keys, f"the page is sealed by key `{keyid}`, which nobody named as the registry's")
    problem = seal.fault(keys[keyid])
    require(problem is None, f"the seal of the page does not verify: {problem}")
    outcome: Outcome = "proven" if keyid in _trusted_registry(paper) else "consistent"
    return outcome, f"every byte of the file is as the registry sealed it, by key `{keyid}`"


def _trust(paper: RecordPaper) -> Found:
    """10."""
    signed = open_if_known(paper.proof.checkpoint_text, paper.known.log)
    lacks = [lack for one in signed for lack in one.lacks(paper.trusted)]
    if paper.seal.signature.keyid not in _trusted_registry(paper):
        lacks.append(f"the registry's key `{paper.seal.signature.keyid}`")
    return trust_of(paper.given, lacks)


def _trusted_registry(paper: RecordPaper) -> set[str]:
    return {key.keyid for key in paper.trusted.registry}


STEPS: Checks[RecordPaper] = (
    ("attachments", _attachments),
    ("statement", _statement),
    ("text", _text),
    ("signatures", _signatures),
    ("inclusion", _inclusion),
    ("checkpoint", _checkpoint),
    ("keys", _keys),
    ("witnesses", _witnesses),
    ("page", _page),
    ("trust", _trust),
)


def _vouched(paper: RecordPaper) -> Iterator[Said]:
    statement = paper.statement
    yield "names", "that the people and things on the page are called so, and whatever it says beside the signed text"
    yield "wording", "that the signed text says in words what the signed data says: whoever signed read the words"
    yield "standing", "that nothing took it back or took its place since, and that no key had been given away"
    yield "time", f"that it was signed at {format_time(statement.issued_at)}, as it says"
