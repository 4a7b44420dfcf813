"""
Check papers without a server: `python -m generation.verify`, or `proviso-verify` where it was installed alone.

Reads files, PDF attachments and C2PA manifests, and hands bytes to ``generation.core``, which judges. No Django, no
torch, no database; the network only where a log is read from an address (`fsck https://…`, `reseal`).
"""
