"""The texts of assets, of what they hold, of who is in them and what they are made of."""

from typing import Final

from registry.core.assets import (
    Appearance,
    AppearanceClaimed,
    Asset,
    Component,
    Inventory,
    InventoryDeclared,
    Media,
    Span,
)
from registry.core.terms import ASPECTS
from registry.texts import words
from registry.texts.layout import Names, Pair, grouped, listed, page

_KINDS: Final[dict[str, Pair]] = {
    "footage": ("footage", "prises de vues"),
    "still": ("a still picture", "une image fixe"),
    "voice": ("a voice recording", "un enregistrement de voix"),
    "music": ("music", "de la musique"),
    "motion": ("a motion recording", "un enregistrement de mouvement"),
    "scan": ("a scan of a person", "la numérisation d’une personne"),
    "replica": ("a digital replica of a person", "la réplique numérique d’une personne"),
    "script": ("a script", "un scénario"),
    "style": ("a style reference", "une référence de style"),
    "mask": ("a mask", "un masque"),
    "artwork": ("an artwork", "une œuvre d’art"),
}
_CONTENTS: Final[dict[str, Pair]] = {
    "people": (
        "People whose likeness or voice can be recognised or taken",
        "Personnes dont l’image ou la voix peut être reconnue ou reprise",
    ),
    "music": ("Music", "Musique"),
    "artworks": ("Works of art", "Œuvres d’art"),
    "marks": ("Trade marks and logos", "Marques et logos"),
    "locations": ("Places whose owner must agree", "Lieux dont le propriétaire doit donner son accord"),
}  # fmt: skip
_STATES: Final[dict[str, Pair]] = {
    "none": ("none", "non"),
    "listed": ("some, and all of it is recorded here", "oui, et tout est inscrit ici"),
    "unknown": ("not known; uses that would take it are refused", "inconnu ; les usages qui en dépendent sont refusés"),
}
_ANSWERABLE: Final[Pair] = (
    "By signing I state that this is true and complete. Leaving out a person, music, an artwork, a mark or a place "
    "that is in the file does not permit its use.",
    "En signant, je déclare que cela est exact et complet. Omettre une personne, une musique, une œuvre, une marque ou "
    "un lieu présents dans le fichier n’en autorise pas l’usage.",
)


def describe_asset(record: Asset, language: str, names: Names) -> str:
    kind = _KINDS[record.kind]
    return page(
        language,
        ("Registration of a file", "Enregistrement d’un fichier"),
        [
            (f"Title: {record.title}", f"Titre : {record.title}"),
            (f"Number in this registry: {record.asset}", f"Numéro dans ce registre : {record.asset}"),
            (f"This is {kind[0]}.", f"Nature : {kind[1]}."),
            (f"SHA-256 of the file: {record.sha256}", f"SHA-256 du fichier : {record.sha256}"),
            (f"Size: {grouped(record.size, 'en')} bytes", f"Taille : {grouped(record.size, 'fr')} octets"),
            *_media(record.media),
            _of_work(record, names),
            ("What is in the file:", "Ce que contient le fichier :"),
            *_inventory(record.inventory),
        ],
        _ANSWERABLE,
    )


def _media(media: Media) -> list[Pair]:
    lines = [(f"Format: {media.container} ({media.mime})", f"Format : {media.container} ({media.mime})"), _held(media)]
    if media.width is not None:
        alpha = (", with transparency", ", avec transparence") if media.alpha else ("", "")
        size = f"{media.width} × {media.height}"
        lines.append((f"Picture: {size} pixels{alpha[0]}", f"Image : {size} pixels{alpha[1]}"))
    if media.frames is not None and media.fps is not None:
        rate = f"{media.fps[0]}/{media.fps[1]}"
        lines.append((
            f"Length: {grouped(media.frames, 'en')} frames at {rate} a second",
            f"Durée : {grouped(media.frames, 'fr')} images à {rate} par seconde",
        ))  # fmt: skip
    elif media.duration_ms is not None:
        lines.append((
            f"Length: {grouped(media.duration_ms, 'en')} ms", f"Durée : {grouped(media.duration_ms, 'fr')} ms",
        ))  # fmt: skip
    if media.sample_rate is not None:
        lines.append((
            f"Sound: {grouped(media.sample_rate, 'en')} Hz, channels: {media.channels}",
            f"Son : {grouped(media.sample_rate, 'fr')} Hz, canaux : {media.channels}",
        ))  # fmt: skip
    return lines


