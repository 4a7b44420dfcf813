"""
Which keys were rightly brought by agents, for a party that lost its own (``registry.core.recovery``).

A recovery is a `key.added` that somebody else issues for a party. It counts where the new key signed it, and where an
authority of the party's own making gave its issuer the power to recover, lay before it in the log, stood, and was
signed for by as many agents as it requires, the registry's own party not counted. A dispute of the authority that was
issued while the key was green keeps it green until the dispute lapses or is ended, and for ever where it was upheld.

A key that somebody held by then is nobody's to bring; that it comes again later, from whoever has it, changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from consent.core.settled.disputes import Disputes
from consent.core.settled.keyring import Keyring, Parsed
from consent.core.settled.read import Read
from consent.core.settled.standing import Authorities
from registry.core import recovery
from registry.core.authority import AuthorityDisputed
from registry.core.record import KeyAdded
from registry.core.times import to_epoch_s


def recoveries(parsed: Iterable[Parsed]) -> list[Parsed]:
    """Return the statements that would recover a key, whether or not they count."""
    return [one for one in parsed if isinstance(one[2], KeyAdded) and one[0].issuer != one[2].party]


def ripe_from(brought: Parsed, keyring: Keyring, statements: Sequence[Read], registry: str | None) -> int | None:
    """Return the second from which the key of a recovery is ripe, by what others' keys say; None: it does not count."""
    statement, envelope, record = brought
    assert isinstance(record, KeyAdded)
    signers = keyring.bringers(statement, envelope, record.key) - {registry}
    read = next(s for s in statements if s.digest == statement.digest)
    said = replace(read, signers=signers, authorised=statement.issuer in signers)
    ripe_s = to_epoch_s(recovery.ripe_at(statement.issued_at))
    word = _authorities(statements, ripe_s, registry).word(
        said, record.party, power=recovery.POWER, roles=recovery.ROLES
    )
    return None if word is None else max(ripe_s, word.contested_until_s)


def _authorities(statements: Sequence[Read], before_s: int, registry: str | None) -> Authorities:
    """Return the authorities, disputed by what was issued before a second."""
    heard = [s for s in statements if not isinstance(s.record, AuthorityDisputed) or to_epoch_s(s.issued_at) < before_s]
    return Authorities(heard, Disputes(heard, registry), _nobody)


def _nobody(voucher: str, whom: str, grantee: str) -> bool:
    """No authority to which others attest recovers anything: nobody's independence is asked."""
    return False
