"""What a request needs to know of the assets that it names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generation.core.shot import NoSuchFrame, ShotSpec
from registry.errors import Unknown
from registry.models import Asset
from registry.selectors.assets import with_parts


def registered(spec: ShotSpec) -> Mapping[str, str]:
    """Return the SHA-256 of every asset named; raises ``Unknown``, and ``NoSuchFrame`` for frames that it has not."""
    return _sha256s(spec, _rows([spec]))


def registered_many(specs: Sequence[ShotSpec]) -> Iterator[Mapping[str, str]]:
    """Yield what ``registered`` would return for each; one query for all of them."""
    rows = _rows(specs)
    return (_sha256s(spec, rows) for spec in specs)


def _rows(specs: Iterable[ShotSpec]) -> dict[str, Asset]:
    named = {reference.asset for spec in specs for reference in spec.references}
    return {row.id: row for row in Asset.objects.filter(id__in=named)}


def _sha256s(spec: ShotSpec, rows: Mapping[str, Asset]) -> Mapping[str, str]:
    for number, reference in enumerate(spec.references):
        row = rows.get(reference.asset)
        if row is None:
            raise Unknown(kind="asset", id=reference.asset, field=f"references[{number}].asset")
        if reference.source is not None and reference.source[1] > (row.media["frames"] or 1):
            raise NoSuchFrame(number=number, asset=reference.asset)
    return {reference.asset: rows[reference.asset].sha256 for reference in spec.references}


def may_look_like(assets: Iterable[str]) -> frozenset[str]:
    """Return what a shot cleared for these may look like: them, their parts, and other files of the same bytes."""
    parts = with_parts(assets)
    same = Asset.objects.filter(id__in=parts).values("sha256")
    return parts | frozenset(Asset.objects.filter(sha256__in=same).values_list("id", flat=True))
