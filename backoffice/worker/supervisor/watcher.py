"""End what a killed supervisor left behind. Run as a script, with the supervisor at the other end of its input.

Lines say which process groups live: `+123`, `-123`. When the input ends, the supervisor has ended, cleanly or not;
what still lives is then killed. Linux kills the parts themselves by `die_with`; this reaches their children too
(and everything on systems without that). It holds the claim on DATA_DIR until it is done.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Keep the list until the input ends, then kill what is on it, the last started first."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        word, group = line[0], int(line[1:])
        if word == "+":
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    for group in reversed(groups):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
