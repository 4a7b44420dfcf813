"""
Walk the vault: every file that a row names, and every file that there is.

1. Each file opens under its key, whole, and its bytes have the SHA-256 and the size that its row says.
2. What the registry read from an asset's bytes is read again: what it is, and how it looks to a near-copy search.
3. An asset whose bytes are gone was erased: an `erasure.done` names them. Nothing else excuses a missing file.
4. What no row names is a stray.

Files are hashed as they are decrypted, a chunk at a time; a picture or film is decoded from memory, one after another.
A file is put in place before its row is committed and removed after the row is gone, so that a stray whose id was drawn
within ``ARRIVES`` is taken for one on its way in, and what is missing is asked for again after the snapshot.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from generation.models import Shot
from registry import fingerprints, ingest, vault
from registry.core.assets import Media, parse_media
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.locks import clock
from registry.models import Asset, Challenge, Deposit, Document, Fingerprint, Leftover
from registry.vault.chunks import DoesNotOpen, decrypt
from registry.vault.evidence import evidence_key
from registry.vault.files import path_of
from registry.vault.keys import existing_key
from web.fsck.births import born_at
from web.fsck.erasures import Explained
from web.fsck.log import files_below
from web.fsck.report import Finding, Report

ARRIVES: Final = timedelta(hours=1)  # within it an upload has committed, or never will
AHEAD: Final = timedelta(minutes=5)  # clocks differ; what was drawn later than that was drawn by nobody
_TAKES: Final = ("frames", "preview", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a row says of a file."""

    file: str
    row: str  # its table and key
    sha256: str | None = None  # None: nobody said, as of frames on their way
    size: int | None = None
    person: str | None = None  # whose key it is derived from; None: it has its own
    deposit: Deposit | None = None

    @property
    def path(self) -> str:
        return path_of(self.file).relative_to(settings.MEDIA_DIR).as_posix()

    def key(self) -> bytes:
        return existing_key(f"asset:{self.file}") if self.person is None else evidence_key(self.person, self.file)


def look() -> frozenset[str]:
    """List the media directory, drafts aside; before the snapshot."""
    return files_below(Path(settings.MEDIA_DIR))


def held_files() -> dict[str, Held]:
    """Return what rows say of files, by the file's id."""
    return {one.file: one for one in _held()}


def _held() -> Iterator[Held]:
    for row in Deposit.objects.iterator():
        yield Held(file=row.asset, row=f"registry_deposit {row.asset}", sha256=row.sha256, size=row.size, deposit=row)
    for paper in Document.objects.iterator():
        yield Held(file=paper.id, row=f"registry_document {paper.id}", sha256=paper.sha256, size=paper.size)
    for one in Challenge.objects.exclude(answer=None).iterator():
        assert one.answer is not None
        yield Held(
            file=one.answer, row=f"registry_challenge {one.id}", sha256=one.sha256, size=one.size, person=one.party
        )
    for shot in Shot.objects.only("id", "output_sha256", *_TAKES).iterator():
        for name in _TAKES:
            if (file := getattr(shot, name)) is not None:
                sha256 = shot.output_sha256 if name == "output" else None
                yield Held(file=file, row=f"generation_shot {shot.id}", sha256=sha256)


def check_vault(
    before: frozenset[str], held: Mapping[str, Held], gone: Explained, report: Report, *, contents: bool
) -> list[tuple[str, Finding]]:
    """
    Compare files and rows; findings go into the report. ``contents``: open every file, too.

    Returns what is missing, by file: whether it is still wanted has to be asked once the snapshot is over.
    """
    missing: list[tuple[str, Finding]] = []
    for one in held.values():
        report.count("files", 1)
        if not path_of(one.file).exists():
            missing.append((one.file, Finding(fault="file_missing", subject=one.path, detail=f"{one.row} names it")))
        elif contents:
            _check_contents(one, report)
    _check_assets(held, gone, report)
    _check_strays(before, held, report)
    return missing


