"""The proof of exactly once at size: real processes, killed; real answers, lost; counted in the books over there."""
