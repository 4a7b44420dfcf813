"""The statement kinds of this app."""

from registry.kinds.kind import Kind

KINDS: tuple[Kind, ...] = ()
