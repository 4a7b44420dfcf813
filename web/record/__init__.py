"""
The record of a signed statement as a PDF: one page that people read, with attachments from which it verifies offline.

``gathering`` reads what it says, ``pdf`` sets it and seals it, ``api`` hands it out. What the page says in words proves
nothing; ``generation.core.record_paper`` judges the attachments.
"""
