"""The texts of catalogues and of events."""

from registry.core.catalogues import CatalogueRegistered
from registry.core.events import EventRecorded, Following
from registry.texts.events import event_of
from registry.texts.layout import Names, Pair, days, page
from registry.texts.subjects import document_line, indented, subject_lines


def describe_catalogue(record: CatalogueRegistered, language: str, names: Names) -> str:
    owner = names(record.owner)
    return page(
        language,
        ("Registration of a catalogue", "Enregistrement d’un catalogue"),
        [
            (f"Title: {record.title}", f"Titre : {record.title}"),
            (f"Number in this registry: {record.catalogue}", f"Numéro dans ce registre : {record.catalogue}"),
            (f"Owner: {owner}", f"Propriétaire : {owner}"),
            ("It holds, beside what it held before:", "Il contient, outre ce qu’il contenait déjà :"),
            *indented(subject_lines(record.members, names)),
        ],
        (
            "Being in a catalogue claims no rights; a title claim does. Licences of the catalogue that reach what is "
            "added later reach these. Nothing is ever taken out. By signing I state that this is true.",
            "Figurer dans un catalogue ne revendique aucun droit ; une déclaration de titularité le fait. Les licences "
            "du catalogue qui s’étendent aux ajouts ultérieurs s’étendent à ceux-ci. Rien n’en est jamais retiré. En "
            "signant, je déclare que cela est exact.",
        ),
    )


def describe_event(record: EventRecorded, language: str, names: Names) -> str:
    following = Following(event=record.event, subject=record.subject, territory=record.territory)
    event = {told: event_of(following, told, names) for told in ("en", "fr")}
    english, french = days(record.on)
    return page(
        language,
        ("An event is recorded", "Constat d’un événement"),
        [
            (f"What happened: {event['en']}", f"Événement : {event['fr']}"),
            (f"On {english}, counted at {_clock(record)}", f"Le {french}, à l’heure {_clock(record)}"),
            _everywhere(record),
            document_line(record.document_sha256),
        ],
        (
            "Windows that follow this event are counted from that day. If it is recorded again with another day, the "
            "stricter one counts. By signing I state that this is true.",
            "Les périodes qui dépendent de cet événement se comptent à partir de ce jour. S’il est constaté de nouveau "
            "à une autre date, la plus stricte compte. En signant, je déclare que cela est exact.",
        ),
    )


def _clock(record: EventRecorded) -> str:
    hours, minutes = divmod(abs(record.utc_offset), 60)
    return f"UTC{'-' if record.utc_offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _everywhere(record: EventRecorded) -> Pair | None:
    if record.territory is not None:
        return None
    return (
        "No territory is named: windows that follow the event in one territory do not follow this.",
        "Aucun territoire n’est nommé : les périodes qui dépendent de l’événement dans un territoire donné ne se "
        "comptent pas à partir de celui-ci.",
    )
