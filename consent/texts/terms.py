"""Parts of a consent in words: how the performer is shown, whom to ask, how it ends and what happens then."""

from collections.abc import Mapping
from typing import Final

from consent.core.record import Consent
from registry.core.terms import ACTS
from registry.texts.conditions import describe_approvals
from registry.texts.layout import Line, Names, Pair, count, day, listed, say, series
from registry.texts.words import SHORT_ACTS

_REPLICAS: Final[Mapping[str, Pair]] = {
    "alteration": ("my performance may be altered digitally", "mon interprétation peut être modifiée numériquement"),
    "background": ("as background", "en figuration"),
    "employment_based": ("made with me during my employment", "réalisée avec moi pendant mon engagement"),
    "independently_created": ("made independently of my employment", "réalisée hors de mon engagement"),
    "synthetic": ("a synthetic performer that resembles me", "un interprète synthétique qui me ressemble"),
}
_DIALOGUE: Final[Mapping[str, Pair]] = {
    "none": ("Words: none may be put into my mouth.", "Paroles : aucune ne peut m’être prêtée."),
    "any": ("Words: any.", "Paroles : toutes."),
    "as_scripted": (
        "Words: only as in the script with the digest {script}.",
        "Paroles : uniquement celles du scénario dont l’empreinte est {script}.",
    ),
    "listed": (
        "Words: only those listed in the document with the digest {script}.",
        "Paroles : uniquement celles du document dont l’empreinte est {script}.",
    ),
}
_TAILS: Final[Mapping[str, Pair]] = {
    "keep": ("what was released stays", "ce qui est sorti reste"),
    "pull": ("taken down", "retrait de la diffusion"),
    "finish": ("work in hand may be finished", "le travail en cours peut être achevé"),
}


def shown_as(record: Consent, language: str) -> list[Line | None]:
    """Say in which role, scenes and words, and as what kind of replica."""
    uses = listed([say(_REPLICAS[use], language) for use in sorted(record.replica_use)], language)
    role, scenes = record.role, None if record.scenes is None else ", ".join(sorted(record.scenes))
    dialogue = say(_DIALOGUE[record.dialogue.kind], language)
    return [
        ("Role: any.", "Rôle : tous.") if role is None else (f"Role: {role}.", f"Rôle : {role}."),
        ("Scenes: any.", "Scènes : toutes.")
        if scenes is None
        else (f"Scenes: only {scenes}.", f"Scènes : seulement {scenes}."),
        dialogue.format(script=record.dialogue.script_sha256),
        say(("Digital replica: ", "Réplique numérique : "), language) + uses + ".",
        (
            "The use replaces work that I would have done in person.",
            "L’utilisation remplace un travail que j’aurais fait en personne.",
        )
        if record.replaces_in_person_work
        else (
            "The use does not replace work that I would have done in person.",
            "L’utilisation ne remplace pas un travail que j’aurais fait en personne.",
        ),
        ("I had a lawyer or a union at my side.", "Un avocat ou un syndicat m’assistait.")
        if record.represented
        else ("I had no lawyer or union at my side.", "Ni avocat ni syndicat ne m’assistait."),
    ]


def approvals(record: Consent, language: str, names: Names) -> list[Line | None]:
    return [*describe_approvals(record.approvals, language, names)]


def ending(record: Consent, language: str, names: Names) -> list[Line | None]:
    """Say how it is taken back, what happens then, and what else ends or pauses it."""
    grantee = names(record.grantee)
    until = record.retention_until
    replaced = len(record.supersedes)
    return [
        *_taken_back(record, language, grantee),
        _tail(record, language),
        ("It continues after my death.", "Il se poursuit après mon décès.")
        if record.survives_death
        else ("It ends with my death.", "Il prend fin à mon décès."),
        (f"{grantee} may pass it on to somebody else.", f"{grantee} peut le céder à un tiers.")
        if record.assignable
        else (f"{grantee} may not pass it on.", f"{grantee} ne peut pas le céder."),
        ("During a strike of my union it is suspended.", "Pendant une grève de mon syndicat, il est suspendu.")
        if record.strike == "suspends"
        else ("It continues during a strike of my union.", "Il se poursuit pendant une grève de mon syndicat."),
        (
            "No date is set until which copies of my likeness may be kept.",
            "Aucune date limite n’est fixée pour la conservation des copies de mon image.",
        )
        if until is None
        else (
            f"Copies of my likeness are kept until {day(until.date(), 'en')} at the latest.",
            f"Les copies de mon image sont conservées au plus tard jusqu’au {day(until.date(), 'fr')}.",
        ),
        (
            f"It replaces {replaced} earlier consent(s) of mine to {grantee}.",
            f"Il remplace {replaced} consentement(s) antérieur(s) que j’ai donné(s) à {grantee}.",
        )
        if replaced
        else None,
    ]


def _taken_back(record: Consent, language: str, grantee: str) -> list[Line | None]:
    kind, hours = record.revocation.kind, record.revocation.notice_hours
    if kind == "at_will":
        return [
            (
                "I may take this back at any time, without giving a reason. It ends the moment I do.",
                "Je peux le retirer à tout moment, sans motif. Il prend fin à cet instant.",
            )
        ]
    always: Line = (
        "Whatever is said here, scanning, keeping, training and fine-tuning I may always take back, at once.",
        "Quoi qu’il soit dit ici, je peux toujours retirer, avec effet immédiat, la numérisation, la conservation, "
        "l’entraînement et l’ajustement.",
    )
    return [_otherwise(kind, hours, language, grantee), always]


def _otherwise(kind: str, hours: int | None, language: str, grantee: str) -> Line:
    if kind == "on_notice":
        notice = count(hours or 0, *(("hour", "hours") if language == "en" else ("heure", "heures")), language)
        return (
            f"I may take this back at any time; it ends {notice} after I do.",
            f"Je peux le retirer à tout moment ; il prend fin {notice} après.",
        )
    if kind == "for_breach":
        return (
            f"I may take this back only if {grantee} breaks its terms, with evidence; it then ends at once.",
            f"Je ne peux le retirer que si {grantee} en viole les termes, preuve à l’appui ; il prend alors fin "
            "aussitôt.",
        )
    return (
        "I may not take this back before its time is over.",
        "Je ne peux pas le retirer avant son terme.",
    )


def _tail(record: Consent, language: str) -> Line:
    if not record.tail:
        return (
            "If I take it back, whatever was made must be taken down.",
            "Si je le retire, ce qui a été produit doit être retiré de la diffusion.",
        )
    ordered = [(act, record.tail[act]) for act in ACTS.terms if act in record.tail]
    colon = say((": ", "\N{NO-BREAK SPACE}: "), language)
    acts = series(
        (say(SHORT_ACTS[act], language) + colon + say(_TAILS[word], language) for act, word in ordered), language
    )
    return (
        f"If I take it back: {acts}. Whatever is not named here must be taken down.",
        f"Si je le retire : {acts}. Ce qui n’est pas nommé ici doit être retiré de la diffusion.",
    )
