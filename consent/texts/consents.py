"""
What a performer reads before signing, and what a grantee signs about a paper.

Every term of the body is spelled out, in the order in which a careful agent would ask: who, for what, within which
limits, whom to ask each time, how to take it back, what happens then. Nothing is said that the body does not say.
"""

from typing import Final

from consent.core.record import Consent
from consent.texts.terms import approvals, ending, shown_as
from registry.texts.conditions import describe_caps
from registry.texts.layout import Line, Names, Pair, days, listed, moment, page, say
from registry.texts.scopes import describe_scope

_SIGNED: Final[Pair] = (
    "By signing I allow exactly what is written here and nothing else.",
    "En signant, j’autorise exactement ce qui est écrit ici, et rien d’autre.",
)
_RECORDED: Final[Pair] = (
    "By signing, the grantee states, on its own responsibility, that the performer signed a document with these terms. "
    "Until the performer has signed here, it counts for keeping material and for nothing else.",
    "En signant, le bénéficiaire déclare, sous sa propre responsabilité, que l’interprète a signé un document "
    "contenant ces termes. Tant que l’interprète n’a pas signé ici, cela ne vaut que pour la conservation du matériel.",
)


def describe_consent(record: Consent, language: str, names: Names) -> str:
    """Write the whole of a consent in plain words."""
    title = ("Consent to the use of my likeness", "Consentement à l’utilisation de mon image")
    lines = [*_who(record, names), _basis(record, names), _answers(record), *_body(record, language, names)]
    return page(language, title, lines, _SIGNED)


def describe_recorded(record: Consent, language: str, names: Names) -> str:
    """Write what a grantee says that a performer signed on paper."""
    title = ("Consent recorded from a document", "Consentement inscrit d’après un document")
    lines = [*_who(record, names), *_paper(record), *_body(record, language, names)]
    return page(language, title, lines, _RECORDED)


def _who(record: Consent, names: Names) -> list[Line | None]:
    performer, grantee = names(record.performer), names(record.grantee)
    return [
        (
            f"{performer} gives {grantee} permission, within the limits below.",
            f"{performer} autorise {grantee}, dans les limites ci-dessous.",
        ),
        (
            f"“I” is {performer}, whoever signs for them.",
            f"«\N{NO-BREAK SPACE}Je\N{NO-BREAK SPACE}» désigne {performer}, quel que soit le signataire.",
        ),
        (f"What it is for: {record.description}", f"Objet : {record.description}"),
    ]


def _basis(record: Consent, names: Names) -> Pair:
    grantee = names(record.grantee)
    if record.basis == "contract":
        return (
            f"This is an offer: it counts only once {grantee} has accepted it.",
            f"Ceci est une offre : elle ne vaut qu’une fois acceptée par {grantee}.",
        )
    return (
        "This consent stands by itself and needs no acceptance.",
        "Ce consentement vaut par lui-même, sans acceptation.",
    )


def _answers(record: Consent) -> Pair | None:
    if record.answers is None:
        return None
    return (
        f"It answers the request or record with the digest {record.answers}.",
        f"Il répond à la demande ou à l’inscription dont l’empreinte est {record.answers}.",
    )


def _paper(record: Consent) -> list[Line | None]:
    lines: list[Line | None] = [
        (f"SHA-256 of the document: {record.document_sha256}", f"SHA-256 du document : {record.document_sha256}")
    ]
    if record.signed_on is not None:
        english, french = days(record.signed_on)
        lines.append((f"Document signed on {english}", f"Document signé le {french}"))
    if record.counters is not None:
        lines.append(
            (
                f"It is a counter-offer to the offer with the digest {record.counters}, which ends with it.",
                f"C’est une contre-offre à l’offre dont l’empreinte est {record.counters}, qui prend fin avec elle.",
            )
        )
    return lines


def _body(record: Consent, language: str, names: Names) -> list[Line | None]:
    return [
        *_permissions(record, language, names),
        "",
        *shown_as(record, language),
        _minor(record),
        _later_projects(record, language, names),
        "",
        *describe_caps(record.caps, language),
        *approvals(record, language, names),
        _cooling_off(record, language),
        "",
        *ending(record, language, names),
    ]


def _permissions(record: Consent, language: str, names: Names) -> list[Line | None]:
    lines: list[Line | None] = []
    for number, scope in enumerate(record.scopes, start=1):
        total = len(record.scopes)
        lines += ["", (f"Permission {number} of {total}:", f"Autorisation {number} sur {total} :")]
        lines += [f"- {line}" for line in describe_scope(scope, language, names)]
    return lines


def _minor(record: Consent) -> Line | None:
    if record.minor is None:
        return None
    who = {
        "one": ("One of my guardians signs", "L’un de mes représentants légaux signe"),
        "all": ("All my guardians sign", "Tous mes représentants légaux signent"),
    }[record.minor.guardians]
    then = {
        "ends": ("it ends", "il prend fin"),
        "continues": ("it continues", "il se poursuit"),
        "to_be_ratified": (
            "it ends unless I confirm it then",
            "il prend fin, sauf si je le confirme alors",
        ),
    }[record.minor.at_majority]
    court = record.minor.court_order_sha256
    order = (
        ("", "")
        if court is None
        else (f" Court order (SHA-256): {court}.", f" Décision de justice (SHA-256) : {court}.")
    )
    return (
        f"I am a minor. {who[0]} for me. On my 18th birthday {then[0]}.{order[0]}",
        f"Je n’ai pas atteint la majorité. {who[1]} pour moi. À mes 18 ans, {then[1]}.{order[1]}",
    )


def _later_projects(record: Consent, language: str, names: Names) -> Line | None:
    if not record.future_projects:
        return None
    named = listed(sorted(names(project) for project in record.future_projects), language)
    return say(
        (
            f"What is later made as a part of these is included, as far as they are named above: {named}.",
            f"Ce qui sera fait plus tard comme partie de ceci est inclus, dans la mesure où ils sont nommés plus "
            f"haut : {named}.",
        ),
        language,
    )


def _cooling_off(record: Consent, language: str) -> Line | None:
    if record.cooling_off_until is None:
        return None
    until = moment(record.cooling_off_until, language)
    return say(
        (
            f"Time to think: until {until} nothing but scanning and keeping begins, and I may take everything back "
            "without giving a reason, whatever is said below.",
            f"Délai de réflexion : jusqu’au {until}, rien d’autre que la numérisation et la conservation ne commence, "
            "et je peux tout retirer sans motif, quoi qu’il soit dit plus bas.",
        ),
        language,
    )
