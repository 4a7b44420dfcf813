"""
Set a record on its sheets, attach what proves it, and seal the whole.

1. The head: what was signed, by whom, with what, when, and whether it was taken back by the time of printing.
2. The signed words, as they were signed; where they are not in the reader's language, a translation after them.
3. At the foot of the first sheet: digests, place in the log, checkpoint, and a code that leads to the receipt.
4. The attachments of ``generation.core.record_paper``, uncompressed, so that a small reader finds them.
5. The seal goes into the room that was left for it, over every other byte of the file.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Final

from generation.core.page_seal import Sign, blanked_sha256, write_seal
from generation.core.record_erased import format_erasures
from generation.core.record_paper import CHECKPOINT, ERASURES, KEYS, PROOF, SEAL, STATEMENT, TEXT
from generation.report.words import short
from generation.verify.pdf import read_attachments
from registry.core.envelope import canonical
from registry.texts.layout import grouped, listed, moment
from web.record.sheet import SIZES_PT, Line, RecordSheet
from web.record.values import Hand, Record, Who
from web.record.words import key_kind, kicker, word

_MIME: Final = {
    STATEMENT: "application/json",
    KEYS: "application/json",
    SEAL: "application/json",
    ERASURES: "application/json",
}
_TEXT: Final = "text/plain"
_DATA: Final = "Data"  # what the page is a picture of (ISO 19005-3, annex E)
MAX_KEYS_SHOWN: Final = 2


def write_record(record: Record, sign: Sign) -> bytes:
    """Write and seal the PDF."""
    return assemble(record, attachments_of(record), sign)


def attachments_of(record: Record) -> dict[str, bytes]:
    """Return what is attached, but for the seal."""
    attached = {
        STATEMENT: canonical(record.envelope.format()),
        TEXT: record.text.encode(),
        KEYS: canonical(record.keys.format()),
        PROOF: record.proof.format(),
        CHECKPOINT: record.proof.checkpoint_text.encode(),
    }
    return attached | {ERASURES: canonical(format_erasures(record.erased))} if record.erased else attached


def assemble(record: Record, attached: Mapping[str, bytes], sign: Sign) -> bytes:
    """Set the page, attach these files, and seal the whole."""
    sheet = _fitted(record)
    room = write_seal(digest=record.digest, file_sha256="0" * 64, language=record.language, sign=sign)
    for name, data in sorted({**attached, SEAL: b" " * len(room)}.items()):  # the format wants its names in order
        sheet.embed_file(
            bytes=data,
            basename=name,
            mime_type=_MIME.get(name, _TEXT),
            modification_date=record.made_at,
            associated_file_relationship=_DATA,
        )
    return _sealed(bytes(sheet.output()), record, sign)


def _sealed(data: bytes, record: Record, sign: Sign) -> bytes:
    """Put the seal into the blanks that were left for it."""
    blank = read_attachments(data)[SEAL]
    sha256 = blanked_sha256(data, blank.start, len(blank.data))
    seal = write_seal(digest=record.digest, file_sha256=sha256, language=record.language, sign=sign)
    if len(seal) != len(blank.data):
        raise ValueError("a seal is as long as any other by the same key")
    return data[: blank.start] + seal + data[blank.start + len(seal) :]


def _fitted(record: Record) -> RecordSheet:
    """Set the text as large as one sheet allows; what needs more sheets need not be small."""
    for text_pt in SIZES_PT:
        sheet = _set(record, text_pt)
        if sheet.page_no() == 1:
            return sheet
        sheet.discard()
    return _set(record, SIZES_PT[0], goes_on=word("goes_on", record.language))


def _set(record: Record, text_pt: float, *, goes_on: str = "") -> RecordSheet:
    language = record.language
    title = (record.translation or record.text).split("\n", 1)[0]
    sheet = RecordSheet(
        language=language,
        title=f"{kicker(record.type, language)} · {title} · {short(record.digest)}",
        foot=f"{record.digest} · {moment(record.made_at, language)}",
        page=word("page", language),
        of=word("of", language),
        at=record.made_at,
        text_pt=text_pt,
    )
    sheet.prove(
        word("proof", language),
        list(_proofs(record)),
        address=record.check_at,
        below=f"{word('scan', language)}{word('colon', language)}{record.check_at.split('/api/')[0]}",
        note=word("attached", language),
    )
    sheet.goes_on(goes_on)
    sheet.front(kicker(record.type, language), title)
    sheet.labelled(list(_signers(record)))
    if record.ended is not None:
        sheet.alarm(f"{word('taken_back', language)} {moment(record.ended, language)}")
    sheet.rule()
    _write_words(record, sheet)
    return sheet


def _write_words(record: Record, sheet: RecordSheet) -> None:
    language = record.language
    if record.translation is not None:
        sheet.remark(word("not_this_language", language))
    heading = word("what_is_left" if record.erased else "as_signed", language)
    sheet.caption(heading, word(f"language:{record.signed_in}", language))
    for number, line in enumerate(_erasures(record)):
        sheet.remark(line, close=number < len(record.erased))
    sheet.words(record.text)
    if record.translation is not None:
        sheet.ln(4)
        sheet.rule()
        sheet.caption(word("translation", language))
        sheet.remark(word("translated", language))
        sheet.words(record.translation, soft=True)


def _erasures(record: Record) -> Iterator[str]:
    """Say that the text is not whole, and by whose leaving."""
    if record.erased:
        yield word("names_gone", record.language)
    for one in record.erased:
        when = f"{word('erased_on', record.language)} {moment(one.at.replace(microsecond=0), record.language)}"
        yield f"{one.party} · {when} · erasure.done {short(one.digest)}"


def _signers(record: Record) -> Iterator[Line]:
    language = record.language
    for hand in record.hands:
        yield word("signed_by", language), _called(hand.who)
        yield word("with", language), f"{key_kind(hand.kind, hand.algorithm, language)} · {short(hand.keyid)}"
    if record.principal is not None:
        yield word("in_the_name_of", language), _called(record.principal)
    received = f"{word('received', language)} {moment(record.accepted_at.replace(microsecond=0), language)}"
    yield word("on", language), f"{moment(record.issued_at, language)}, {received}"
    if record.watched and record.ended is None:
        yield word("status", language), f"{word('stands', language)} {moment(record.made_at, language)}"


def _called(who: Who) -> str:
    return f"{who.name} ({who.id})" if who.name else who.id


def _proofs(record: Record) -> Iterator[Line]:
    language, point = record.language, record.checkpoint
    yield word("digest", language), f"{word('sha256', language)} {record.digest}"
    yield word("text_digest", language), f"{word('sha256', language)} {record.text_sha256}"
    yield from _keys(record.hands, language)
    index, size = grouped(record.proof.index, language), grouped(point.size, language)
    entry = f"{word('entry', language)} {index}, {word('of_entries', language)} {size}"
    yield word("place", language), f"{entry} · {point.origin}"
    signed = f"{word('root_signed', language)} {listed(record.log_signers, language)}"
    seen = f" · {record.witnesses} {word('witnesses', language)}" if record.witnesses else ""
    yield word("log_root", language), f"{base64.b64encode(point.root).decode()} · {signed}{seen}"


def _keys(hands: tuple[Hand, ...], language: str) -> Iterator[Line]:
    for hand in hands[:MAX_KEYS_SHOWN]:
        yield word("key_digest", language), f"{word('sha256', language)} {hand.keyid}"
    if len(hands) > MAX_KEYS_SHOWN:
        yield "", f"+ {len(hands) - MAX_KEYS_SHOWN}"
