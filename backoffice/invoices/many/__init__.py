"""Many documents at once: chosen, ordered, worked off in turns, packed."""
