"""
Assets and what they are declared to hold: `asset.registered`, `inventory.declared`.

The bytes come first: an asset is registered by whoever deposited them, and what is said of them must be what the
registry itself read.
"""

from registry.core.assets import Asset as AssetRecord
from registry.core.assets import InventoryDeclared, parse_asset, parse_inventory
from registry.errors import AlreadyRegistered, Inadmissible
from registry.kinds.boxes import extend
from registry.kinds.kind import ANY_PARTY, Context, Kind, Locks, Look
from registry.locks import Head
from registry.models import Asset, Deposit, LicenceBox
from registry.selectors.assets import require_asset
from registry.selectors.catalogues import catalogues_with
from registry.selectors.projects import require_work
from registry.texts.assets import describe_asset, describe_inventory


def _heads(record: AssetRecord, issuer: str) -> Locks:
    shared: set[Head] = set()
    if record.work is not None:
        shared = {Head("work", record.work)} | {Head("catalogue", one) for one in catalogues_with(record.work)}
    return Locks(shared=frozenset(shared), exclusive=frozenset({Head("asset", record.asset)}))


def _check(context: Context) -> None:
    record: AssetRecord = context.record
    if Asset.objects.filter(id=record.asset).exists():
        raise AlreadyRegistered(kind="asset", id=record.asset, field="body.asset")
    if record.work is not None:
        require_work(record.work, field="body.work")
    _match_deposit(record, context.statement.issuer)


def _match_deposit(record: AssetRecord, issuer: str) -> None:
    deposit = Deposit.objects.filter(asset=record.asset, party=issuer).first()
    if deposit is None:
        raise Inadmissible(
            f"party `{issuer}` has stored no bytes as asset `{record.asset}`", code="bytes_missing", field="body.asset"
        )
    if (record.sha256, record.size) != (deposit.sha256, deposit.size):
        raise Inadmissible(
            f"the stored bytes have SHA-256 `{deposit.sha256}` and size `{deposit.size}`",
            code="bytes_mismatch",
            field="body.sha256",
        )
    if record.media.format() != deposit.media:
        wrong = sorted(name for name, value in record.media.format().items() if deposit.media.get(name) != value)
        raise Inadmissible(
            f"the registry read another `{wrong[0] if wrong else 'media'}` from the bytes",
            code="description_mismatch",
            field=f"body.media.{wrong[0]}" if wrong else "body.media",
        )


def _apply(context: Context) -> None:
    record: AssetRecord = context.record
    Asset.objects.create(
        id=record.asset,
        digest=context.digest,
        registrant=context.statement.issuer,
        kind=record.kind,
        title=record.title,
        sha256=record.sha256,
        size=record.size,
        work=record.work,
        media=record.media.format(),
        inventory=dict(record.inventory),
        inventory_digest=context.digest,
    )
    if record.work is not None:
        extend(record.work, [record.asset])


def _registrant(record: InventoryDeclared, look: Look) -> frozenset[str]:
    return frozenset({require_asset(record.asset, field="body.asset").registrant})


def _apply_inventory(context: Context) -> None:
    record: InventoryDeclared = context.record
    Asset.objects.filter(id=record.asset).update(inventory=dict(record.inventory), inventory_digest=context.digest)


ASSET_REGISTERED = Kind(
    type="asset.registered",
    effect="widens",
    parse=parse_asset,
    issuers=lambda record, look: ANY_PARTY,
    subject=lambda record: None,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_asset,
    tables=(Asset, LicenceBox),
)

INVENTORY_DECLARED = Kind(
    type="inventory.declared",
    effect="widens",
    parse=parse_inventory,
    issuers=_registrant,
    subject=lambda record: None,
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("asset", record.asset)})),
    apply=_apply_inventory,
    describe=describe_inventory,
    tables=(Asset,),
)

KINDS = (ASSET_REGISTERED, INVENTORY_DECLARED)
