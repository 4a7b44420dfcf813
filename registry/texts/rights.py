"""The texts of title claims and licences."""

from typing import Final

from registry.core.rights import Licence, LicenceConfirmed, LicenceDenied, LicenceTerminated, TitleClaim
from registry.texts.layout import Line, Names, Pair, days, grouped, page
from registry.texts.scopes import describe_scopes

_RIGHTS: Final[dict[str, Pair]] = {
    "underlying": ("the underlying work", "l’œuvre préexistante"),
    "script": ("the script", "le scénario"),
    "picture": ("the picture", "l’image"),
    "master": ("the sound recording", "l’enregistrement sonore"),
    "composition": ("the musical composition", "la composition musicale"),
    "artwork": ("the artwork", "l’œuvre d’art"),
}
_NATURES: Final[dict[str, Pair]] = {
    "economic": ("economic rights (to use it and let others use it)", "droits patrimoniaux (exploiter et autoriser)"),
    "moral": ("moral rights (of its author)", "droits moraux (de l’auteur)"),
}
_SUBJECTS: Final[dict[str, Pair]] = {"asset": ("File", "Fichier"), "work": ("Work", "Œuvre")}


def describe_title(record: TitleClaim, language: str, names: Names) -> str:
    right, nature, subject = _RIGHTS[record.right], _NATURES[record.nature], _SUBJECTS[record.subject.kind]
    numerator, denominator = record.share
    named = names(record.subject.id)
    return page(
        language,
        ("Claim of title", "Déclaration de titularité"),
        [
            (f"Who holds the rights: {names(record.claimant)}", f"Titulaire des droits : {names(record.claimant)}"),
            (f"{subject[0]}: {named}", f"{subject[1]} : {named}"),
            (f"Rights in: {right[0]}", f"Droits sur : {right[1]}"),
            (f"Nature: {nature[0]}", f"Nature : {nature[1]}"),
            (f"Share: {numerator} of {denominator}", f"Part : {numerator} sur {denominator}"),
            _document(record.document_sha256),
            ("The rights cover:", "Les droits couvrent :"),
            *describe_scopes(record.scopes, language, names),
        ],
        (
            "By signing I state that this is true, and that licences may be built on it.",
            "En signant, je déclare que cela est exact et que des licences peuvent s’y fonder.",
        ),
    )


def describe_licence(record: Licence, language: str, names: Names) -> str:
    return page(
        language,
        ("Licence", "Licence"),
        _terms(record, language, names),
        (
            "By signing, the licensor allows the licensee exactly what is written here and nothing else. The licensor "
            "can end the licence by a statement of its own.",
            "En signant, le donneur de licence autorise le preneur à faire exactement ce qui est écrit ici, et rien "
            "d’autre. Le donneur peut mettre fin à la licence par sa propre déclaration.",
        ),
    )


def describe_recorded_licence(record: Licence, language: str, names: Names) -> str:
    return page(
        language,
        ("Licence recorded from a document", "Licence inscrite d’après un document"),
        _terms(record, language, names),
        (
            "By signing, the licensee states, on its own responsibility, that the licensor signed a document with "
            "these terms. The licensor can confirm or deny it.",
            "En signant, le preneur déclare, sous sa propre responsabilité, que le donneur de licence a signé un "
            "document contenant ces termes. Le donneur peut le confirmer ou le nier.",
        ),
    )


def _terms(record: Licence, language: str, names: Names) -> list[Line | None]:
    return [
        (f"Licensor: {names(record.licensor)}", f"Donneur de licence : {names(record.licensor)}"),
        (f"Licensee: {names(record.licensee)}", f"Preneur de licence : {names(record.licensee)}"),
        *_subjects(record, names),
        _new_assets(record),
        (
            "It is not exclusive and cannot be sublicensed.",
            "Elle n’est pas exclusive et ne peut pas être sous-licenciée.",
        ),
        _cap(record),
        _document(record.document_sha256),
        _signed_on(record),
        ("The licence covers:", "La licence couvre :"),
        *describe_scopes(record.scopes, language, names),
    ]


def _subjects(record: Licence, names: Names) -> list[Pair]:
    lines = []
    for subject in record.subjects:
        label, named = _SUBJECTS[subject.kind], names(subject.id)
        lines.append((f"{label[0]}: {named}", f"{label[1]} : {named}"))
    return lines


def _new_assets(record: Licence) -> Pair | None:
    if all(subject.kind == "asset" for subject in record.subjects):
        return None
    if record.new_assets:
        return (
            "It reaches the files of these works, those registered later included.",
            "Elle s’étend aux fichiers de ces œuvres, y compris ceux enregistrés plus tard.",
        )
    return (
        "It reaches the files of these works that are registered today, not later ones.",
        "Elle s’étend aux fichiers de ces œuvres enregistrés à ce jour, non à ceux qui le seront plus tard.",
    )


def _cap(record: Licence) -> Pair:
    if record.caps.shots is None:
        return "The number of shots is not limited.", "Le nombre de plans n’est pas limité."
    number = record.caps.shots
    return f"At most {grouped(number, 'en')} shots.", f"Au plus {grouped(number, 'fr')} plans."


def _document(sha256: str | None) -> Pair | None:
    if sha256 is None:
        return None
    return f"SHA-256 of the document: {sha256}", f"SHA-256 du document : {sha256}"


def _signed_on(record: Licence) -> Pair | None:
    if record.signed_on is None:
        return None
    english, french = days(record.signed_on)
    return f"Document signed on {english}", f"Document signé le {french}"


_ACTS: Final[dict[type, tuple[Pair, Pair]]] = {
    LicenceConfirmed: (
        ("Confirmation of a licence", "Confirmation d’une licence"),
        (
            "By signing, the licensor confirms that it gave this licence, with exactly the terms that were recorded.",
            "En signant, le donneur confirme avoir accordé cette licence, exactement dans les termes inscrits.",
        ),
    ),
    LicenceDenied: (
        ("Denial of a licence", "Dénégation d’une licence"),
        (
            "By signing, the licensor denies that it gave this licence. It stops counting at once and for good.",
            "En signant, le donneur nie avoir accordé cette licence. Elle cesse de compter immédiatement et "
            "définitivement.",
        ),
    ),
    LicenceTerminated: (
        ("End of a licence", "Fin d’une licence"),
        (
            "By signing, the licensor ends this licence. It stops counting at once and for good.",
            "En signant, le donneur met fin à cette licence. Elle cesse de compter immédiatement et définitivement.",
        ),
    ),
}


def describe_licence_act(
    record: LicenceConfirmed | LicenceDenied | LicenceTerminated, language: str, names: Names
) -> str:
    title, signed = _ACTS[type(record)]
    named = names(record.licence)
    return page(language, title, [(f"Licence: {named}", f"Licence : {named}")], signed)
