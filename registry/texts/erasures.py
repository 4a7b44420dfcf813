"""What a person is told before they are erased, and what they have in their hands afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.core.erasure import Erasure, Kept
from registry.texts.layout import Line, Pair, count, day, page

_REASONS: Final[dict[str, Pair]] = {
    "legal_claims": (
        "it grounds a work that was released, and proves what was allowed should anybody go to court",
        "elle fonde une œuvre diffusée et prouve ce qui était permis en cas de litige",
    ),
    "legal_duty": (
        "the law asks those who trained a model to show on what",
        "la loi oblige ceux qui ont entraîné un modèle à montrer avec quoi",
    ),
}
_OBSTACLES: Final[dict[str, Pair]] = {
    "rights_in_force": (
        "a licence or title of yours is still in force for somebody else: let it end, or pass it on, first",
        "une licence ou un titre de votre part est encore en vigueur pour quelqu’un d’autre : il faut d’abord qu’il "
        "prenne fin ou qu’il soit cédé",
    ),
    "pull_pending": (
        "a released shot is about to be withdrawn because you took your consent back: that comes first",
        "un plan diffusé va être retiré parce que vous avez retiré votre consentement : cela passe d’abord",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What will happen, in numbers."""

    subject: str
    destroyed: int  # statements
    kept: Sequence[Kept]  # statements
    scans: int
    papers: int
    answers: int
    open_shots: int
    released: int
    signed_for_others: int
    obstacles: Sequence[tuple[str, str]]
    wait_days: int


def foretell(told: Foretold, language: str) -> str:
    """Write what erasing a person will destroy, what stays and why, and what follows."""
    return page(
        language,
        ("What erasing you does", "Ce que fait votre effacement"),
        [
            (f"Your number in this registry: {told.subject}", f"Votre numéro dans ce registre : {told.subject}"),
            *_obstacles(told.obstacles),
            _destroyed(told),
            _made(told),
            *_stays(told, language),
            *_AFTER,
            _others(told),
        ],
        (
            f"If you confirm, this is carried out after {told.wait_days} days; until then you can take it back. After "
            "that nobody can undo it.",
            f"Si vous confirmez, l’effacement a lieu après {told.wait_days} jours ; jusque-là vous pouvez y renoncer. "
            "Ensuite, personne ne peut l’annuler.",
        ),
    )


def describe_erasure(records: Sequence[Erasure], digests: Sequence[str], at: datetime, language: str) -> str:
    """Write the receipt of an erasure that is done."""
    destroyed = sum(len(record.destroyed) for record in records)
    kept = [one for record in records for one in record.kept]
    return page(
        language,
        ("Receipt of an erasure", "Reçu d’un effacement"),
        [
            (f"Number of the person: {records[0].subject}", f"Numéro de la personne : {records[0].subject}"),
            (f"Done on {day(at.date(), 'en')}", f"Effectué le {day(at.date(), 'fr')}"),
            (
                f"Destroyed: {count(destroyed, 'thing', 'things', 'en')}. The key under which they were stored is "
                "gone, and what is left of them cannot be read by anybody.",
                f"Détruit : {count(destroyed, 'élément', 'éléments', 'fr')}. La clé sous laquelle ils étaient "
                "conservés n’existe plus ; ce qu’il en reste n’est lisible par personne.",
            ),
            *_kept_lines(kept, language),
            *((f"In the public log as {one}", f"Dans le journal public sous {one}") for one in digests),
        ],
        (
            "The public log holds digests only. This receipt and its proof can be checked without this registry.",
            "Le journal public ne contient que des empreintes. Ce reçu et sa preuve se vérifient sans ce registre.",
        ),
    )


def _obstacles(obstacles: Iterable[tuple[str, str]]) -> list[Line]:
    return [
        (
            f"Not yet possible: {_OBSTACLES[code][0]} ({about}).",
            f"Pas encore possible : {_OBSTACLES[code][1]} ({about}).",
        )
        for code, about in obstacles
    ]


