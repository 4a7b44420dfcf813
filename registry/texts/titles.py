"""The texts of title claims, of disputes and of how these end."""

from typing import Final

from registry.core.titles import DISPUTE_LAPSES_S, TitleClaim, TitleDisputed, TitleResolved
from registry.texts.layout import Names, Pair, page
from registry.texts.scopes import describe_scopes
from registry.texts.subjects import document_line, subject_lines

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
_OUTCOMES: Final[dict[str, tuple[Pair, Pair]]] = {
    "withdrawn": (
        ("The dispute is withdrawn.", "La contestation est retirée."),
        (
            "By signing, whoever disputed takes the dispute back. What was disputed stands as if it had not been.",
            "En signant, l’auteur de la contestation la retire. Ce qui était contesté vaut comme s’il ne l’avait pas "
            "été.",
        ),
    ),
    "dismissed": (
        ("The dispute is dismissed.", "La contestation est rejetée."),
        (
            "By signing, a court officer records that the dispute failed. What was disputed stands.",
            "En signant, un officier de justice constate le rejet de la contestation. Ce qui était contesté vaut.",
        ),
    ),
    "upheld": (
        ("The dispute is upheld.", "La contestation est accueillie."),
        (
            "By signing, the other side concedes, or a court officer records, that the dispute was right. A claim of "
            "title or an authority that was disputed ends for good, and nothing ever signed under that authority "
            "counts; a withdrawal no longer counts as one for breach.",
            "En signant, l’autre partie admet, ou un officier de justice constate, que la contestation est fondée. Une "
            "titularité ou un mandat contestés prennent fin définitivement, et rien de ce qui fut signé en vertu de ce "
            "mandat ne compte ; un retrait ne vaut plus comme retrait pour violation.",
        ),
    ),
    "settled": (
        ("The dispute is settled.", "La contestation est close par un accord."),
        (
            "By signing, whoever disputed states, or a court officer records, that the parties have come to terms. "
            "What was disputed stands.",
            "En signant, l’auteur de la contestation déclare, ou un officier de justice constate, que les parties "
            "se sont accordées. Ce qui était contesté vaut.",
        ),
    ),
}  # fmt: skip
_LAPSES_DAYS: Final = DISPUTE_LAPSES_S // 86_400


def describe_title(record: TitleClaim, language: str, names: Names) -> str:
    right, nature = _RIGHTS[record.right], _NATURES[record.nature]
    numerator, denominator = record.share
    return page(
        language,
        ("Claim of title", "Déclaration de titularité"),
        [
            (f"Who holds the rights: {names(record.claimant)}", f"Titulaire des droits : {names(record.claimant)}"),
            *subject_lines([record.subject], names),
            (f"Rights in: {right[0]}", f"Droits sur : {right[1]}"),
            (f"Nature: {nature[0]}", f"Nature : {nature[1]}"),
            (f"Share: {numerator} of {denominator}", f"Part : {numerator} sur {denominator}"),
            document_line(record.document_sha256),
            ("The rights cover:", "Les droits couvrent :"),
            *describe_scopes(record.scopes, language, names),
        ],
        (
            "By signing I state that this is true, and that licences may be built on it.",
            "En signant, je déclare que cela est exact et que des licences peuvent s’y fonder.",
        ),
    )


def describe_dispute(record: TitleDisputed, language: str, names: Names) -> str:
    named = names(record.claim)
    return page(
        language,
        ("A claim of title is disputed", "Contestation d’une titularité"),
        [
            (f"Claim: {named}", f"Titularité contestée : {named}"),
            (f"Grounds: {record.grounds}", f"Motifs : {record.grounds}"),
            document_line(record.evidence_sha256, ("the evidence", "de la pièce justificative")),
        ],
        (
            "By signing I state that this is true and that I have the evidence. At once, whatever the claim holds is "
            f"refused for new uses, until the dispute is resolved, or {_LAPSES_DAYS} days have passed without another.",
            "En signant, je déclare que cela est exact et que je détiens la pièce justificative. Dès maintenant, tout "
            "nouvel usage de ce que couvre cette titularité est refusé, jusqu’à l’issue de la contestation ou, sans "
            f"nouvelle contestation, pendant {_LAPSES_DAYS} jours.",
        ),
    )


def describe_resolution(record: TitleResolved, language: str, names: Names) -> str:
    outcome, signed = _OUTCOMES[record.outcome]
    return page(
        language,
        ("A dispute ends", "Fin d’une contestation"),
        [
            (f"Dispute: {record.dispute}", f"Contestation : {record.dispute}"),
            outcome,
            document_line(record.document_sha256),
        ],
        signed,
    )
