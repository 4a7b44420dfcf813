"""The texts of parties, their aliases, keys and vouches."""

from typing import Final

from registry.core.identifiers import Identifier
from registry.core.record import Alias, KeyAdded, KeyRevoked, Party, Vouch
from registry.texts.layout import Line, Names, Pair, days, listed, page, scheme_lines
from registry.texts.places import territory

_KINDS: Final[dict[str, Pair]] = {
    "person": ("a person", "une personne"),
    "organisation": ("an organisation", "une organisation"),
}
_LEVELS: Final[dict[str, Pair]] = {
    "email": ("the person answers at a known e-mail address", "la personne répond à une adresse électronique connue"),
    "document": ("an identity document was checked", "une pièce d’identité a été vérifiée"),
    "in_person": ("the person was seen in person, with an identity document",
                  "la personne a été vue en personne, avec une pièce d’identité"),
}  # fmt: skip
_TRUE: Final[Pair] = (
    "By signing I state that this is true.",
    "En signant, je déclare que cela est exact.",
)


def describe_party(record: Party, language: str, names: Names) -> str:
    kind = _KINDS[record.kind]
    return page(
        language,
        ("Registration of a party", "Enregistrement d’une partie"),
        [
            (f"Name: {record.name}", f"Nom : {record.name}"),
            (f"Number in this registry: {record.party}", f"Numéro dans ce registre : {record.party}"),
            (f"This is {kind[0]}.", f"C’est {kind[1]}."),
            *scheme_lines(sorted(record.identifiers.items())),
            _born(record),
            _domicile(record),
            _list(record.unions, ("Unions", "Syndicats"), language),
            _list(sorted(names(one) for one in record.affiliates), ("Affiliated with", "Affiliée à"), language),
            _key_line(record),
            (
                "Name and personal details are kept encrypted; the public log holds only a digest of them.",
                "Le nom et les données personnelles sont conservés chiffrés ; le journal public n’en contient qu’une "
                "empreinte.",
            ),
        ],
        _TRUE,
    )


def _born(record: Party) -> Pair | None:
    if record.born is None:
        return None
    english, french = days(record.born)
    return f"Born on {english}", f"Date de naissance : {french}"


def _domicile(record: Party) -> Pair | None:
    if record.domicile is None:
        return None
    return (
        f"Domicile: {territory(record.domicile, 'en')}",
        f"Domicile : {territory(record.domicile, 'fr')}",
    )


def _list(items: tuple[str, ...] | list[str], label: Pair, language: str) -> Line | None:
    if not items:
        return None
    told = listed(items, language)
    return f"{label[0]}: {told}", f"{label[1]} : {told}"


def _key_line(record: Party) -> Pair:
    if record.key is None:
        return (
            "No key comes with this registration; a key that is added later will sign for this party.",
            "Aucune clé n’accompagne cet enregistrement ; une clé ajoutée plus tard signera pour cette partie.",
        )
    return (
        f"Statements signed with this key count as this party’s own: {record.key.keyid}",
        f"Les déclarations signées avec cette clé valent comme celles de cette partie : {record.key.keyid}",
    )


def describe_vouch(record: Vouch, language: str, names: Names) -> str:
    level = _LEVELS[record.level]
    english, french = days(record.checked_on)
    return page(
        language,
        ("Confirmation of an identity", "Attestation d’identité"),
        [
            (f"Whose identity: {names(record.party)}", f"Identité de : {names(record.party)}"),
            (f"Number in this registry: {record.party}", f"Numéro dans ce registre : {record.party}"),
            (f"What was checked: {level[0]}", f"Vérification faite : {level[1]}"),
            (f"On {english}", f"Le {french}"),
            (f"How: {record.method}", f"Par quel moyen : {record.method}"),
            *_answered(record),
            *_confirmed(record),
            (
                "I am not this party, and I checked this myself or have it checked under my responsibility.",
                "Je ne suis pas cette partie, et je l’ai vérifié moi-même ou fait vérifier sous ma responsabilité.",
            ),
        ],
        (
            "By signing I vouch that the holder of this party’s keys is who it says it is.",
            "En signant, je me porte garant que le détenteur des clés de cette partie est bien celui qu’il dit être.",
        ),
    )


def _answered(record: Vouch) -> list[Line]:
    if record.challenge is None:
        return []
    return [
        (
            f"I looked at the answer that was given, in time, to the challenge {record.challenge}: it is this person, "
            "and the passcode is the right one.",
            f"J’ai examiné la réponse donnée à temps au défi {record.challenge} : c’est bien cette personne, et le "
            "code est le bon.",
        )
    ]


def _confirmed(record: Vouch) -> list[Line]:
    """Say what else was checked, and what it does to somebody who states the same."""
    if not record.confirms:
        return []
    return [
        ("I also checked that this is this party’s own:", "J’ai vérifié aussi que ceci appartient à cette partie :"),
        *(_bullet(one) for one in record.confirms),
        (
            "If another party states the same, mine is the word that tells them apart.",
            "Si une autre partie déclare la même chose, c’est ma parole qui les départage.",
        ),
    ]


