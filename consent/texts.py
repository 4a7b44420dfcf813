"""
What a performer reads before signing, in English and French.

Every term of the body is spelled out, in the order in which a careful agent would ask: who, for what, within which
limits, how to take it back, what happens then. Nothing is said that the body does not say.
"""

from collections.abc import Callable, Mapping
from typing import Final

from consent.core.record import Consent, ConsentRevoked, GrantAccepted
from registry.texts.scopes import describe_scope

Names = Callable[[str], str]

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Consent to the use of my likeness",
        "who": "{performer} gives {grantee} permission, within the limits below.",
        "purpose": "What it is for: {description}",
        "offer": "This is an offer: it counts only once {grantee} has accepted it.",
        "alone": "This consent stands by itself and needs no acceptance.",
        "permission": "Permission {number} of {total}:",
        "role": "Role: {role}.",
        "any_role": "Role: any.",
        "scenes": "Scenes: only {scenes}.",
        "any_scene": "Scenes: any.",
        "replica": "Digital replica: {uses}.",
        "replaces": "The use replaces work that I would have done in person.",
        "not_replaces": "The use does not replace work that I would have done in person.",
        "represented": "I had a lawyer or a union at my side.",
        "not_represented": "I had no lawyer or union at my side.",
        "cap": "At most {shots} shots may be made.",
        "no_cap": "The number of shots is not limited.",
        "at_will": "I may take this back at any time, without giving a reason. It ends the moment I do.",
        "on_notice": "I may take this back at any time; it ends {hours} hours after I do.",
        "tail": "If I take it back: {acts}. Whatever is not named here must be taken down.",
        "no_tail": "If I take it back, whatever was made must be taken down.",
        "survives": "It continues after my death.",
        "not_survives": "It ends with my death.",
        "assignable": "{grantee} may pass it on to somebody else.",
        "not_assignable": "{grantee} may not pass it on.",
        "strike_suspends": "During a strike of my union it is suspended.",
        "strike_continues": "It continues during a strike of my union.",
        "retention": "Copies of my likeness are kept until {until} at the latest.",
        "no_retention": "No date is set until which copies of my likeness may be kept.",
        "supersedes": "It replaces {count} earlier consent(s) of mine to {grantee}.",
        "accepted_title": "Acceptance of an offer",
        "accepted": "The offer with the digest {grant} is accepted on the terms it names.",
        "revoked_title": "Withdrawal of consent",
        "revoked": "{performer} takes back:",
        "revoked_one": "the consent with the digest {grant}",
        "revoked_all": "everything ever granted to {grantee}, and nothing granted to it before this counts any more.",
    },
    "fr": {
        "title": "Consentement à l’utilisation de mon image",
        "who": "{performer} autorise {grantee}, dans les limites ci-dessous.",
        "purpose": "Objet : {description}",
        "offer": "Ceci est une offre : elle ne vaut qu’une fois acceptée par {grantee}.",
        "alone": "Ce consentement vaut par lui-même, sans acceptation.",
        "permission": "Autorisation {number} sur {total} :",
        "role": "Rôle : {role}.",
        "any_role": "Rôle : tous.",
        "scenes": "Scènes : seulement {scenes}.",
        "any_scene": "Scènes : toutes.",
        "replica": "Réplique numérique : {uses}.",
        "replaces": "L’utilisation remplace un travail que j’aurais fait en personne.",
        "not_replaces": "L’utilisation ne remplace pas un travail que j’aurais fait en personne.",
        "represented": "Un avocat ou un syndicat m’assistait.",
        "not_represented": "Ni avocat ni syndicat ne m’assistait.",
        "cap": "Au plus {shots} plans peuvent être produits.",
        "no_cap": "Le nombre de plans n’est pas limité.",
        "at_will": "Je peux le retirer à tout moment, sans motif. Il prend fin à cet instant.",
        "on_notice": "Je peux le retirer à tout moment ; il prend fin {hours} heures après.",
        "tail": "Si je le retire : {acts}. Ce qui n’est pas nommé ici doit être retiré de la diffusion.",
        "no_tail": "Si je le retire, ce qui a été produit doit être retiré de la diffusion.",
        "survives": "Il se poursuit après mon décès.",
        "not_survives": "Il prend fin à mon décès.",
        "assignable": "{grantee} peut le céder à un tiers.",
        "not_assignable": "{grantee} ne peut pas le céder.",
        "strike_suspends": "Pendant une grève de mon syndicat, il est suspendu.",
        "strike_continues": "Il se poursuit pendant une grève de mon syndicat.",
        "retention": "Les copies de mon image sont conservées au plus tard jusqu’au {until}.",
        "no_retention": "Aucune date limite n’est fixée pour la conservation des copies de mon image.",
        "supersedes": "Il remplace {count} consentement(s) antérieur(s) que j’ai donné(s) à {grantee}.",
        "accepted_title": "Acceptation d’une offre",
        "accepted": "L’offre dont l’empreinte est {grant} est acceptée aux conditions qu’elle énonce.",
        "revoked_title": "Retrait de consentement",
        "revoked": "{performer} retire :",
        "revoked_one": "le consentement dont l’empreinte est {grant}",
        "revoked_all": "tout ce qui a été accordé à {grantee} ; rien de ce qui lui fut accordé avant ne compte plus.",
    },
}
_REPLICAS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "alteration": "my performance may be altered digitally",
        "background": "as background",
        "employment_based": "made with me during my employment",
        "independently_created": "made independently of my employment",
        "synthetic": "a synthetic performer that resembles me",
    },
    "fr": {
        "alteration": "mon interprétation peut être modifiée numériquement",
        "background": "en figuration",
        "employment_based": "réalisée avec moi pendant mon engagement",
        "independently_created": "réalisée hors de mon engagement",
        "synthetic": "un interprète synthétique qui me ressemble",
    },
}
_DIALOGUE: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "none": "Words: none may be put into my mouth.",
        "any": "Words: any.",
        "as_scripted": "Words: only as in the script with the digest {script}.",
        "listed": "Words: only those listed in the document with the digest {script}.",
    },
    "fr": {
        "none": "Paroles : aucune ne peut m’être prêtée.",
        "any": "Paroles : toutes.",
        "as_scripted": "Paroles : uniquement celles du scénario dont l’empreinte est {script}.",
        "listed": "Paroles : uniquement celles du document dont l’empreinte est {script}.",
    },
}
_TAILS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"keep": "what was released stays", "pull": "taken down", "finish": "work in hand may be finished"},
    "fr": {"keep": "ce qui est sorti reste", "pull": "retrait", "finish": "le travail en cours peut être achevé"},
}
_ACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "scan": "scanning",
        "store": "storing",
        "train": "training",
        "finetune": "fine-tuning",
        "condition": "generating",
        "alter": "altering",
        "distribute": "distribution",
        "sublicense": "sublicensing",
    },
    "fr": {
        "scan": "numérisation",
        "store": "conservation",
        "train": "entraînement",
        "finetune": "affinage",
        "condition": "génération",
        "alter": "modification",
        "distribute": "diffusion",
        "sublicense": "sous-licence",
    },
}


