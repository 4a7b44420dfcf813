"""Consents and their uses over HTTP."""
