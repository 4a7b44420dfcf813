"""A catalogue: works and assets that its owner licenses together; it only ever grows (``catalogue.registered``)."""

from dataclasses import dataclass
from typing import Final

from registry.core.fields import Reader
from registry.core.subjects import Subject, read_subjects

MEMBER_KINDS: Final = ("asset", "work")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRegistered:
    catalogue: str
    owner: str
    title: str
    members: tuple[Subject, ...]


def parse_catalogue(body: Reader) -> CatalogueRegistered:
    return CatalogueRegistered(
        catalogue=body.uuid("catalogue"),
        owner=body.uuid("owner"),
        title=body.str("title"),
        members=read_subjects(body, "members", MEMBER_KINDS),
    )


PARSERS: Final = {"catalogue.registered": parse_catalogue}