def _check_contents(one: Held, report: Report) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with path_of(one.file).open("rb") as file:
            for chunk in decrypt(one.file, one.key(), file):
                digest.update(chunk)
                size += len(chunk)
    except (DoesNotOpen, vault.KeyDestroyed, vault.KeyUnusable) as error:
        report.add("file_unreadable", one.path, f"{one.row}: {error}")
        return
    except FileNotFoundError:
        return  # erased since it was looked for
    if (one.sha256 or digest.hexdigest(), one.size if one.size is not None else size) != (digest.hexdigest(), size):
        report.add("file_differs", one.path, f"{one.row} says other bytes")
    elif one.deposit is not None:
        _check_reading(one.deposit, report)


def _check_reading(deposit: Deposit, report: Report) -> None:
    """Read again what was read when it came: a registered asset's media are signed, any other's only noted."""
    row = f"registry_deposit {deposit.asset}"
    try:
        media = parse_media(Reader(deposit.media, "media"))
        data = vault.inspect(deposit.asset)
        if ingest.read_media(io.BytesIO(data)) != media:
            report.add("file_differs", row, "the bytes are of other media than it says")
        else:
            _check_fingerprints(deposit.asset, data, media, report)
    except DomainError as error:
        report.add("file_differs", row, str(error))


def _check_fingerprints(asset: str, data: bytes, media: Media, report: Report) -> None:
    wanted = {_seen(row) for row in fingerprints.fingerprints_of(asset, data, media)} if _has_picture(media) else set()
    there = {_seen(row) for row in Fingerprint.objects.filter(asset=asset)}
    for frame, mirrored, _, _ in sorted(wanted ^ there):
        kind = f"frame {frame}{', mirrored' if mirrored else ''}"
        report.add("fingerprint_differs", f"registry_fingerprint {asset}", f"{kind}: the picture looks otherwise")


def _has_picture(media: Media) -> bool:
    return "picture" in media.aspects


def _seen(row: Fingerprint) -> tuple[int, bool, bytes, int]:
    return row.frame, row.mirrored, bytes(row.pdq), row.quality


def _check_assets(held: Mapping[str, Held], gone: Explained, report: Report) -> None:
    """Of an asset that was registered the bytes are here, as they were signed, or an erasure says that they went."""
    for asset in Asset.objects.order_by("id").iterator():
        one = held.get(asset.id)
        if one is None or one.deposit is None:
            if asset.sha256 not in gone.bytes:
                report.add("file_missing", f"registry_asset {asset.id}", "its bytes are gone, and no erasure says why")
            continue
        stored = one.deposit
        if (stored.party, stored.sha256, stored.size, stored.media) != (
            asset.registrant, asset.sha256, asset.size, asset.media,
        ):  # fmt: skip
            report.add("deposit_differs", one.row, "other bytes, of somebody else, or other media were registered")
    for ident in sorted(set(Fingerprint.objects.values_list("asset", flat=True)) - held.keys()):
        report.add("fingerprint_differs", f"registry_fingerprint {ident}", "it is of nothing that is stored")


def _check_strays(before: frozenset[str], held: Mapping[str, Held], report: Report) -> None:
    named = {one.path for one in held.values()}
    leftovers = {str(file) for file in Leftover.objects.values_list("file", flat=True)}
    for file in sorted(leftovers & held.keys()):
        report.add("leftover_wanted", f"registry_leftover {file}", f"it is to go, and {held[file].row} names it")
    for path in sorted(before - named):
        name = path.rpartition("/")[2]
        if _is_file(path, name) and (name in leftovers or -AHEAD < clock() - born_at(name) < ARRIVES):
            report.count("files on their way", 1)
        else:
            report.add("file_stray", path, "no row names it")


def _is_file(path: str, name: str) -> bool:
    try:
        return path_of(name).relative_to(settings.MEDIA_DIR).as_posix() == path
    except ValueError:
        return False


def still_missing(missing: list[tuple[str, Finding]], report: Report) -> None:
    """Name what was missing and is still wanted now."""
    wanted = held_files() if missing else {}
    report.findings += [finding for file, finding in missing if file in wanted]
