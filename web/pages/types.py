"""What the pages call each type of statement that people sign, in English and in French: rows `type:<type>`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_TYPES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "alias.declared": ("A name to go by", "Un nom d’usage"),
        "appearance.claimed": (
            "“That is me”: a claim to be in a recording",
            "« C’est moi » : présence dans un enregistrement",
        ),
        "appearance.recorded": ("Who appears in a recording", "Qui figure dans un enregistrement"),
        "approval.declined": ("A shot was declined", "Refus d’un plan"),
        "approval.given": ("A shot was approved", "Accord sur un plan"),
        "asset.registered": ("A file was registered", "Enregistrement d’un fichier"),
        "authority.disputed": ("An authority was disputed", "Contestation d’un mandat"),
        "authority.ended": ("An authority ended", "Fin d’un mandat"),
        "authority.granted": ("An authority to act", "Mandat donné"),
        "catalogue.registered": ("A catalogue", "Un catalogue"),
        "component.recorded": ("A part of a work", "Une partie d’une œuvre"),
        "consent.granted": ("Consent", "Consentement"),
        "consent.ratified": ("Consent confirmed by the person", "Consentement confirmé par la personne"),
        "consent.recorded": ("Consent entered from paper", "Consentement repris d’un document"),
        "consent.revoked": ("Withdrawal of a consent", "Retrait d’un consentement"),
        "event.recorded": ("An event", "Un événement"),
        "grant.accepted": ("An offer was accepted", "Acceptation d’une offre"),
        "grant.assigned": ("A permission passed on", "Cession d’une autorisation"),
        "identity.vouched": ("An identity was confirmed", "Identité attestée"),
        "inventory.declared": ("Who and what a file shows", "Qui et ce que montre un fichier"),
        "key.added": ("A key was added", "Ajout d’une clé"),
        "key.revoked": ("A key was revoked", "Révocation d’une clé"),
        "licence.amended": ("A licence was changed", "Modification d’une licence"),
        "licence.confirmed": ("A licence was confirmed", "Confirmation d’une licence"),
        "licence.denied": ("A licence was denied", "Contestation d’une licence"),
        "licence.granted": ("Licence", "Licence"),
        "licence.recorded": ("Licence entered from paper", "Licence reprise d’un document"),
        "licence.terminated": ("A licence ended", "Fin d’une licence"),
        "option.exercised": ("An option was taken up", "Levée d’une option"),
        "party.registered": ("Registration", "Inscription"),
        "policy.set": ("What is asked of others", "Exigences envers les tiers"),
        "project.registered": ("A project", "Un projet"),
        "restriction.declared": ("“Never”: what is ruled out", "« Jamais » : ce qui est exclu"),
        "restriction.lifted": ("Something no longer ruled out", "Une exclusion levée"),
        "revocation.disputed": ("A withdrawal was disputed", "Contestation d’un retrait"),
        "suspension.declared": ("“Not now”: a pause", "« Pas maintenant » : une suspension"),
        "suspension.lifted": ("A pause ended", "Fin d’une suspension"),
        "title.claimed": ("A claim to rights", "Revendication de droits"),
        "title.disputed": ("A claim was disputed", "Contestation de droits"),
        "title.resolved": ("A dispute about rights ended", "Fin d’un litige sur des droits"),
        "work.registered": ("A work", "Une œuvre"),
    }
)

TYPE_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {f"type:{name}": MappingProxyType({"en": en, "fr": fr}) for name, (en, fr) in _TYPES.items()}
)
