"""Languages: catalogues of texts, and how dates look."""
