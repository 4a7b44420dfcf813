"""
Open every wrapped key: each under the version of the KEK that it names, and for its own owner.

Key by key, as a KMS is asked for each. A key that is not there is missed by what it sealed (``statements``, ``vault``);
one that seals nothing is named here.
"""

from collections.abc import Set

from consent.models import ConsentRequest
from registry.core.errors import DomainError
from registry.models import DataKey, StatementRow
from registry.vault.keys import unwrap
from registry.vault.secrets import PURPOSES
from web.fsck.report import Report


def check_data_keys(files: Set[str], report: Report) -> None:
    """Unwrap every row; findings go into the report. ``files``: ids of those that have keys of their own."""
    owners = _owners(files)
    for owner, wrapped in DataKey.objects.order_by("owner").values_list("owner", "wrapped").iterator():
        report.count("data keys", 1)
        try:
            unwrap(owner, bytes(wrapped))
        except DomainError as error:
            report.add("data_key_unreadable", f"registry_datakey {owner}", str(error))
        if owner not in owners:
            report.add("data_key_stray", f"registry_datakey {owner}", "nothing is stored under it")


def _owners(files: Set[str]) -> Set[str]:
    about = StatementRow.objects.exclude(subject=None).values_list("subject", flat=True).distinct()
    people = {*map(str, about), *map(str, ConsentRequest.objects.values_list("performer", flat=True))}
    own = {"registry"} | {f"secret:{purpose}" for purpose in PURPOSES}
    return own | {f"party:{one}" for one in people} | {f"asset:{one}" for one in files}
