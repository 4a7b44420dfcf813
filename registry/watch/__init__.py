"""
Who watches a log without its database: imports core, and what writes files safely, and nothing of what keeps the log.

- ``source`` reads the files of a log from a directory or a web server, ``tree`` believes them once they lead to the
  signed root
- ``monitor`` follows a log from its last verified checkpoint and looks for what concerns one person
- ``witness`` cosigns what it saw to be consistent
"""
