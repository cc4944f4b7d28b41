"""Exit 0 when /readyz answers 200: the health check of the web container. Needs only the standard library."""

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


def main() -> int:
    """Ask as the proxy does, so that neither ALLOWED_HOSTS nor the redirect to HTTPS is in the way."""
    public = urlsplit(os.environ["PUBLIC_URL"])
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    try:
        urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:8000/readyz", headers=headers), timeout=5)
    except (urllib.error.URLError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
