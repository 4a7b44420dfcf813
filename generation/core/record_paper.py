"""
Check the record of a signed statement, from its attachments alone.

 1. Attachments: the six that a record has, and a seventh where names are gone, each readable as what it should be.
 2. Statement: the payload is canonical and has the header that all statements share.
 3. Text: the words that are attached are those whose hash was signed; or what is left of them after erasures that the
    log holds, which is no proof of the rest.
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

from generation.core.inclusion import check_witnesses
from generation.core.logged import included, open_if_known, signed_by_log
from generation.core.page_seal import Seal
from generation.core.receipt import statement_of, trust_of
from generation.core.record_erased import Erased, Gone, check_erasures, parse_erasures
from generation.core.record_keys import Brought, Keys, brought_by
from generation.core.steps import Checks, Found, Judgement, Outcome, Said, Unproven, require, run
from generation.core.trust import NO_TRUST, Trust
from registry.core.checkpoint import Note, Proof
from registry.core.envelope import Envelope, Statement, parse_statement, verify_signatures
from registry.core.errors import Malformed
from registry.core.jcs import Json, parse_json, sha256_hex
from registry.core.times import format_time

STATEMENT, PROOF, CHECKPOINT, KEYS, TEXT, SEAL = ATTACHED = (
    "statement.json",
    "proof.tlog-proof",
    "checkpoint",
    "keys.json",
    "text.txt",
    "seal.json",
)
_KINDS_SAID = {"webauthn": "passkey", "mldsa44": "post-quantum key"}
ERASURES = "erasures.json"  # where the text is not whole any more, and only there


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
    def brought(self) -> dict[str, Brought]:
        """How the keys came into the log, as far as that is attached; raises where it does not hold."""
        return brought_by(self.keys, of=self.envelope, before=self.proof, known=self.known.log)

    @property
    def erased(self) -> tuple[Erased, ...]:
        return parse_erasures(parse_json(self._bytes(ERASURES))) if ERASURES in self.attached else ()

    @property
    def gone(self) -> tuple[Gone, ...]:
        """The erasures that took names out of the text; raises where one does not hold."""
        return check_erasures(self.erased, text=self.text, before=self.proof, known=self.known.log)

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
        "erased": [{"party": one.party, "digest": one.digest, "at": format_time(one.at)} for one in paper.erased],
    }


def _attachments(paper: RecordPaper) -> Found:
    """1. Closed by default: one more or one less is no record."""
    missing, more = set(ATTACHED) - set(paper.attached), set(paper.attached) - {*ATTACHED, ERASURES}
    require(not missing, f"not attached: {', '.join(f'`{name}`' for name in sorted(missing))}")
    require(not more, f"attached, and not known: {', '.join(f'`{name[:80]}`' for name in sorted(more))}")
    Note.parse(paper.attached[CHECKPOINT])
    for _ in (paper.envelope, paper.proof, paper.text, paper.keys, paper.seal, paper.erased):
        continue  # each raises where it cannot be read
    return "proven", f"{len(paper.attached)} attachments, each as its name says"


def _statement(paper: RecordPaper) -> Found:
    """2."""
    return statement_of(paper.envelope)


def _text(paper: RecordPaper) -> Found:
    """3. The signed text is the shown text."""
    signed, found = paper.statement.body.get("text_sha256"), sha256_hex(paper.attached[TEXT])
    if paper.erased and signed != found:
        told = "; ".join(map(str, paper.gone))
        return "consistent", f"not as it was signed (`{signed}`): names are gone from it, by erasure of {told}"
    require(signed == found, f"the text attached hashes to `{found}`, what was signed is `{signed}`")
    require(not paper.erased, "the text is whole, and names are said to be gone from it")
    language = paper.statement.body.get("language")
    return (
        "proven",
        f"the words attached, {len(paper.text)} characters in `{language}`, hash to `{found}`, as was signed",
    )


def _signatures(paper: RecordPaper) -> Found:
    """4. Over the bytes received."""
    envelope, keys = paper.envelope, paper.keys.keys
    signers = verify_signatures(envelope, keys)
    told = ", ".join(f"{_KINDS_SAID.get(keys[keyid].kind, 'key')} `{keyid}`" for keyid in signers)
    return "proven", f"every signature stands, over the bytes that are attached: by {told}"


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
    brought = paper.brought
    signers = {signature.keyid for signature in paper.envelope.signatures}
    told = "; ".join(str(brought[keyid]) for keyid in sorted(brought))
    if unseen := signers - set(brought):
        known = f"; shown: {told}" if told else ""
        return "vouched", f"whose {len(unseen)} of {len(signers)} key(s) are: their enrolment is not shown here{known}"
    holders = {brought[keyid].party for keyid in signers}
    issuer = paper.statement.issuer
    require(issuer in holders, f"none of the keys that signed is of party `{issuer}`, who is said to say it")
    if any(one.issuer != one.party for one in brought.values()):
        return "vouched", f"{told}; the authority to do so is not shown here"
    lacking = any(one.under.lacks(paper.trusted) for one in brought.values())
    return "consistent" if lacking else "proven", f"the log showed them to everybody before: {told}"


def _witnesses(paper: RecordPaper) -> Found:
    """8. Of the statement's checkpoint, and of those under which its keys were enrolled and names erased."""
    others = [one.under for one in paper.brought.values()] + [one.under for one in paper.gone]
    return check_witnesses([*open_if_known(paper.proof.checkpoint_text, paper.known.log), *others], paper.trusted)


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
    if paper.erased:
        yield "erasures", "that the names of these parties, and nothing else, are gone from the text"
    yield "standing", "that nothing took it back or took its place since, and that no key had been given away"
    yield "time", f"that it was signed at {format_time(statement.issued_at)}, as it says"