def _bullet(one: Identifier) -> Line:
    name: Pair = ("Alias", "Nom de scène") if one.scheme == "alias" else (one.scheme.upper(), one.scheme.upper())
    return f"- {name[0]}: {one.value}", f"- {name[1]} : {one.value}"


def describe_alias(record: Alias, language: str, names: Names) -> str:
    return page(
        language,
        ("Other names of a party", "Autres noms d’une partie"),
        [
            (f"Party: {names(record.party)}", f"Partie : {names(record.party)}"),
            (f"Number in this registry: {record.party}", f"Numéro dans ce registre : {record.party}"),
            *_declared(record),
            *_disclaimed(record),
        ],
        _TRUE,
    )


def _declared(record: Alias) -> list[Line]:
    if record.alias is None:
        return []
    return [
        (f"It is also known as: {record.alias}", f"Elle est connue aussi sous le nom de : {record.alias}"),
        (
            "A request that uses this name means this party, and needs its consent.",
            "Une demande qui emploie ce nom désigne cette partie et requiert son accord.",
        ),
        (
            "If another party goes by the same name, what either consents to counts for nothing until somebody "
            "independent has checked whose it is.",
            "Si une autre partie porte le même nom, les accords de l’une et de l’autre ne comptent pas tant qu’une "
            "personne indépendante n’a pas vérifié à qui il appartient.",
        ),
    ]


def _disclaimed(record: Alias) -> list[Line]:
    if not record.disclaims:
        return []
    return [
        ("It no longer goes by:", "Elle ne se réclame plus de :"),
        *(_bullet(one) for one in record.disclaims),
    ]


def describe_key_added(record: KeyAdded, language: str, names: Names) -> str:
    return page(
        language,
        ("A new key", "Une nouvelle clé"),
        [
            (f"Party: {names(record.party)}", f"Partie : {names(record.party)}"),
            (f"Number in this registry: {record.party}", f"Numéro dans ce registre : {record.party}"),
            (f"New key: {record.key.keyid}", f"Nouvelle clé : {record.key.keyid}"),
            (f"Kind of key: {record.key.kind}", f"Type de clé : {record.key.kind}"),
        ],
        (
            "From now on, statements signed with this key count as this party’s own, until the key is revoked. The new "
            "key signs too, which shows that its holder has it. Where somebody else brings it for the party, under an "
            "authority to do so, it counts a week from now: the party is told at once, and any of its own keys may "
            "revoke it.",
            "Dès maintenant, les déclarations signées avec cette clé valent comme celles de cette partie, jusqu’à la "
            "révocation de la clé. La nouvelle clé signe aussi, ce qui montre que son détenteur la possède. Si un "
            "tiers l’apporte pour la partie, en vertu d’un mandat en ce sens, elle vaut dans une semaine : la partie "
            "en est informée aussitôt, et chacune de ses propres clés peut la révoquer.",
        ),
    )


def describe_key_revoked(record: KeyRevoked, language: str, names: Names) -> str:
    return page(
        language,
        ("A key is revoked", "Révocation d’une clé"),
        [
            (f"Party: {names(record.party)}", f"Partie : {names(record.party)}"),
            (f"Number in this registry: {record.party}", f"Numéro dans ce registre : {record.party}"),
            (f"Key: {record.keyid}", f"Clé : {record.keyid}"),
            *([] if record.compromised_from is None else [_compromised(record.compromised_from)]),
        ],
        _ENDED if record.compromised_from is None else _COMPROMISED,
    )


def _compromised(place: int) -> Line:
    return (
        f"In other hands from this entry of the log on, counted from 0: {place}",
        f"En d’autres mains à partir de cette entrée du registre, comptée à partir de 0 : {place}",
    )


_ENDED: Final = (
    "From now on, nothing that is signed with this key counts. What it signed before stays valid. This cannot be "
    "undone; another key can be added.",
    "Dès maintenant, rien de ce qui est signé avec cette clé ne compte. Ce qu’elle a signé auparavant reste valable. "
    "C’est irrévocable ; une autre clé peut être ajoutée.",
)
_COMPROMISED: Final = (
    "From now on, nothing that is signed with this key counts. What it permitted in that entry and in later ones "
    "does not count either, nor do the keys that were added with it there; what it forbade or withdrew stays. What it "
    "signed in earlier entries stays valid. This cannot be undone; another key can be added.",
    "Dès maintenant, rien de ce qui est signé avec cette clé ne compte. Ce qu’elle a autorisé dans cette entrée et "
    "dans les suivantes ne compte pas non plus, ni les clés qu’elle y a ajoutées ; ce qu’elle a interdit ou retiré "
    "demeure. Ce qu’elle a signé dans les entrées antérieures reste valable. C’est irrévocable ; une autre clé peut "
    "être ajoutée.",
)
