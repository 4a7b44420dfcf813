"""
Prove that what is stored is what was said.

1. ``log``: entries are dense and hash as they should, every checkpoint has the root of its entries and a good
   signature, every tile is byte for byte what the entries give.
2. ``statements``: every leaf has its statement and every statement its leaf; it opens, and is what its row says it is.
3. ``signatures``: every signature verifies again, with keys as they stood when the statement was accepted.
4. ``clearances``: what the vault believes is what was issued.
5. ``data_keys``: every wrapped key opens for its owner, under the version of the KEK that it names.
6. ``projections``: replaying every statement gives, row by row, the tables that the services read.

``run`` does all six over one snapshot of the database, changes nothing, and names each difference. It uses what the
publisher and the services use as little as it can: a checker that shares a fault with what it checks finds nothing.
"""

from web.fsck.report import Finding, Report
from web.fsck.whole import run

__all__ = ["Finding", "Report", "run"]
