"""Norges Bank's open data: exchange rates against Norwegian kroner."""
