"""
Who is in an asset and what it is made of: `appearance.recorded`, `appearance.claimed`, `component.recorded`.

Each can only add to whom a use must ask, so each narrows: it raises the asset's epoch, and clearances that rest on the
asset decide again.
"""

from typing import Final

from registry.core.assets import Appearance as AppearanceRecord
from registry.core.assets import AppearanceClaimed, Span, parse_appearance, parse_appearance_claimed, parse_component
from registry.core.assets import Component as ComponentRecord
from registry.errors import Inadmissible
from registry.kinds.kind import Context, Kind, Locks, Look
from registry.locks import Head, bump
from registry.models import Appearance, Asset, Component
from registry.selectors.assets import is_part_of, require_asset
from registry.selectors.parties import require_person
from registry.texts.assets import describe_appearance, describe_claim, describe_component

COMPONENTS: Final = Head("asset", "components")  # taken alone by each new component, so that no two close a cycle


def _issuers(record: AppearanceRecord, look: Look) -> frozenset[str]:
    return frozenset({require_asset(record.asset, field="body.asset").registrant, record.performer})


def _heads(record: AppearanceRecord | AppearanceClaimed, issuer: str) -> Locks:
    return Locks(
        shared=frozenset({Head("person", record.performer)}), exclusive=frozenset({Head("asset", record.asset)})
    )


def _check(context: Context) -> None:
    record: AppearanceRecord | AppearanceClaimed = context.record
    require_person(record.performer, field="body.performer")
    require_spans_inside(record.spans, require_asset(record.asset, field="body.asset"))


def require_spans_inside(spans: tuple[Span, ...] | None, asset: Asset) -> None:
    """Refuse frames that the asset does not have."""
    frames = asset.media["frames"]
    if spans is None or frames is None or spans[-1][1] <= frames:
        return
    raise Inadmissible(f"the asset has only `{frames}` frames", code="outside_asset", field="body.spans")


def _apply(context: Context) -> None:
    record: AppearanceRecord | AppearanceClaimed = context.record
    Appearance.objects.create(
        digest=context.digest,
        asset=record.asset,
        performer=record.performer,
        aspects=record.aspects,
        spans=format_spans(record.spans),
        recognisable=isinstance(record, AppearanceClaimed) or record.recognisable,
        claimed=isinstance(record, AppearanceClaimed),
    )
    bump([Head("asset", record.asset)])


def format_spans(spans: tuple[Span, ...] | None) -> list[list[int]] | None:
    return None if spans is None else [list(span) for span in spans]


def _check_component(context: Context) -> None:
    record: ComponentRecord = context.record
    require_spans_inside(record.spans, require_asset(record.asset, field="body.asset"))
    require_asset(record.component, field="body.component")
    if is_part_of(record.asset, record.component):
        raise Inadmissible("the asset is itself part of that component", code="component_cycle", field="body.component")


def _component_heads(record: ComponentRecord, issuer: str) -> Locks:
    return Locks(
        shared=frozenset({Head("asset", record.component)}),
        exclusive=frozenset({Head("asset", record.asset), COMPONENTS}),
    )


def _apply_component(context: Context) -> None:
    record: ComponentRecord = context.record
    Component.objects.create(
        digest=context.digest,
        asset=record.asset,
        component=record.component,
        aspects=record.aspects,
        spans=format_spans(record.spans),
    )
    bump([Head("asset", record.asset)])


def _registrant(record: ComponentRecord, look: Look) -> frozenset[str]:
    return frozenset({require_asset(record.asset, field="body.asset").registrant})


APPEARANCE_RECORDED = Kind(
    type="appearance.recorded",
    effect="narrows",
    parse=parse_appearance,
    issuers=_issuers,
    subject=lambda record: record.performer,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_appearance,
    tables=(Appearance,),
)

APPEARANCE_CLAIMED = Kind(
    type="appearance.claimed",
    effect="narrows",
    parse=parse_appearance_claimed,
    issuers=lambda record, look: {record.performer},
    subject=lambda record: record.performer,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_claim,
    tables=(Appearance,),
)

COMPONENT_RECORDED = Kind(
    type="component.recorded",
    effect="narrows",
    parse=parse_component,
    issuers=_registrant,
    subject=lambda record: None,
    heads=_component_heads,
    check=_check_component,
    apply=_apply_component,
    describe=describe_component,
    tables=(Component,),
)

KINDS = (APPEARANCE_RECORDED, APPEARANCE_CLAIMED, COMPONENT_RECORDED)
