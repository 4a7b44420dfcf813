"""
What the one write path must know of a statement type.

A ``Kind`` says how the body is read, who may say it, about whom it is, what it locks, what it must agree with, and
which projection rows follow from it. Each app writes the kinds it owns; ``web.statements`` gathers them.

``apply`` depends on the statement, its ``at`` and the rows that earlier statements made, and on nothing else, so that
replaying the log rebuilds every projection; so does whom ``enact`` tells that somebody else signed for them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import Model

from registry.core.envelope import PublicKey, Statement
from registry.core.fields import Reader
from registry.core.jcs import Json
from registry.locks import Head
from registry.models import Authority, AuthorityAgent, Notice
from registry.statements import Opened, open_statements
from registry.threads import NO_THREADS, Threads, tie

ANY_PARTY: Final = frozenset({"*"})  # of ``issuers``: whoever is enrolled

Effect = Literal["widens", "narrows", "records"]
ModelClass = type[Model]
Names = Callable[[str], str]  # the id of a party, project, work or asset -> how to call it in a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """Heads that a statement reads, and heads that it changes."""

    shared: frozenset[Head] = frozenset()
    exclusive: frozenset[Head] = frozenset()


@dataclass(slots=True, kw_only=True)
class Look:
    """What ``issuers`` may look at: statements already stored, each opened once."""

    issuer: str
    _opened: dict[str, Opened] = field(default_factory=dict)

    def statement(self, digest: str) -> Opened | None:
        if digest not in self._opened:
            self._opened |= open_statements([digest])
        return self._opened.get(digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Whose word a statement is, and what it takes to give it in their place."""

    principals: frozenset[str]
    power: str | None  # of their authority; None: nobody signs this for them
    acts: int = 0  # a set of acts that the authority must reach
    roles: frozenset[str] | None = None  # of the authority; None: any


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """The authority under which a statement was signed for somebody else."""

    authority: str
    principal: str
    role: str
    agents: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One statement on its way in, or replayed."""

    record: Any  # what the kind's ``parse`` returned
    statement: Statement
    at: datetime  # PostgreSQL's clock after the locks: its accepted_at
    epochs: dict[Head, int] = field(default_factory=dict)  # of the locked heads; empty when replayed
    signers: frozenset[str] = frozenset()  # whose keys signed; empty when replayed
    under: Under | None = None  # None: the issuer's own word, or replayed

    @property
    def digest(self) -> str:
        return self.statement.digest


def no_key(record: Any) -> PublicKey | None:
    return None


def own_word(record: Any, look: Look) -> Voice | None:
    """A kind that nobody signs for somebody else."""
    return None


def no_threads(context: Context) -> Threads:
    """A kind that no decision reads."""
    return NO_THREADS


def nothing(context: Context) -> None:
    """A kind that checks or writes nothing."""


def wordless(record: Any, language: str, names: Names) -> str:
    """The registry's own records are shown to nobody for signing."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One statement type. ``tables`` are the models whose rows ``apply`` writes."""

    type: str
    effect: Effect
    parse: Callable[[Reader], Any]  # takes the fields of the kind; the three of ``Shown`` and the rest are the caller's
    issuers: Callable[[Any, Look], Iterable[str]]  # (record, look) -> parties who may say it
    subject: Callable[[Any], str | None]  # the data subject
    heads: Callable[[Any, str], Locks]  # (record, issuer); keys and issuer are locked beside these
    describe: Callable[[Any, str, Names], str]  # (record, language, names) -> the text to read and sign
    apply: Callable[[Context], None] = nothing
    check: Callable[[Context], None] = nothing  # raises a DomainError; sees what is stored, before ``apply``
    tables: tuple[ModelClass, ...] = ()
    brings: Callable[[Any], PublicKey | None] = no_key  # a new key, which signs in proof of possession
    threads: Callable[[Context], Threads] = no_threads  # under what a decision finds it, and to what it leads
    usual: Mapping[str, Json] = field(default_factory=dict)  # what a draft says of fields that it leaves out
    speaks: Callable[[Any, Look], Voice | None] = own_word  # (record, look) -> for whom others may issue it, and how

    def enact(self, context: Context) -> None:
        """Write what follows, tie it to what decisions follow, and tell whom somebody else signed for."""
        self.apply(context)
        issuer = context.statement.issuer
        tie(context.digest, self.threads(context), issuer=issuer)
        voice = self.speaks(context.record, Look(issuer=issuer))
        if voice is not None and issuer not in voice.principals:
            self._tell(voice, context)

    def _tell(self, voice: Voice, context: Context) -> None:
        own = AuthorityAgent.objects.filter(agent=context.statement.issuer).values("authority")
        spoken_for = Authority.objects.filter(principal__in=voice.principals, id__in=own)
        Notice.objects.bulk_create(
            Notice(
                party=principal,
                digest=context.digest,
                type=self.type,
                signed_by=context.statement.issuer,
                at=context.at,
            )
            for principal in sorted(set(spoken_for.values_list("principal", flat=True)))
        )


def own_record(
    type_: str,
    *,
    parse: Callable[[Reader], Any],
    apply: Callable[[Context], None],
    tables: tuple[ModelClass, ...],
    check: Callable[[Context], None] = nothing,
    threads: Callable[[Context], Threads] = no_threads,
) -> Kind:
    """Return a kind that the registry alone writes, about nobody, as something happens."""
    return Kind(
        type=type_,
        effect="records",
        parse=parse,
        issuers=lambda record, look: (),
        subject=lambda record: None,
        heads=lambda record, issuer: Locks(),
        check=check,
        apply=apply,
        describe=wordless,
        tables=tables,
        threads=threads,
    )
