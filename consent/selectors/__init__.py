"""Read what a decision needs, and what consents and uses there are."""
