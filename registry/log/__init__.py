"""
The transparency log: what was said cannot be unsaid, and whoever holds a receipt can prove it.

- ``append`` adds a statement's ``Row``, its unnumbered leaf, to the caller's transaction; no lock, no number, no tree
- ``publish`` numbers what was committed, extends the tree, signs it and puts it where anybody can read it
- ``rebuild`` makes lost files again; ``sweep`` removes what killed publishers left
- ``WitnessesMissing`` is raised where too few witnesses cosigned for the log to be published
- ``tree_size indices digests proof`` answer from what was published; ``origin vkey vkeys`` say whose log it is

Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof, tlog-witness over RFC 6962, all in
``registry.core``. Left out: what the statements mean, and being a witness (``registry.watch``).
"""

from registry.log.appending import Row, append
from registry.log.folder import LogDamaged
from registry.log.identity import origin, vkey, vkeys
from registry.log.publisher import publish, rebuild
from registry.log.receipts import digests, indices, proof, tree_size
from registry.log.sweeping import sweep
from registry.log.witnessing import WitnessesMissing

__all__ = [
    "LogDamaged",
    "Row",
    "WitnessesMissing",
    "append",
    "digests",
    "indices",
    "origin",
    "proof",
    "publish",
    "rebuild",
    "sweep",
    "tree_size",
    "vkey",
    "vkeys",
]
