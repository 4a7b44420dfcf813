"""What a party does with its notices. They are written with the statements that they are about (``Kind.enact``)."""

from datetime import datetime

from registry.models import Notice, NoticeRead


def mark_read(*, party: str, digest: str, at: datetime) -> bool:
    """Note that a party has read a notice; the first time counts. False where it has no such notice."""
    if not Notice.objects.filter(party=party, digest=digest).exists():
        return False
    NoticeRead.objects.bulk_create([NoticeRead(party=party, digest=digest, read_at=at)], ignore_conflicts=True)
    return True