def _held(media: Media) -> Pair:
    held = [words.ASPECTS[aspect] for aspect in media.aspects]
    return (
        f"What can be taken from it: {listed([one[0] for one in held], 'en')}",
        f"Ce qui peut en être repris : {listed([one[1] for one in held], 'fr')}",
    )


def _of_work(record: Asset, names: Names) -> Pair:
    if record.work is None:
        return "It belongs to no registered work.", "Il n’appartient à aucune œuvre enregistrée."
    return f"It belongs to the work: {names(record.work)}", f"Il appartient à l’œuvre : {names(record.work)}"


def _inventory(inventory: Inventory) -> list[Pair]:
    return [
        (f"  {label[0]}: {_STATES[inventory[name]][0]}", f"  {label[1]} : {_STATES[inventory[name]][1]}")
        for name, label in _CONTENTS.items()
    ]


def describe_inventory(record: InventoryDeclared, language: str, names: Names) -> str:
    return page(
        language,
        ("What is in a file", "Ce que contient un fichier"),
        [
            (f"File: {names(record.asset)}", f"Fichier : {names(record.asset)}"),
            (
                "From now on this replaces what was declared before.",
                "Ceci remplace désormais la déclaration précédente.",
            ),
            *_inventory(record.inventory),
        ],
        _ANSWERABLE,
    )


def describe_appearance(record: Appearance, language: str, names: Names) -> str:
    seen = (
        ("The performer can be recognised in it.", "L’interprète y est reconnaissable.")
        if record.recognisable
        else ("The performer cannot be recognised in it.", "L’interprète n’y est pas reconnaissable.")
    )
    return page(
        language,
        ("A performer appears in a file", "Présence d’un interprète dans un fichier"),
        [*_presence(record, names), seen],
        (
            "Uses of this file that take any of these need the performer’s consent. By signing I state that this is "
            "true.",
            "Les usages de ce fichier qui en reprennent un élément exigent le consentement de l’interprète. En "
            "signant, je déclare que cela est exact.",
        ),
    )


def describe_claim(record: AppearanceClaimed, language: str, names: Names) -> str:
    return page(
        language,
        (
            "“That is me”: a performer claims to be in a file",
            "« C’est moi » : un interprète déclare être dans un fichier",
        ),
        _presence(record, names),
        (
            "Uses of this file that take any of these are refused until my appearance in it is recorded. By signing I "
            "state that this is true.",
            "Les usages de ce fichier qui en reprennent un élément sont refusés jusqu’à ce que ma présence y soit "
            "inscrite. En signant, je déclare que cela est exact.",
        ),
    )


def _presence(record: Appearance | AppearanceClaimed, names: Names) -> list[Pair]:
    return [
        (f"File: {names(record.asset)}", f"Fichier : {names(record.asset)}"),
        (f"Performer: {names(record.performer)}", f"Interprète : {names(record.performer)}"),
        _aspects(record.aspects),
        _spans(record.spans),
    ]


def _aspects(mask: int) -> Pair:
    held = [words.ASPECTS[aspect] for aspect in ASPECTS.names(mask)]
    return (
        f"What is there: {listed([one[0] for one in held], 'en')}",
        f"Ce qui s’y trouve : {listed([one[1] for one in held], 'fr')}",
    )


def _spans(spans: tuple[Span, ...] | None) -> Pair:
    if spans is None:
        return "Where: in the whole file", "Où : dans tout le fichier"
    told = ", ".join(f"{first}–{after - 1}" for first, after in spans)
    return f"Where: in frames {told}, counted from 0", f"Où : dans les images {told}, comptées à partir de 0"


def describe_component(record: Component, language: str, names: Names) -> str:
    return page(
        language,
        ("A file contains another", "Un fichier en contient un autre"),
        [
            (f"File: {names(record.asset)}", f"Fichier : {names(record.asset)}"),
            (f"It contains: {names(record.component)}", f"Il contient : {names(record.component)}"),
            _aspects(record.aspects),
            _spans(record.spans),
        ],
        (
            "Uses of the file that take any of these need the rights in what it contains too. By signing I state that "
            "this is true.",
            "Les usages du fichier qui en reprennent un élément exigent aussi les droits sur ce qu’il contient. En "
            "signant, je déclare que cela est exact.",
        ),
    )
