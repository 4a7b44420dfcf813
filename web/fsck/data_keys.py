"""
Open every wrapped key: each under the version of the KEK that it names, and for its own owner.

Key by key, as a KMS is asked for each. A key that is not there is missed by what it sealed (``statements``).
"""

from registry import vault
from registry.models import DataKey
from registry.vault.keys import unwrap
from web.fsck.report import Report


def check_data_keys(report: Report) -> None:
    """Unwrap every row; findings go into the report."""
    for owner, wrapped in DataKey.objects.order_by("owner").values_list("owner", "wrapped").iterator():
        report.count("data keys", 1)
        try:
            unwrap(owner, bytes(wrapped))
        except vault.KeyUnusable as error:
            report.add("data_key_unreadable", owner, str(error))
