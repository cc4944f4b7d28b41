"""What a provider must be able to do, and how it may fail. Plain Python, no Django, no HTTP."""
