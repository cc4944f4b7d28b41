"""The look of the sandbox's pages: one frame, tables, amounts. Everything shown is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #e3e7ec; --paper: #fff; --ground: #f5f7f9; --accent: #17594a;
  --accent-soft: #e4f1ed; --warn: #9a3412; --warn-soft: #fdeee4; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #a3adba; --line: #2e3742; --paper: #1a2028;
  --ground: #12171d; --accent: #7fd1bb; --accent-soft: #1d3a33; --warn: #f5a97f; --warn-soft: #3d2618; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
header { background: var(--paper); border-bottom: 1px solid var(--line); }
header div, main { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header div { display: flex; align-items: baseline; gap: 24px; flex-wrap: wrap; padding-block: 14px; }
header strong { font-size: 17px; } header strong a { color: var(--ink); }
header nav a { margin-right: 18px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
a:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { padding-top: 22px; padding-bottom: 60px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; } h2 { font-size: 18px; margin: 30px 0 10px; }
.lead { color: var(--soft); margin: 0 0 18px; max-width: 75ch; }
.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); margin: 18px 0; flex-wrap: wrap; }
.tabs a { padding: 8px 14px; border-bottom: 3px solid transparent; }
.tabs a[aria-current] { border-color: var(--accent); font-weight: 600; color: var(--ink); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 16px; }
.card, .table { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 18px 20px; } .card h2 { margin: 0; } .card p { margin: 2px 0 12px; color: var(--soft); }
.card dl { display: grid; grid-template-columns: 1fr auto; gap: 4px 16px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: 8px 14px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: 13px; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; } tbody tr:hover { background: var(--ground); }
tfoot td { font-weight: 600; border-top: 2px solid var(--line); border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.quiet { color: var(--soft); } .mono { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; word-break: break-all; }
.tag { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 13px; white-space: nowrap;
  background: var(--accent-soft); color: var(--accent); }
.tag.warn { background: var(--warn-soft); color: var(--warn); }
.empty { padding: 26px; color: var(--soft); text-align: center; }
button { font: inherit; padding: 8px 16px; border-radius: 8px; border: 1px solid var(--accent); cursor: pointer;
  background: var(--accent); color: var(--paper); margin: 0 8px 8px 0; }
button.quiet { background: none; color: var(--accent); }
"""


class Html(str):
    """Text that is HTML already; everything else is escaped when it is shown."""


def shown(value: object) -> str:
    """Give a value as HTML; None is nothing."""
    if isinstance(value, Html):
        return value
    return "" if value is None else escape(str(value))


def money(minor: int) -> Html:
    """Give øre as "12 500.00" with thin gaps between thousands."""
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    whole = f"{abs(minor) // 100:,}".replace(",", "\N{NO-BREAK SPACE}")
    return Html(f'<span class="number">{sign}{whole}.{abs(minor) % 100:02d}</span>')


def link(address: str, text: object) -> Html:
    """Give a link."""
    return Html(f'<a href="{escape(address)}">{shown(text)}</a>')


def tag(text: str, is_warning: bool = False) -> Html:
    """Give a small label."""
    return Html(f'<span class="tag{" warn" if is_warning else ""}">{escape(text)}</span>')


def quiet(text: object) -> Html:
    """Give text in the background colour of things that are only there for completeness."""
    return Html(f'<span class="quiet">{shown(text)}</span>')


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], empty: str, foot: Sequence[object] = ()) -> Html:
    """Give a table; a head that ends in ">" is a column of numbers."""
    found = list(rows)
    if not found:
        return Html(f'<div class="table"><p class="empty">{escape(empty)}</p></div>')
    classes = [' class="number"' if head.endswith(">") else "" for head in heads]
    head = "".join(
        f'<th scope="col"{kind}>{escape(text.rstrip(">"))}</th>' for text, kind in zip(heads, classes, strict=True)
    )

    def line(cells: Sequence[object]) -> str:
        pairs = zip(cells, classes, strict=True)
        return "<tr>" + "".join(f"<td{kind}>{shown(cell)}</td>" for cell, kind in pairs) + "</tr>"

    below = f"<tfoot>{line(foot)}</tfoot>" if foot else ""
    body = "".join(map(line, found))
    return Html(f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{below}</table></div>')


def facts(pairs: Iterable[tuple[str, object]]) -> Html:
    """Give names and values below each other."""
    inner = "".join(f"<dt>{escape(name)}</dt><dd>{shown(value)}</dd>" for name, value in pairs)
    return Html(f"<dl>{inner}</dl>")


def frame(title: str, lead: str, content: str) -> bytes:
    """Give a whole page."""
    navigation = link("/", "Companies") + link("/requests", "Requests") + link("/faults", "Faults")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · PowerOffice sandbox'
        f'</title><meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><header><div><strong><a href="/">PowerOffice sandbox</a></strong><nav>{navigation}</nav>'
        f'<span class="quiet">a local stand-in, not the real service</span></div></header>'
        f'<main><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>{content}</main></body></html>'
    ).encode()
