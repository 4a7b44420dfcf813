"""The texts of what is never or not now allowed: restrictions and suspensions, and their lifting."""

from collections.abc import Sequence
from typing import Final

from consent.core.bar_bodies import RestrictionDeclared, RestrictionLifted, SuspensionDeclared, SuspensionLifted
from registry.core.events import AnyScope
from registry.texts.layout import Line, Names, Pair, listed, page
from registry.texts.scopes import describe_bars, describe_lifted

_KINDS: Final[dict[str, Pair]] = {
    "strike": ("a strike", "une grève"),
    "court": ("an order of a court", "une décision de justice"),
    "holdback": ("a holdback", "une réserve d’exploitation"),
    "personal": (
        "the performer’s own “not now”",
        "le «\N{NO-BREAK SPACE}pas maintenant\N{NO-BREAK SPACE}» de l’interprète",
    ),
}
_ON: Final[dict[str, Pair]] = {
    "performer": ("On the performer", "Visant l’interprète"),
    "union": ("On everybody who is a member of", "Visant tous les membres de"),
    "work": ("On the work", "Visant l’œuvre"),
    "asset": ("On the file", "Visant le fichier"),
    "grantee": ("On every use by", "Visant toute utilisation par"),
}


def describe_restriction(record: RestrictionDeclared, language: str, names: Names) -> str:
    performer = names(record.performer)
    return page(
        language,
        ("What I never want", "Ce que je ne veux jamais"),
        [
            (f"Performer: {performer}", f"Interprète : {performer}"),
            _number(record.restriction),
            (
                "Never, whatever anybody has granted or will grant:",
                "Jamais, quoi que quiconque ait accordé ou accorde :",
            ),
            *describe_bars(record.scopes, language, names),
        ],
        (
            "By signing I forbid this from now on. Nobody can lift it but I, by a key of my own.",
            "En signant, j’interdis cela dès maintenant. Personne d’autre que moi ne peut lever cette interdiction, "
            "par ma propre clé.",
        ),
    )


def describe_restriction_lifted(
    record: RestrictionLifted, language: str, names: Names, *, barred: Sequence[AnyScope]
) -> str:
    """Say what is lifted; before those who may not read the restriction, ``barred`` holds nothing."""
    lifts: Pair = ("What I forbade until now:", "Ce que j’interdisais jusqu’ici :")
    return page(
        language,
        ("I lift a restriction of mine", "Je lève une interdiction"),
        [_number(record.restriction), lifts if barred else None, *describe_bars(barred, language, names)],
        (
            "By signing I lift this restriction. It allows nothing by itself: a use still needs my consent.",
            "En signant, je lève cette interdiction. Cela n’autorise rien en soi : toute utilisation requiert encore "
            "mon consentement.",
        ),
    )


def describe_suspension(record: SuspensionDeclared, language: str, names: Names) -> str:
    kind, on = _KINDS[record.kind], _ON[record.on.kind]
    subject = names(record.on.id)
    return page(
        language,
        ("Suspension", "Suspension"),
        [
            (f"What it is: {kind[0]}", f"Nature : {kind[1]}"),
            (f"Declared by: {names(record.by)}", f"Déclarée par : {names(record.by)}"),
            (f"{on[0]}: {subject}", f"{on[1]} : {subject}"),
            _number(record.suspension),
            _agreements(record, language),
            _excepted(record, language, names),
            _document(record.document_sha256),
            ("Not now, whatever was granted:", "Pas maintenant, quoi que l’on ait accordé :"),
            *describe_bars(record.scopes, language, names),
        ],
        (
            "By signing I suspend this from now on, until it is lifted or its time is over.",
            "En signant, je suspends cela dès maintenant, jusqu’à la levée de la suspension ou son terme.",
        ),
    )


def describe_suspension_lifted(record: SuspensionLifted, language: str, names: Names) -> str:
    lines: list[Line | None] = [_number(record.suspension)]
    if record.projects is not None:
        projects = listed(sorted(names(project) for project in record.projects), language)
        lines.append((f"Only for these projects: {projects}", f"Seulement pour ces projets : {projects}"))
    if record.scopes is not None:
        lines.append(("Only as far as written here:", "Seulement dans la mesure écrite ici :"))
        lines += describe_lifted(record.scopes, language, names)
    if record.scopes is None and record.projects is None:
        lines.append(("All of it.", "En totalité."))
    return page(
        language,
        ("A suspension is lifted", "Levée d’une suspension"),
        lines,
        (
            "By signing I lift this. It allows nothing by itself: what was granted counts again as it was granted.",
            "En signant, je la lève. Cela n’autorise rien en soi : ce qui avait été accordé vaut à nouveau tel quel.",
        ),
    )


def _agreements(record: SuspensionDeclared, language: str) -> Pair | None:
    if not record.agreements:
        if record.kind != "strike":
            return None
        return "For every project, whatever its agreement.", "Pour tout projet, quelle que soit sa convention."
    named = listed(sorted(record.agreements), language)
    return f"Only for projects under: {named}", f"Seulement pour les projets sous : {named}"


def _excepted(record: SuspensionDeclared, language: str, names: Names) -> Pair | None:
    if not record.excepted_projects:
        return None
    named = listed(sorted(names(project) for project in record.excepted_projects), language)
    return f"Not for these projects and their parts: {named}", f"Sauf pour ces projets et leurs parties : {named}"


def _document(sha256: str | None) -> Pair | None:
    if sha256 is None:
        return None
    return f"SHA-256 of the document: {sha256}", f"SHA-256 du document : {sha256}"


def _number(id_: str) -> Pair:
    return f"Number in this registry: {id_}", f"Numéro dans ce registre : {id_}"
