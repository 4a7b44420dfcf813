"""Read shots, weights, and what a decision about a shot needs to know of its assets."""
