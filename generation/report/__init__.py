"""The clearance report for people: a PDF in English or French, and a table. Content: ``generation.core.report``."""
