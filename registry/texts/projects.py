"""The texts of projects and works."""

from typing import Final

from registry.core.record import Project, Work
from registry.texts.layout import Names, Pair, page, scheme_lines

_PROJECTS: Final[dict[str, Pair]] = {
    "franchise": ("a franchise", "une franchise"),
    "series": ("a series", "une série"),
    "season": ("a season", "une saison"),
    "episode": ("an episode", "un épisode"),
    "film": ("a film", "un film"),
}
_WORKS: Final[dict[str, Pair]] = {
    "film": ("a film", "un film"),
    "series": ("a series", "une série"),
    "composition": ("a musical composition", "une composition musicale"),
    "artwork": ("an artwork", "une œuvre d’art"),
    "script": ("a script", "un scénario"),
    "other": ("another work", "une autre œuvre"),
}
_TRUE: Final[Pair] = (
    "By signing I state that this is true.",
    "En signant, je déclare que cela est exact.",
)


def describe_project(record: Project, language: str, names: Names) -> str:
    kind = _PROJECTS[record.kind]
    return page(
        language,
        ("Registration of a project", "Enregistrement d’un projet"),
        [
            (f"Title: {record.title}", f"Titre : {record.title}"),
            (f"Number in this registry: {record.project}", f"Numéro dans ce registre : {record.project}"),
            (f"This is {kind[0]}.", f"C’est {kind[1]}."),
            (f"Producer: {names(record.producer)}", f"Producteur : {names(record.producer)}"),
            _part_of(record, names),
            _given("Collective agreement", "Convention collective", record.agreement),
            _given("Signatory to the agreement", "Signataire de la convention", record.signatory),
            _given("Governing law", "Droit applicable", record.governing_law),
        ],
        _TRUE,
    )


def _part_of(record: Project, names: Names) -> Pair:
    if record.parent is None:
        return "It is part of no other project.", "Il ne fait partie d’aucun autre projet."
    return f"It is part of: {names(record.parent)}", f"Il fait partie de : {names(record.parent)}"


def _given(english: str, french: str, value: str | None) -> Pair:
    return f"{english}: {value or 'none named'}", f"{french} : {value or 'non précisé'}"


def describe_work(record: Work, language: str, names: Names) -> str:
    kind = _WORKS[record.kind]
    return page(
        language,
        ("Registration of a work", "Enregistrement d’une œuvre"),
        [
            (f"Title: {record.title}", f"Titre : {record.title}"),
            (f"Number in this registry: {record.work}", f"Numéro dans ce registre : {record.work}"),
            (f"This is {kind[0]}.", f"C’est {kind[1]}."),
            *scheme_lines(sorted(record.identifiers.items())),
            (
                "Registering a work claims no rights in it; a title claim does.",
                "Enregistrer une œuvre ne revendique aucun droit sur elle ; une déclaration de titularité le fait.",
            ),
        ],
        _TRUE,
    )
