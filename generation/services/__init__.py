"""
What happens to shots, one module a thing that happens.

``requesting`` decides and queues; a worker takes a lease (``leasing``) and does what is ``todo``: ``rendering``,
``screening``, then ``sealing`` and ``releasing`` (``working`` drives it). ``reviewing`` and ``closing`` are for people;
``sweeping`` picks up what a killed worker or a lost message left. Nothing is imported here: who only asks for shots
does not load a tensor library.
"""
