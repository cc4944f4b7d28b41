"""Narodowy Bank Polski: table A of average exchange rates against Polish zloty."""
