"""Measurements of `manage.py bench`, each beside something plain in the same run."""
