"""
Prove that what is stored is what was said.

1. ``log``: entries are dense and hash as they should, every checkpoint has the root of its entries and a good
   signature, every tile is byte for byte what the entries give.
2. ``statements``: every leaf has its statement and every statement its leaf; it opens, and is what its row says it is.
3. ``signatures``: every signature verifies again, with keys as they stood when the statement was accepted.
4. ``clearances``: what the vault believes is what was issued, and ended when it was.
5. ``takes``: shots and their uses are what was cleared, released and closed.
6. ``own_keys`` and ``data_keys``: the registry's keys work, and every wrapped key opens for its owner, under the
   version of the KEK that it names.
7. ``vault``: every file opens and has the bytes that its row says; what is gone, an erasure explains.
8. ``notes``, ``births``, ``references``: what the registry noted itself agrees with whatever else says it.
9. ``sheets``, ``projections``: replaying every statement gives, row by row, the tables that the services read.

``run`` does all of it over one snapshot of the database, changes nothing, and names each difference. It uses what the
publisher and the services use as little as it can: a checker that shares a fault with what it checks finds nothing.
What cannot be proven is listed, with reasons, in ``web.fsck.unproven``.
"""

from web.fsck.report import Finding, Report
from web.fsck.whole import run

__all__ = ["Finding", "Report", "run"]
