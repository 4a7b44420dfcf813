"""
The registry's rules as plain functions of plain values.

Nothing below this package reads a clock, a random source, a setting, the network or a database, so that an outsider can
check our outputs with the same code that made them.
"""
