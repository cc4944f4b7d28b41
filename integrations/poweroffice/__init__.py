"""PowerOffice Go API v2 (Norway): the accounting system of a client."""
