"""The set-up file: clients, sales points, connections and mapping as one YAML text. docs/setup-file.md describes it."""
