"""
Small forms of what is kept sealed: an envelope, a text (``docs/formats.md`` section 8).

An envelope travels as JSON with its payload in base64. Kept, it is the payload as it was signed, byte for byte, a line
feed, which no canonical JSON holds, and its signatures; then deflated (RFC 1951) with a dictionary of the words that
every statement has. ``unpack_envelope`` reads what ``pack_envelope`` wrote, and the JSON that was kept before.
"""

import zlib
from typing import Final

from registry.core.envelope import Envelope, Signature
from registry.core.fields import Reader
from registry.core.jcs import canonical, parse_json

MARK: Final = b"\xff"  # begins no UTF-8, so nothing that was kept unpacked
LEVEL: Final = 6
_RAW: Final = -15  # zlib's way to say: no header, no checksum; the seal has one
# Never changed: what was packed with it opens with nothing else. What is likeliest stands last.
WORDS: Final = (
    b'weights.trained training.manifest{"root":"run":"here"use.cleared"outcome":"aborted"reason":"output_sha256":"'
    b'shot.closedshot.releasedclearance.issued"facts_digest":"request_sha256":"grounds":[{"assurance":"signed","digest":"'
    b'confirmedrecorded"tree_size":"takes"heads":[["grant","epoch"checks":{"unchecked"pass"reviewed_by":null'
    b'identity.vouched"level":"document"in_person"challenge":null,"confirms":[{"scheme":"isni"'
    b'authority.granted"agents":["attested_by":null,"powers":["view","negotiate","grant","revoke","approve"],"principal":"'
    b'required":1,"role":"agent"guardian"union"from":"until":null,"minor":false'
    b'asset.registered"appearances":[],"components":[{"asset":"spans":null,"recognisable":true,"performer":"'
    b'inventory":{"artworks":"none","locations":"listed","marks":"unknown","music":"none","people":"listed"}'
    b'"media":{"container":"mp4","duration_ms":"frames":"height":"width":"fps":[24000,1001]"size":"sha256":"'
    b'title.claimed"claimant":"nature":"economic","right":"picture"master"share":[1,1],"subject":{"id":"kind":"asset"'
    b'licence.granted"licensor":"licensee":"exclusivity":"none","holdbacks":[],"options":[],"parent":null,'
    b'"sublicensable":false,"subjects":[{"kind":"work"catalogue"document_sha256":null,"signed_on":null,'
    b'consent.grantedconsent.revoked"approvals":[],"assignable":false,"basis":"contract"caps":{"shots":null},'
    b'"cooling_off_until":null,"description":"dialogue":{"kind":"as_scripted","script_sha256":null},"future_projects":[],'
    b'"grantee":"performer":"replaces_in_person_work":false,"replica_use":"employment_based"independently_created"'
    b'"represented":true,"retention_until":null,"revocation":{"kind":"at_will","notice_hours":null},"role":"scenes":null,'
    b'"strike":"supersedes":[],"survives_death":false,"tail":{"alter":"finish","condition":"keep","distribute":"pull"'
    b'"scopes":[{"acts":["scan","store","train","finetune","condition","alter","distribute","sublicense"],"aspects":['
    b'"face","body","voice","performance","name","picture","sound","motion","style","text"],"content":{"depicts":[],'
    b'"scene":["violence"]},"languages":["*"],"media":["theatrical","svod","avod","fast","est","tvod","free_tv","pay_tv"],'
    b'"projects":["*"],"purposes":["work","in_context_promotion"],"territories":["FR","GB","US"],"window":["2027-01-01T00'
    b':00:00Z",null]}]'
    b'project.registered"agreement":null,"governing_law":"producer":"parent":null,"signatory":'
    b'work.registered{"body":{"identifiers":{},"kind":"film","language":"en","private_sha256":null,"text_sha256":"'
    b'","title":"","work":"party.registered"affiliates":[],"kind":"person"organisation"name":"key.addedkey.revoked'
    b'"key":{"kind":"ed25519","spki":"MCowBQYDK2VwAyEA"},"party":"019'
    b'},"id":"019","issued_at":"2026-11-24T12:00:00Z","issuer":"019","nonce":"==","type":"consent.granted","vocabulary":1}'
    b'\n[{"keyid":"","kind":"webauthn","sig":"es256"mldsa44"authenticatorData":"clientDataJSON":"ed25519","sig":"=="}]'
)


def pack(plain: bytes) -> bytes:
    """Return the small form of a text, or of anything else in UTF-8."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW, zdict=WORDS)
    return MARK + deflate.compress(plain) + deflate.flush()


def unpack(packed: bytes) -> bytes:
    """Return what was packed; what was kept unpacked comes back as it is. Only for what a seal vouches for."""
    if not packed.startswith(MARK):
        return packed
    inflate = zlib.decompressobj(_RAW, zdict=WORDS)
    return inflate.decompress(memoryview(packed)[len(MARK) :]) + inflate.flush()


def pack_envelope(envelope: Envelope) -> bytes:
    signatures = canonical([signature.format() for signature in envelope.signatures])
    return pack(envelope.payload + b"\n" + signatures)


def unpack_envelope(packed: bytes) -> Envelope:
    plain = unpack(packed)
    if plain is packed:
        return Envelope.parse(parse_json(plain))
    payload, _, signatures = plain.partition(b"\n")
    reader = Reader({"signatures": parse_json(signatures)})
    return Envelope(payload=payload, signatures=reader.list_of("signatures", Signature.parse))
