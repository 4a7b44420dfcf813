"""What to call a consent in a text: who gave it to whom, and the digest that makes it certain."""

from collections.abc import Callable
from typing import Any

from consent.models import Consent
from registry.texts.layout import Names

Describe = Callable[[Any, str, Names], str]


def naming_consents(describe: Describe) -> Describe:
    """Return the same text, in which consents are called by name too."""

    def described(record: Any, language: str, names: Names) -> str:
        return describe(record, language, lambda id_: _consent(id_, names) or names(id_))

    return described


def _consent(digest: str, names: Names) -> str | None:
    if len(digest) != 64:
        return None
    row = Consent.objects.filter(digest=digest).first()
    return None if row is None else f"{names(row.performer)} → {names(row.grantee)} ({digest})"
