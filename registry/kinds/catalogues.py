"""
Catalogues: `catalogue.registered`.

Its owner issues it again to add to it; nothing is taken out. Licences of the catalogue that reach what is added later
reach the new members with the same statement, which is refused where one of them was promised to somebody else.
"""

from registry.core.catalogues import CatalogueRegistered
from registry.core.rights import PARSERS
from registry.errors import AlreadyRegistered, Inadmissible
from registry.kinds.boxes import extend, grown
from registry.kinds.conflicts import refuse_clashes
from registry.kinds.kind import Context, Kind, Locks
from registry.locks import Head, bump, party_head
from registry.models import Asset, Catalogue, CatalogueMember, LicenceBox, Work
from registry.selectors.parties import as_data_subject
from registry.selectors.rights import require_subjects
from registry.texts.catalogues import describe_catalogue


def _heads(record: CatalogueRegistered, issuer: str) -> Locks:
    works = {Head("work", member.id) for member in record.members if member.kind == "work"}
    own = Head("catalogue", record.catalogue)
    return Locks(shared=frozenset({party_head(record.owner)}), exclusive=frozenset({own, *works}))


def _check(context: Context) -> None:
    record: CatalogueRegistered = context.record
    row = Catalogue.objects.filter(id=record.catalogue).first()
    if row is None and _is_taken(record.catalogue):
        raise AlreadyRegistered(kind="id", id=record.catalogue, field="body.catalogue")
    if row is not None and row.owner != record.owner:
        raise Inadmissible("the catalogue is another owner's", code="not_yours", field="body.catalogue")
    require_subjects(record.members, field="body.members")
    rows = grown(record.catalogue, _new(record))
    refuse_clashes(rows, at=context.at, asker=context.statement.issuer, field="body.members")


def _is_taken(id_: str) -> bool:
    return Work.objects.filter(id=id_).exists() or Asset.objects.filter(id=id_).exists()


def _new(record: CatalogueRegistered) -> list[str]:
    members = CatalogueMember.objects.filter(catalogue=record.catalogue).values_list("member_id", flat=True)
    held = {str(member) for member in members}
    return [member.id for member in record.members if member.id not in held]


def _apply(context: Context) -> None:
    record: CatalogueRegistered = context.record
    new = _new(record)
    row, _ = Catalogue.objects.get_or_create(
        id=record.catalogue, defaults={"digest": context.digest, "owner": record.owner, "title": record.title}
    )
    Catalogue.objects.filter(id=row.id).update(title=record.title)
    CatalogueMember.objects.bulk_create(
        CatalogueMember(
            catalogue=record.catalogue,
            member_kind=member.kind,
            member_id=member.id,
            digest=context.digest,
            accepted_at=context.at,
        )
        for member in record.members
        if member.id in new
    )
    extend(record.catalogue, new)
    bump([Head("catalogue", record.catalogue)])


CATALOGUE_REGISTERED = Kind(
    type="catalogue.registered",
    effect="widens",
    parse=PARSERS["catalogue.registered"],
    issuers=lambda record, look: {record.owner},
    subject=lambda record: as_data_subject(record.owner),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_catalogue,
    tables=(Catalogue, CatalogueMember, LicenceBox),
)

KINDS = (CATALOGUE_REGISTERED,)
