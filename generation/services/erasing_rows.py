"""
What an erasure takes out beside the statements and their projections: notes, messages, caches, files, words in shots.

None of it can be rebuilt, and nothing about anybody else's rights rests on it. Everything joins the caller's
transaction; files are removed after its commit, and by the next pass where a crash comes between
(``remove_leftovers``): their keys are gone with the commit, so that what lies there till then is noise.
"""

import json
from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import Q

from consent.models import Alert, CharacterIndex, ConsentRequest, Ending, Mute, RequestEvent
from consent.selectors.prompts import without_names
from generation import takes
from generation.models import FavouredAlert, IdempotencyKey, Shot, ShotUse, Told
from generation.selectors.erasures import File, Plan
from registry import vault
from registry.core.jcs import Json
from registry.models import (
    Challenge,
    Deposit,
    Document,
    Fingerprint,
    IdentifierClaim,
    Leftover,
    NameIndex,
    NoticeRead,
    PasskeyChallenge,
    PasskeyCounter,
    Token,
)


def names_of(subject: str) -> frozenset[bytes]:
    """Return the keyed hashes by which prompts meant the person."""
    own = NameIndex.objects.filter(party=subject).values_list("word_hmac", flat=True)
    aliases = IdentifierClaim.objects.filter(party=subject, word_hmac__isnull=False).values_list("word_hmac", flat=True)
    characters = CharacterIndex.objects.filter(performer=subject).values_list("word_hmac", flat=True)
    return frozenset(bytes(one) for one in (*own, *aliases, *characters))


def forget_notes(found: Plan) -> None:
    """Take out what was told, asked and noted about the person, and their tokens."""
    subject, digests = found.subject, list(found.statements)
    asked = ConsentRequest.objects.filter(Q(performer=subject) | Q(asker=subject))
    RequestEvent.objects.filter(request__in=asked.values("id")).delete()
    asked.delete()
    Mute.objects.filter(Q(person=subject) | Q(asker=subject)).delete()
    Alert.objects.filter(Q(party=subject) | Q(about__in=digests)).delete()
    Ending.objects.filter(Q(about__in=digests) | Q(grantor=subject) | Q(grantee=subject)).delete()
    FavouredAlert.objects.filter(Q(party=subject) | Q(grant__in=digests) | Q(other__in=digests)).delete()
    Told.objects.filter(party=subject).delete()
    IdempotencyKey.objects.filter(Q(party=subject) | Q(answer__id__in=found.shown_in)).delete()
    NoticeRead.objects.filter(Q(party=subject) | Q(digest__in=digests)).delete()
    Challenge.objects.filter(party=subject).delete()
    PasskeyChallenge.objects.filter(party=subject).delete()
    PasskeyCounter.objects.filter(keyid__in=found.keys).delete()
    Token.objects.filter(Q(party=subject) | Q(person=subject)).delete()


def destroy_files(files: Collection[File]) -> None:
    """Destroy keys and rows of bytes, and remove the bytes after the commit."""
    ids = [one.id for one in files]
    Fingerprint.objects.filter(asset__in=ids).delete()
    Deposit.objects.filter(asset__in=ids).delete()
    Document.objects.filter(id__in=ids).delete()
    for name in ids:
        vault.destroy_key(f"asset:{name}")
    _leave(ids)


def forget_takes(shots: Collection[Shot]) -> None:
    """Destroy frames and previews of shots that were not released. The caller has locked the rows, and saves."""
    for shot in shots:
        if shot.release is None:
            takes.forget(_held(shot))
            _leave([name for name in _held(shot) if name is not None])
            shot.frames = shot.preview = shot.output = None


def remove_leftovers() -> int:
    """Remove the files of erasures whose process died after its commit; again is harmless. Return how many."""
    names = [str(name) for name in Leftover.objects.values_list("file", flat=True)]
    _remove(names)
    return len(names)


def papers_of(shot: Shot) -> Json:
    """Return what proves what a released shot was made for, with its words; text, since specs hold fractions."""
    uses = ShotUse.objects.filter(shot=shot.id).order_by("id").values("id", "use", "request", "vouched", "digests")
    papers = {
        "shot": shot.id,
        "release": shot.release,
        "prompt": shot.prompt,
        "spec": shot.spec,
        "clearance": [shot.clearance_request, shot.clearance_vouched, shot.clearance_digests],
        "released": [shot.release_request, shot.release_vouched, shot.release_digests],
        "uses": [{**use, "id": str(use["id"])} for use in uses],
    }
    return {"papers": json.dumps(papers, ensure_ascii=False, sort_keys=True)}


def take_out_words(shot: Shot, subject: str, names: Collection[bytes]) -> None:
    """Put nothing in the place of the person's name, and of whom they play. The caller saves the shot."""
    before = shot.prompt
    shot.prompt = without_names(shot.prompt, names)
    if shot.prompt != before:
        shot.unknown_words = []
    shot.review_note = None if shot.review_note is None else without_names(shot.review_note, names)
    shot.spec = _without(shot.spec, subject, names)
    shot.clearance_request = _without(shot.clearance_request, subject, names)
    shot.release_request = _without(shot.release_request, subject, names)
    for use in ShotUse.objects.filter(shot=shot.id):
        use.use, use.request = _without(use.use, subject, names), _without(use.request, subject, names)
        use.save(update_fields=["use", "request"])


def _without(value: Json, subject: str, names: Collection[bytes]) -> Json:
    if isinstance(value, str):
        return without_names(value, names)
    if isinstance(value, list):
        return [_without(one, subject, names) for one in value]
    if isinstance(value, dict):
        return {key: _without(_unnamed(key, one, subject), subject, names) for key, one in value.items()}
    return value


def _unnamed(key: str, value: Json, subject: str) -> Json:
    """Of the performer themselves, take out whom they play."""
    return value | {"role": None} if key == subject and isinstance(value, dict) and "role" in value else value


def _held(shot: Shot) -> tuple[str | None, ...]:
    return shot.frames, shot.preview, shot.output


def _leave(names: Collection[str]) -> None:
    Leftover.objects.bulk_create((Leftover(file=name) for name in names), ignore_conflicts=True)
    transaction.on_commit(partial(_remove, list(names)))


def _remove(names: Collection[str]) -> None:
    for name in names:
        vault.discard(name)
    Leftover.objects.filter(file__in=names).delete()