def describe_consent(record: Consent, language: str, names: Names) -> str:
    """Write the whole of a consent in plain words."""
    words = _WORDS[language]
    people = {"performer": names(record.performer), "grantee": names(record.grantee)}
    lines = [words["title"], "", words["who"].format(**people), words["purpose"].format(description=record.description)]
    lines.append(words["offer" if record.basis == "contract" else "alone"].format(**people))
    for number, scope in enumerate(record.scopes, start=1):
        lines += ["", words["permission"].format(number=number, total=len(record.scopes))]
        lines += [f"- {line}" for line in describe_scope(scope, language)]
    lines += ["", *_shown_as(record, language), "", *_limits(record, language, people)]
    return "\n".join(lines) + "\n"


def _shown_as(record: Consent, language: str) -> list[str]:
    words = _WORDS[language]
    uses = ", ".join(_REPLICAS[language][use] for use in sorted(record.replica_use))
    scenes = None if record.scenes is None else ", ".join(sorted(record.scenes))
    return [
        words["any_role"] if record.role is None else words["role"].format(role=record.role),
        words["any_scene"] if scenes is None else words["scenes"].format(scenes=scenes),
        _DIALOGUE[language][record.dialogue.kind].format(script=record.dialogue.script_sha256),
        words["replica"].format(uses=uses),
        words["replaces" if record.replaces_in_person_work else "not_replaces"],
        words["represented" if record.represented else "not_represented"],
    ]


def _limits(record: Consent, language: str, people: Mapping[str, str]) -> list[str]:
    words = _WORDS[language]
    lines = [words["no_cap"] if record.caps.shots is None else words["cap"].format(shots=record.caps.shots)]
    lines.append(
        words["at_will"] if record.notice_hours is None else words["on_notice"].format(hours=record.notice_hours)
    )
    tails = "; ".join(f"{_ACTS[language][act]}: {_TAILS[language][tail]}" for act, tail in sorted(record.tail.items()))
    lines.append(words["tail"].format(acts=tails) if tails else words["no_tail"])
    lines.append(words["survives" if record.survives_death else "not_survives"])
    lines.append(words["assignable" if record.assignable else "not_assignable"].format(**people))
    lines.append(words["strike_suspends" if record.strike == "suspends" else "strike_continues"])
    until = record.retention_until
    lines.append(words["no_retention"] if until is None else words["retention"].format(until=until.date().isoformat()))
    if record.supersedes:
        lines.append(words["supersedes"].format(count=len(record.supersedes), **people))
    return lines


def describe_accepted(record: GrantAccepted, language: str, names: Names) -> str:
    words = _WORDS[language]
    return f"{words['accepted_title']}\n\n{words['accepted'].format(grant=record.grant)}\n"


def describe_revoked(record: ConsentRevoked, language: str, names: Names) -> str:
    """Say what is taken back."""
    words = _WORDS[language]
    lines = [words["revoked_title"], "", words["revoked"].format(performer=names(record.performer))]
    if record.grantee is not None:
        lines.append(f"- {words['revoked_all'].format(grantee=names(record.grantee))}")
    lines += [f"- {words['revoked_one'].format(grant=grant)}" for grant in record.grants or ()]
    return "\n".join(lines) + "\n"
