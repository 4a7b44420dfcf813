"""What a person is told before they are erased, and what they have in their hands afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.core.erasure import Erasure, Kept
from registry.texts.layout import Line, Pair, count, day, page

_REASONS: Final[dict[str, Pair]] = {
    "legal_claims": (
        "needed to prove what was allowed for a released work, should anybody go to court",
        "nécessaire pour prouver ce qui était permis pour une œuvre diffusée, en cas de litige",
    ),
    "legal_duty": (
        "the law asks those who trained a model to show on what",
        "la loi oblige ceux qui ont entraîné un modèle à montrer avec quoi",
    ),
}
_WHAT: Final[dict[str, Pair]] = {
    "consent.granted": ("your consent", "votre consentement"),
    "consent.recorded": ("your consent", "votre consentement"),
    "licence.granted": ("your licence", "votre licence"),
    "licence.recorded": ("your licence", "votre licence"),
    "party.registered": ("your registration", "votre inscription"),
    "identity.vouched": ("who vouched for your identity", "qui a attesté votre identité"),
    "alias.declared": ("a name that you go by", "un nom que vous portez"),
    "key.added": ("a key that you signed with", "une clé avec laquelle vous avez signé"),
    "key.revoked": ("the end of a key of yours", "la fin d’une de vos clés"),
    "authority.granted": ("who acted for you", "qui agissait pour vous"),
    "authority.ended": ("who acts for you no more", "qui n’agit plus pour vous"),
    "appearance.recorded": ("where you appear", "là où vous apparaissez"),
    "appearance.claimed": ("where you appear", "là où vous apparaissez"),
}
_SAID_OF_IT: Final[Pair] = ("what was said of one of these", "ce qui a été dit de l’un de ces éléments")
_MADE_FOR: Final[Pair] = ("what a released shot was made for", "ce pour quoi un plan diffusé a été fait")
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
    types: Mapping[str, str]  # digest -> type, of these
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


def describe_waiting(due_at: datetime, at: datetime, language: str) -> str:
    """Write where a request stands that was not carried out yet."""
    days = day(due_at.date(), "en"), day(due_at.date(), "fr")
    coming: Pair = (
        f"It will be carried out after {days[0]}. Until then whoever may ask for it may take it back.",
        f"Il aura lieu après le {days[1]}. Jusque-là, quiconque peut le demander peut y renoncer.",
    )
    late: Pair = (
        f"It has been due since {days[0]}. If this stays so, something stands in the way: the address at which it was "
        "asked for says what.",
        f"Il aurait dû avoir lieu depuis le {days[1]}. Si rien ne change, quelque chose s’y oppose : l’adresse à "
        "laquelle il a été demandé dit quoi.",
    )
    return page(
        language, ("An erasure that waits", "Un effacement en attente"), [coming if at < due_at else late], _KEEP
    )


def describe_cancelled(cancelled_at: datetime, language: str) -> str:
    """Write that a request was taken back."""
    days = day(cancelled_at.date(), "en"), day(cancelled_at.date(), "fr")
    line: Pair = (
        f"It was taken back on {days[0]}, and nothing was destroyed.",
        f"Il y a été renoncé le {days[1]} ; rien n’a été détruit.",
    )
    return page(language, ("An erasure that was taken back", "Un effacement annulé"), [line], _ANEW)


def describe_erasure(
    records: Sequence[Erasure], digests: Sequence[str], types: Mapping[str, str], at: datetime, language: str
) -> str:
    """Write the receipt of an erasure that is done; ``types`` are those of the statements that are kept."""
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
            *_kept_lines(kept, types, language),
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
    """What there is none of is left out."""
    things = [
        (told.destroyed, ("signed statement about you", "signed statements about you"), _STATEMENTS),
        (told.scans, ("scan or recording", "scans and recordings"), _SCANS),
        (told.papers, ("paper that you deposited", "papers that you deposited"), _DEPOSITED),
        (told.answers, ("answer to an identity check", "answers to identity checks"), _ANSWERS),
    ]
    english = [count(number, *words, "en") for number, words, _ in things if number]
    french = [count(number, *words, "fr") for number, _, words in things if number]
    return (
        f"Destroyed for good: {'; '.join([*english, ''])}your name and details, what your name is found by, "
        "requests made to you, messages, notices and access tokens.",
        f"Détruit définitivement : {' ; '.join([*french, ''])}votre nom et vos données, ce qui permet de "
        "retrouver votre nom, les demandes qui vous ont été faites, les messages, les avis et les jetons d’accès.",
    )


_STATEMENTS: Final[Pair] = ("déclaration signée vous concernant", "déclarations signées vous concernant")
_SCANS: Final[Pair] = ("numérisation ou enregistrement", "numérisations et enregistrements")
_DEPOSITED: Final[Pair] = ("document que vous avez déposé", "documents que vous avez déposés")
_ANSWERS: Final[Pair] = ("réponse à un contrôle d’identité", "réponses à des contrôles d’identité")


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
    return [*_kept_lines(told.kept, told.types, language), *([_PAPERS] if told.released else [])]


_KEEP: Final[Pair] = (
    "Keep the address of this page: it will show the receipt, when no access token of the person is left.",
    "Gardez l’adresse de cette page : elle montrera le reçu, quand la personne n’aura plus de jeton d’accès.",
)
_ANEW: Final[Pair] = ("It can be asked for anew at any time.", "Il peut être redemandé à tout moment.")
_PAPERS: Final[Pair] = (
    "With them stays, sealed in the same way, what each released shot that shows you was made for.",
    "Avec elles reste, scellé de la même façon, ce pour quoi chaque plan diffusé où vous apparaissez a été fait.",
)


def _kept_lines(kept: Sequence[Kept], types: Mapping[str, str], language: str) -> list[Line]:
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
        what = _WHAT.get(types[one.digest], _SAID_OF_IT) if one.digest in types else _MADE_FOR
        lines.append(
            (
                f"- {what[0]} ({one.digest}), until {day(one.until.date(), 'en')}: {reason[0]}",
                f"- {what[1]} ({one.digest}), jusqu’au {day(one.until.date(), 'fr')} : {reason[1]}",
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
