"""
The whole story on one machine, told in the terminal: ``manage.py demo``.

The cast acts through the HTTP API of a running stack, each with its own token and key, like anybody else's client.
Only what an operator does by hand is done here directly: setting up, and handing out tokens.
"""