def _destroyed(told: Foretold) -> Pair:
    english = [
        count(told.destroyed, "signed statement about you", "signed statements about you", "en"),
        count(told.scans, "scan or recording", "scans and recordings", "en"),
        count(told.papers, "paper that you deposited", "papers that you deposited", "en"),
        count(told.answers, "answer to an identity check", "answers to identity checks", "en"),
    ]
    french = [
        count(told.destroyed, "déclaration signée vous concernant", "déclarations signées vous concernant", "fr"),
        count(told.scans, "numérisation ou enregistrement", "numérisations et enregistrements", "fr"),
        count(told.papers, "document que vous avez déposé", "documents que vous avez déposés", "fr"),
        count(told.answers, "réponse à un contrôle d’identité", "réponses à des contrôles d’identité", "fr"),
    ]
    return (
        f"Destroyed for good: {'; '.join(english)}; with them your name and details, what your name is found by, "
        "requests made to you, messages, notices and access tokens.",
        f"Détruit définitivement : {' ; '.join(french)} ; avec eux votre nom et vos données, ce qui permet de "
        "retrouver votre nom, les demandes qui vous ont été faites, les messages, les avis et les jetons d’accès.",
    )


def _made(told: Foretold) -> Pair | None:
    if not told.open_shots:
        return None
    shots = (
        count(told.open_shots, "shot", "shots", "en"),
        count(told.open_shots, "plan", "plans", "fr"),
    )
    return (
        f"{shots[0]} that shows you and is still being made is ended, and its pictures are destroyed.",
        f"{shots[1]} en cours où vous apparaissez : la fabrication s’arrête et les images sont détruites.",
    )


def _stays(told: Foretold, language: str) -> list[Line]:
    if not told.kept:
        return [
            (
                "Nothing about you has to be kept.",
                "Rien de ce qui vous concerne ne doit être conservé.",
            )
        ]
    return [*_kept_lines(told.kept, language), *([_PAPERS] if told.released else [])]


_PAPERS: Final[Pair] = (
    "With them stays, sealed in the same way, what each released shot that shows you was made for.",
    "Avec elles reste, scellé de la même façon, ce pour quoi chaque plan diffusé où vous apparaissez a été fait.",
)


def _kept_lines(kept: Sequence[Kept], language: str) -> list[Line]:
    if not kept:
        return []
    lines: list[Line] = [
        (
            "Kept, sealed under a separate key. It takes two people whom the registry's policy names, together, to "
            "open any of it, and each opening is written into the public log:",
            "Conservé, scellé sous une clé distincte. Il faut deux personnes désignées par la politique du registre, "
            "ensemble, pour l’ouvrir, et chaque ouverture est inscrite dans le journal public :",
        )
    ]
    for one in sorted(kept, key=lambda kept: (kept.until, kept.digest)):
        reason = _REASONS[one.reason]
        lines.append(
            (
                f"- {one.digest}, until {day(one.until.date(), 'en')}: {reason[0]}",
                f"- {one.digest}, jusqu’au {day(one.until.date(), 'fr')} : {reason[1]}",
            )
        )
    return lines


_AFTER: Final[tuple[Pair, ...]] = (
    (
        "From then on no use of you can be cleared. What you are recorded in is refused wherever your consent would be "
        "needed, for ever, since nobody can give it.",
        "Dès lors, aucune utilisation de vous ne peut être autorisée. Ce dans quoi vous êtes inscrit est refusé "
        "partout où votre consentement serait nécessaire, pour toujours, puisque personne ne peut le donner.",
    ),
    (
        "This registry will no longer know your name: a request that names you in words is not recognised any more.",
        "Ce registre ne connaîtra plus votre nom : une demande qui vous nomme en toutes lettres n’est plus reconnue.",
    ),
    (
        "What was released stays as your consents say. To take consents back, do so before you confirm.",
        "Ce qui a été diffusé reste tel que vos consentements le disent. Pour retirer des consentements, faites-le "
        "avant de confirmer.",
    ),
)


def _others(told: Foretold) -> Pair | None:
    if not told.signed_for_others:
        return None
    signed = (
        count(told.signed_for_others, "statement", "statements", "en"),
        count(told.signed_for_others, "déclaration", "déclarations", "fr"),
    )
    return (
        f"You signed {signed[0]} for or about others. As your keys are forgotten, none of them allows anything any "
        "more; what they forbid stays.",
        f"Vous avez signé {signed[1]} pour d’autres ou à leur sujet. Vos clés étant oubliées, aucune n’autorise "
        "plus rien ; ce qu’elles interdisent demeure.",
    )
