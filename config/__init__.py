"""
The only place that knows the environment.

Imported before anything else of the project, and so before torch, whose OpenMP reads this once: threads that wait for
one another must sleep, not spin. Spinning on a machine with other work made a step of the starter engine 13 times
slower (5.03 s against 0.39 s with two threads beside a busy core).
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
