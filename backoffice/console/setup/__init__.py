"""Set-up: clients, sales points, keys, people, connections; every save stands in the audit trail."""
