"""What a record says, as values: gathered once, then set on the page and attached."""

from dataclasses import dataclass
from datetime import datetime

from generation.core.record_erased import Erased
from generation.core.record_keys import Keys
from registry.core.checkpoint import Proof
from registry.core.envelope import Envelope, parse_statement
from registry.core.treehead import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A party by the name that the registry knows, beside the id that is certain."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One signature: whose key, and of which kind."""

    who: Who
    kind: str  # of the key
    algorithm: str  # with which a passkey signs; else the kind again
    keyid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One statement with its receipt."""

    envelope: Envelope
    type: str
    issued_at: datetime
    accepted_at: datetime
    text: str  # as it was signed, or what erasures left of it
    signed_in: str  # its language
    language: str  # of the page
    translation: str | None  # of the same body into the page's language, where that is another
    hands: tuple[Hand, ...]
    principal: Who | None  # in whose name others signed
    watched: bool  # whether the registry would know of its being taken back
    ended: datetime | None  # when it was, as the registry knows it now
    proof: Proof
    checkpoint: Checkpoint
    log_signers: tuple[str, ...]  # algorithms of the log's signatures
    witnesses: int
    keys: Keys
    check_at: str  # address of its receipt
    made_at: datetime
    erased: tuple[Erased, ...] = ()  # whose names are gone from the text

    @property
    def digest(self) -> str:
        return self.envelope.digest

    @property
    def text_sha256(self) -> str:
        """Of the text as it was signed."""
        return str(parse_statement(self.envelope.payload).body["text_sha256"])
