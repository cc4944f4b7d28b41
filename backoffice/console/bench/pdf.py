"""PDF documents: time of a warm page, documents a second by two processes, memory after many, beside plain WeasyPrint.

Plain is `HTML(string=page).write_pdf()` of the same page with its styles and typefaces inside, nothing kept between
documents. Processor time is counted, so that what else runs on the machine counts less. Every measurement runs in
processes of its own, which start and end with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from backoffice.invoices import pdf
from backoffice.invoices.fonts import with_file_addresses
from backoffice.invoices.looks import Looks, style_sheet
from backoffice.invoices.sample import sample_document

#: memory is called flat from here on
SETTLED_AFTER = 50
PROCESSES = 2
COLD_RUNS = 3
Maker = Callable[[int], bytes]


def ours(number: int) -> bytes:
    """Make one document as workers do."""
    return pdf.render(replace(sample_document(), number=str(10_000 + number)), Looks())


def archived(number: int) -> bytes:
    """Make the same document for the archive: PDF/A-3 with its EHF inside."""
    return pdf.render(replace(sample_document(), number=str(10_000 + number)), Looks(attaches_source=True))


def plain(number: int) -> bytes:
    """Make the same document with nothing kept between two."""
    looks = Looks()
    styles = with_file_addresses(style_sheet(looks.design, looks.font, looks.brand, looks.accent))
    page = pdf.markup(replace(sample_document(), number=str(10_000 + number)), looks)
    whole = page.replace("</head>", f"<style>{styles}</style></head>")
    made: bytes = importlib.import_module("weasyprint").HTML(string=whole).write_pdf()
    return made


MAKERS: dict[str, Maker] = {"ours": ours, "archived": archived, "plain": plain}


def resident_mb() -> int:
    """Give how much memory this process holds now; where that cannot be read, the most it ever held."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS:"))
        return int(line.split()[1]) // 1024
    most: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024)


def work(kind: str, count: int) -> dict[str, Any]:
    """Make so many documents in this process; give seconds of each and memory on the way."""
    maker, seconds, memory = MAKERS[kind], [], {}
    for number in range(count):
        started = time.process_time()
        maker(number)
        seconds.append(time.process_time() - started)
        if number + 1 in (SETTLED_AFTER, count):
            gc.collect()
            memory[number + 1] = resident_mb()
    return {"seconds": seconds, "memory": memory}


def start(kind: str, count: int) -> subprocess.Popen[str]:
    """Start a process that works and tells."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "bench", "--child", f"{kind}:{count}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)  # noqa: S603  # ours


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a process and read what it tells."""
    out, _nothing = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"A measuring process ended with {process.returncode}.")
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def warm_ms(pairs: int) -> dict[str, int]:
    """Give the median milliseconds of a warm page by kind, made in turns in this process."""
    taken: dict[str, list[int]] = {kind: [] for kind in MAKERS}
    for number in range(pairs + 2):
        for kind, maker in MAKERS.items():
            started = time.process_time_ns()
            maker(number)
            if number > 1:  # the first two load what is kept
                taken[kind].append((time.process_time_ns() - started) // 1_000)
    return {kind: round(statistics.median(times) / 1_000) for kind, times in taken.items()}


def rate(kind: str, count: int) -> int:
    """Give documents a minute by PROCESSES processes at once, from the processor time each spent making them."""
    running = [start(kind, count) for _ in range(PROCESSES)]
    answers = [told(process) for process in running]
    return int(sum(60 * (count - 1) // sum(answer["seconds"][1:]) for answer in answers))


def cold_rate() -> int:
    """Give documents a minute of one worker that starts WeasyPrint anew for each: its first document's time."""
    seconds = [told(start("ours", 1))["seconds"][0] for _ in range(COLD_RUNS)]
    return int(60 // statistics.median(seconds))


def measure(documents: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield rows: what, ours, plain, ours in percent of plain."""
    warm = warm_ms(min(documents, 30))
    theirs = warm["plain"]
    for what, kind in (("one page, warm", "ours"), ("the same as PDF/A-3 with its EHF inside", "archived")):
        mine = warm[kind]
        yield f"{what} (ms of processor time)", str(mine), str(theirs), f"{100 * mine // theirs} %"
    share = max(10, documents // 5)
    mine, theirs = rate("ours", share), rate("plain", share)
    yield f"documents a minute, {PROCESSES} processes", str(mine), str(theirs), f"{100 * mine // theirs} %"
    cold = cold_rate()
    times = 10 * mine // PROCESSES // max(1, cold)
    yield (
        "the same by one process; plain: WeasyPrint loaded for each",
        str(mine // PROCESSES),
        str(cold),
        f"{times / 10} times",
    )
    memory = {kind: told(start(kind, documents))["memory"] for kind in ("ours", "plain")}
    for number in sorted({min(SETTLED_AFTER, documents), documents}):
        mine, theirs = (memory[kind][str(number)] for kind in ("ours", "plain"))
        yield f"memory after {number} documents (MB)", str(mine), str(theirs), f"{100 * mine // theirs} %"
