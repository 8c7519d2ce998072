"""The report's page: its style sheet, for the screen by day and by night and for paper, and its frame."""

from __future__ import annotations

import html

STYLE = """
:root {
  --paper: #fefefd; --ink: #1b2025; --good: #00694c; --bad: #b04a00;
  --muted: #5c666f; --rule: #d4d9de;
  --positive: #0072b2; --negative: #c25300; --third: #008060; --fourth: #a4467f; --fifth: #96700a; --sixth: #30363c;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", "Liberation Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e4e7e9; --good: #4cc9a0; --bad: #ff9a5c;
    --muted: #9aa5ae; --rule: #363d44;
    --positive: #4aaeea; --negative: #f5853b; --third: #3fc79b; --fourth: #dc8fc0; --fifth: #d3ab3c; --sixth: #c9d0d6;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 66rem; padding: 3.5rem 1.5rem 5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 var(--sans); overflow-wrap: break-word; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: 2.4rem; letter-spacing: -0.01em; margin: 0 0 1rem; max-width: 24ch; }
h2 { font-size: 1.5rem; margin: 4rem 0 1rem; }
h3 { font-size: 1.15rem; margin: 0 0 0.4rem; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 0.2em; }
a:hover { text-decoration-color: currentColor; }
a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--positive); outline-offset: 3px; }
.lead { font-family: var(--serif); font-size: 1.25rem; max-width: 36rem; margin: 0 0 2rem; }
.about { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; margin: 0 0 2.5rem;
  font-size: 0.875rem; }
.about dt { color: var(--muted); }
.about dd { margin: 0; overflow-wrap: anywhere; }

table { border-collapse: collapse; width: 100%; font-size: 0.875rem; line-height: 1.4;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem 0.5rem 0; overflow-wrap: anywhere; }
thead th { color: var(--muted); font-weight: 400; border-bottom: 1px solid var(--ink); }
tbody th { font-weight: 400; }
tbody tr { border-bottom: 1px solid var(--rule); }
.facts { table-layout: fixed; }
.facts th:nth-child(1) { width: 25%; }
.facts th:nth-child(2), .facts th:nth-child(3) { width: 18%; }
.facts th:nth-child(4) { width: 9rem; }
.long { font-size: 0.75rem; }
.agrees { color: var(--good); }
.differs { color: var(--bad); font-weight: 600; }
.ours-alone, .not-comparable, .not-to-be-had { color: var(--muted); }
.verdict { white-space: nowrap; }
.overview { width: auto; }
.overview th { overflow-wrap: normal; }
nav p { font-size: 0.875rem; margin: 1.2rem 0 0; }
.overview th + th, .overview td { text-align: right; padding-left: 1.5rem; }
.overview .none { color: var(--muted); }

figure { display: grid; grid-template-columns: 15rem minmax(0, 45rem); gap: 2rem; margin: 0; padding: 2rem 0;
  border-top: 1px solid var(--rule); }
figcaption { font-size: 0.875rem; }
figcaption p { margin: 0; color: var(--muted); }
.plot { overflow-x: auto; }
.plot svg { display: block; width: 100%; height: auto; }
.plot svg * { stroke-linejoin: round; }
.plot text { fill: var(--ink); font-family: var(--sans); }

@media (max-width: 60rem) { figure { display: block; } .plot { margin-top: 1rem; } }
@media screen and (max-width: 44rem) {
  body { padding: 2rem 1rem 4rem; }
  h1 { font-size: 1.9rem; }
  .overview { width: 100%; font-size: 0.75rem; }
  .overview th + th, .overview td { padding-left: 0.3rem; }
  .overview th, .overview td { padding-right: 0.3rem; }
  .plot svg { min-width: 36rem; }
  .facts, .facts tbody, .facts tr, .facts td, .facts th { display: block; }
  .facts thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .facts tr { padding: 0.8rem 0; }
  .facts th:nth-child(n) { width: auto; font-weight: 600; }
  .facts tbody th, .facts td { padding: 0.1rem 0; }
  .facts td { padding-left: 5.5rem; text-indent: -5.5rem; white-space: normal; }
  .facts td::before { content: attr(data-label); display: inline-block; width: 5.5rem; text-indent: 0;
    font-size: 0.875rem; font-weight: 400; color: var(--muted); }
  .facts td:empty { display: none; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; background: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h1 { font-size: 22pt; }
  .facts th:nth-child(4) { width: 8.8rem; }
  h2 { margin-top: 2.2rem; }
  h2, h3, thead { break-after: avoid; }
  a { text-decoration: none; }
  tr, figure { break-inside: avoid; }
  figure { display: block; padding: 1.2rem 0; }
  .plot { overflow: visible; margin-top: 0.6rem; }
  .plot svg { max-width: 165mm; }
}
"""


def frame(title: str, body: str) -> str:
    """Return the whole page of a body in HTML."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""
