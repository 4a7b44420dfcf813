"""
The gate between the vault and the trainer.

- ``manifest``: what a run was trained on, as one list with a root
- ``presence``: check a proof that a file is in such a list, or is not
- ``grounds``: one decision for each sample, which makes the manifest
- ``gate``: decide, log, open the samples and export them as a training pack
- ``samples``: the files of the shipped library, and the registered assets that they are
- ``trainer``: the numeric loop of ``generation.video``, in a process of its own

Left out: logging the weights (``generation.services.training``), and the numbers themselves.
"""
