"""Conditions that licences and consents share, in words: caps, approvals."""

from collections.abc import Sequence
from typing import Final

from registry.core.approvals import ApprovalTerm
from registry.core.limits import Caps
from registry.texts.layout import Names, Pair, count, listed, say
from registry.texts.words import short_acts

_CAPS: Final[dict[str, tuple[Pair, Pair]]] = {
    "shots": (("shot", "shots"), ("plan", "plans")),
    "seconds": (("second of finished picture or sound", "seconds of finished picture or sound"),
                ("seconde d’image ou de son achevés", "secondes d’image ou de son achevés")),
    "draft_takes": (("take (drafts included)", "takes (drafts included)"),
                    ("prise (essais compris)", "prises (essais compris)")),
    "training_epochs": (("pass of training", "passes of training"),
                        ("passe d’entraînement", "passes d’entraînement")),
}  # fmt: skip
_NO_CAPS: Final[Pair] = (
    "The number of shots, seconds, takes and passes of training is not limited.",
    "Le nombre de plans, de secondes, de prises et de passes d’entraînement n’est pas limité.",
)
_APPROVERS: Final[dict[str, Pair]] = {
    "licensor": ("the licensor", "le donneur de licence"),
    "performer": ("the performer", "l’interprète"),
    "estate": ("the estate", "la succession"),
}
_ON: Final[dict[str, Pair]] = {
    "spec": ("what is to be made, before any of it is released", "ce qui doit être fait, avant toute diffusion"),
    "result": ("the result, before it is released", "le résultat, avant sa diffusion"),
}


def describe_caps(caps: Caps, language: str) -> list[str]:
    """Say at most how much, of what is limited; what is not is named too."""
    given = {unit: limit for unit in _CAPS if (limit := getattr(caps, unit)) is not None}
    if not given:
        return [say(_NO_CAPS, language)]
    lines = []
    for unit, limit in given.items():
        number = count(limit, *_CAPS[unit][0 if language == "en" else 1], language)
        lines.append(say((f"At most {number}.", f"Au plus {number}."), language))
    free = [_CAPS[unit][0 if language == "en" else 1][1] for unit in _CAPS if unit not in given]
    if free:
        names = listed(free, language)
        lines.append(say((f"Not limited: {names}.", f"Sans limite : {names}."), language))
    return lines


def describe_approvals(terms: Sequence[ApprovalTerm], language: str, names: Names) -> list[str]:
    """Say who must be asked for what, on what, by when, and what silence means."""
    if not terms:
        return [
            say(("Nobody has to approve single uses.", "Aucune approbation n’est requise au cas par cas."), language)
        ]
    return [_approval(term, language, names) for term in terms]


def _approval(term: ApprovalTerm, language: str, names: Names) -> str:
    who = say(_APPROVERS[term.by], language) if term.by in _APPROVERS else names(term.by)
    on, acts = say(_ON[term.on], language), short_acts(term.acts, language)
    return say(
        (
            f"Approval needed for {acts}: {who} approves {on}. {_silence(term, 'en')}",
            f"Approbation requise pour {acts} : {who} approuve {on}. {_silence(term, 'fr')}",
        ),
        language,
    )


def _silence(term: ApprovalTerm, language: str) -> str:
    if term.hours is None:
        return say(("Without an answer nothing is approved.", "Sans réponse, rien n’est approuvé."), language)
    hours = count(term.hours, *(("hour", "hours") if language == "en" else ("heure", "heures")), language)
    if term.on_silence == "approved":
        return say(
            (f"No answer within {hours} counts as approval.", f"Sans réponse sous {hours}, l’approbation est acquise."),
            language,
        )
    return say(
        (f"No answer within {hours} counts as refusal.", f"Sans réponse sous {hours}, c’est un refus."), language
    )
