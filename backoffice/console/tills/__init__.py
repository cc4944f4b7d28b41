"""Pages of SAF-T files: hand one over, see it being read, what came out of it."""
