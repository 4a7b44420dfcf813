"""
Check a shot's papers without a server: `python -m generation.verify bundle.json out.mp4`.

Reads files and the C2PA manifest, and hands bytes to ``generation.core.verify``, which judges. No Django, no torch, no
database, no network.
"""
