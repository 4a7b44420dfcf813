"""The texts of parties, keys and vouches."""

from typing import Final

from registry.core.record import KeyAdded, KeyRevoked, Party, Vouch
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
            "key signs too, which shows that its holder has it.",
            "Dès maintenant, les déclarations signées avec cette clé valent comme celles de cette partie, jusqu’à la "
            "révocation de la clé. La nouvelle clé signe aussi, ce qui montre que son détenteur la possède.",
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
        ],
        (
            "From now on, nothing that is signed with this key counts. What it signed before stays valid. This cannot "
            "be undone; another key can be added.",
            "Dès maintenant, rien de ce qui est signé avec cette clé ne compte. Ce qu’elle a signé auparavant reste "
            "valable. C’est irrévocable ; une autre clé peut être ajoutée.",
        ),
    )
