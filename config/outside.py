"""
Settings of the commands that watch a log from outside (``manage.py witness``, ``manage.py monitor``).

They run on machines that have neither the registry's database nor any of its keys: nothing is read from the
environment, and nothing is made.
"""

INSTALLED_APPS = ["web"]  # for its commands; no app here has a table
DATABASES: dict[str, object] = {}
USE_TZ = True
