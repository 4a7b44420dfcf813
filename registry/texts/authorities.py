"""The texts of authorities: who may act for whom, in what, and what no authority reaches."""

from typing import Final

from registry.core.authority import AuthorityDisputed, AuthorityEnded, AuthorityGranted
from registry.core.terms import ACTS
from registry.texts import words
from registry.texts.layout import Line, Names, Pair, listed, moment, page, quoted, say, series

ROLES: Final[dict[str, Pair]] = {
    "agent": ("agent", "agent"),
    "guardian": ("guardian of a minor or of a protected person", "représentant légal d’un mineur ou majeur protégé"),
    "estate": ("estate of a person who died", "succession d’une personne décédée"),
    "union": ("union", "syndicat"),
    "vendor": ("vendor who does work on the principal’s behalf", "prestataire travaillant pour le mandant"),
    "society": ("collecting society", "organisme de gestion collective"),
}
POWERS: Final[dict[str, Pair]] = {
    "view": ("see the principal’s rights and requests", "consulter les droits et les demandes du mandant"),
    "negotiate": (
        "receive requests first, negotiate, and accept offers",
        "recevoir les demandes en premier, négocier et accepter des offres",
    ),
    "grant": ("grant consents and licences", "accorder des consentements et des licences"),
    "revoke": ("withdraw consents and end licences", "retirer des consentements et mettre fin à des licences"),
    "approve": ("approve or decline single uses", "approuver ou refuser des utilisations au cas par cas"),
    "recover": (
        "give the principal a new key if all of theirs are lost, which counts a week after the principal was told",
        "donner au mandant une nouvelle clé si toutes les siennes sont perdues, laquelle vaut une semaine après que le "
        "mandant en a été informé",
    ),
}
_NEVER: Final[Pair] = (
    "No authority gives a person’s own word on these: training and fine-tuning on their likeness, nudity and sexual "
    "content, and what they never want. There only the person’s own key counts.",
    "Aucun mandat ne donne la parole de la personne sur ceci : l’entraînement et l’ajustement à partir de son image, "
    "la nudité et les contenus sexuels, et ce qu’elle ne veut jamais. Là, seule la clé de la personne compte.",
)
_TOLD: Final[Pair] = (
    "The principal is told of everything that is signed in their name.",
    "Le mandant est informé de tout ce qui est signé en son nom.",
)


def describe_granted(record: AuthorityGranted, language: str, names: Names) -> str:
    role = ROLES[record.role]
    agents = listed(sorted(names(agent) for agent in record.agents), language)
    return page(
        language,
        ("Authority to act for somebody", "Mandat pour agir au nom d’autrui"),
        [
            (f"For whom: {names(record.principal)}", f"Mandant : {names(record.principal)}"),
            (f"Who acts: {agents}", f"Mandataire(s) : {agents}"),
            (f"As: {role[0]}", f"En qualité de : {role[1]}"),
            _together(record),
            _powers(record, language),
            _acts(record, language),
            _window(record, language),
            _evidence(record.evidence_sha256),
            (f"Number of this authority: {record.authority}", f"Numéro de ce mandat : {record.authority}"),
            _NEVER,
            _TOLD,
        ],
        _signed(record),
    )


def _together(record: AuthorityGranted) -> Pair:
    total, required = len(record.agents), record.required
    if total == 1:
        return "They sign alone.", "Le mandataire signe seul."
    if required == 1:
        return "Each of them may sign alone.", "Chacun d’eux peut signer seul."
    if required == total:
        return f"All {total} sign together.", f"Les {total} signent ensemble."
    return (f"At least {required} of the {total} sign together.", f"Au moins {required} des {total} signent ensemble.")


def _powers(record: AuthorityGranted, language: str) -> str:
    """Say what they may and what they may not: a list of the one alone would leave the rest to guesswork."""
    told = []
    for label, powers in (
        (("They may", "Pouvoirs"), [power for power in POWERS if power in record.powers]),
        (("They may not", "Pouvoirs exclus"), [power for power in POWERS if power not in record.powers]),
    ):
        if powers:
            colon = say((": ", "\N{NO-BREAK SPACE}: "), language)
            told.append(say(label, language) + colon + series((say(POWERS[one], language) for one in powers), language))
    return ". ".join(told) + "."


def _acts(record: AuthorityGranted, language: str) -> str:
    held = set(ACTS.names(record.acts))
    if not held:
        return say(("Over no act.", "Pour aucun acte."), language)
    acts = series([say(words.ACTS[act], language) for act in ACTS.terms if act in held], language)
    return say((f"Over these acts only: {acts}.", f"Pour ces actes seulement : {acts}."), language)


def _window(record: AuthorityGranted, language: str) -> str:
    start = moment(record.start, language)
    if record.end is None:
        return say(
            (f"From {start}, until it is ended.", f"À partir du {start}, jusqu’à ce qu’il y soit mis fin."), language
        )
    end = moment(record.end, language)
    return say((f"From {start} until just before {end}.", f"Du {start} jusqu’au {end}, exclu."), language)


def _evidence(sha256: str | None) -> Pair | None:
    if sha256 is None:
        return None
    return f"SHA-256 of the evidence: {sha256}", f"SHA-256 de la pièce justificative : {sha256}"


def _signed(record: AuthorityGranted) -> Pair:
    if record.role in ("estate", "guardian"):
        return (
            "By signing I attest that I saw the evidence of this authority, and that I am neither the person nor one "
            "of those who act for them.",
            "En signant, j’atteste avoir vu la preuve de ce mandat, et n’être ni la personne ni l’un de ceux qui "
            "agissent pour elle.",
        )
    return (
        "By signing I give this authority. I can end it at any time by a statement of my own.",
        "En signant, je donne ce mandat. Je peux y mettre fin à tout moment par ma propre déclaration.",
    )


def describe_ended(record: AuthorityEnded, language: str, names: Names) -> str:
    return page(
        language,
        ("End of an authority", "Fin d’un mandat"),
        [_of(record.authority, names)],
        (
            "From now on nothing that is signed under it counts. What was signed under it before stays valid.",
            "Dès maintenant, rien de ce qui est signé en vertu de ce mandat ne compte. Ce qui l’a été auparavant reste "
            "valable.",
        ),
    )


def describe_disputed(record: AuthorityDisputed, language: str, names: Names) -> str:
    grounds = quoted(record.grounds)
    lines: list[Line | None] = [
        _of(record.authority, names),
        (f"Why: {grounds[0]}", f"Motif : {grounds[1]}"),
        _evidence(record.evidence_sha256),
    ]
    return page(
        language,
        ("Dispute of an authority", "Contestation d’un mandat"),
        lines,
        (
            "By signing I state that I have this evidence. While the dispute is open, 180 days unless it is settled or "
            "renewed, nothing that was or is signed under this authority counts.",
            "En signant, je déclare détenir cette pièce. Tant que la contestation est ouverte, 180 jours sauf "
            "règlement ou renouvellement, rien de ce qui a été ou est signé en vertu de ce mandat ne compte.",
        ),
    )


def _of(authority: str, names: Names) -> Pair:
    named = names(authority)
    return f"Authority: {named}", f"Mandat : {named}"
