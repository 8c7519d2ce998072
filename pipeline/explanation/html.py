"""An explanation as HTML: the text in colour, the curve along it, and a table of all words."""

from __future__ import annotations

import html
import re

from pipeline.explanation.explanation import Explanation, Piece

STYLE = """
.explanation { --for: 0, 114, 178; --against: 200, 82, 0; --ink: #1b2025; --muted: #5c666f; --rule: #d4d9de;
  --paper: #fefefd; color: var(--ink); background: var(--paper); padding: 1.25rem; max-width: 50rem;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { .explanation { --for: 74, 174, 234; --against: 245, 133, 59; --ink: #e4e7e9;
  --muted: #9aa5ae; --rule: #363d44; --paper: #14171a; } }
.explanation p { margin: 0 0 1rem; }
.explanation .verdict { font-size: 1.5rem; line-height: 1.2; }
.explanation .verdict strong { font-weight: 600; }
.explanation .muted, .explanation figcaption, .explanation .axis { color: var(--muted); font-size: 0.8125rem; }
.explanation .text { line-height: 1.9; white-space: pre-wrap; overflow-wrap: anywhere; }
.explanation .for, .explanation .against { border-radius: 0.2em; padding: 0.1em 0; --share: 0.6;
  text-underline-offset: 0.25em; text-decoration: underline solid rgba(var(--for), calc(0.3 + var(--share) * 0.7));
  text-decoration-thickness: calc(1px + var(--share) * 2px); background: rgba(var(--for), calc(var(--share) * 0.45)); }
.explanation .against { background: rgba(var(--against), calc(var(--share) * 0.5));
  text-decoration: underline dotted rgba(var(--against), calc(0.3 + var(--share) * 0.7));
  text-decoration-thickness: calc(2px + var(--share) * 2px); }
.explanation figure { margin: 0 0 1rem; display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 0.5rem; }
.explanation figcaption { grid-column: 1 / -1; }
.explanation .axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right;
  line-height: 1; }
.explanation svg { width: 100%; height: 7.5rem; border: solid var(--rule); border-width: 1px 0; }
.explanation svg path { fill: none; stroke: currentColor; stroke-width: 2; vector-effect: non-scaling-stroke; }
.explanation svg .half { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 4; }
.explanation svg rect { fill: transparent; }
.explanation svg rect:hover { fill: rgba(var(--for), 0.25); }
.explanation summary { cursor: pointer; }
.explanation summary:focus-visible { outline: 2px solid rgb(var(--for)); outline-offset: 3px; }
.explanation table { border-collapse: collapse; margin-top: 0.5rem; font-size: 0.875rem;
  font-variant-numeric: tabular-nums; }
.explanation th, .explanation td { padding: 0.2rem 1.25rem 0.2rem 0; text-align: right; font-weight: 400; }
.explanation th:nth-child(2) { text-align: left; overflow-wrap: anywhere; }
.explanation thead th { color: var(--muted); }
.explanation tbody tr { border-top: 1px solid var(--rule); }
"""
_LEAST = 0.05  # a share below it is left plain
_NO_TEXT = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # HTML has no place for them


def render(explanation: Explanation) -> str:
    """Return the fragment of `Explanation.to_html`."""
    text = "".join(_mark(explanation, piece) for piece in explanation.pieces())
    return f"""<section class="explanation" lang="en">
<style>{STYLE}</style>
<p class="verdict"><strong>{explanation.label}</strong>, {explanation.probability:.1%}</p>
<p class="text" lang="">{text}</p>
<p class="muted"><span class="for">Underlined</span> adds to positive, <span class="against">dotted</span> to negative;
the deeper the colour, the more. Most for positive: {_list(explanation, 1)}. Most for negative:
{_list(explanation, -1)}.</p>
{_curve(explanation)}
{_table(explanation)}
</section>
"""


def page(explanation: Explanation) -> str:
    """Return a whole page of it."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Why {explanation.label}, {explanation.probability:.1%}</title>
<style>body {{ margin: 0 auto; max-width: 52rem; background: #fefefd; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14171a; }} }}</style>
</head>
<body>
<main>
{render(explanation)}</main>
</body>
</html>
"""


def _escape(text: str) -> str:
    return html.escape(_NO_TEXT.sub("\ufffd", text))


def _mark(explanation: Explanation, piece: Piece) -> str:
    text = _escape(piece.text)
    if not piece.words:
        return text
    kind = "" if abs(piece.share) < _LEAST else "for" if piece.share > 0 else "against"
    style = f' class="{kind}" style="--share:{abs(piece.share):.2f}"' if kind else ""
    return f'<span{style} title="{piece.added:+.2f}, {explanation.grown[piece.words[-1]]:.0%} up to here">{text}</span>'


def _list(explanation: Explanation, sign: int) -> str:
    strongest = [f"{_escape(explanation.words[i])} {explanation.added[i]:+.2f}" for i in explanation.strongest(sign)]
    return ", ".join(strongest) or "nothing"


def _curve(explanation: Explanation) -> str:
    """Return the probability along the words as a picture: one unit wide for each word, 100 high."""
    grown = explanation.grown.tolist()
    path = "".join(f"{'L' if i else 'M'}{i},{100 - 100 * p:.1f}h1" for i, p in enumerate(grown))
    words = "".join(
        f'<rect x="{i}" y="0" width="1" height="100"><title>{_escape(word)}: {p:.0%}</title></rect>'
        for i, (word, p) in enumerate(zip(explanation.words, grown))
    )
    label = f"Probability of positive, word by word: from {grown[0]:.0%} to {grown[-1]:.0%}"
    return f"""<figure>
<div class="axis" aria-hidden="true"><span>100%</span><span>50%</span><span>0%</span></div>
<svg role="img" aria-label="{label}" viewBox="0 0 {len(grown)} 100" preserveAspectRatio="none">
<path class="half" d="M0,50h{len(grown)}"/><path d="{path}"/>{words}</svg>
<figcaption>{label}</figcaption>
</figure>"""


def _table(explanation: Explanation) -> str:
    parts = {"baseline": explanation.baseline, **explanation.rest, "not accounted for": explanation.error}
    rows = [
        f"<tr><td>{number}</td><th scope=row>{_escape(word)}{'' if known else ' (unknown)'}</th>"
        f"<td>{added:+.3f}</td><td>{p:.1%}</td></tr>"
        for number, (word, known, added, p) in enumerate(
            zip(explanation.words, explanation.known, explanation.added, explanation.grown), 1
        )
    ]
    rows += [
        f"<tr><td></td><th scope=row>{html.escape(name)}</th><td>{part:+.3f}</td><td></td></tr>"
        for name, part in parts.items()
    ]
    rows.append(f"<tr><td></td><th scope=row>score</th><td>{explanation.score:+.3f}</td><td></td></tr>")
    unread = f"; {explanation.unread} more were not read" if explanation.unread else ""
    return f"""<details>
<summary>All {len(explanation.words)} words{unread}</summary>
<table>
<thead><tr><th scope=col></th><th scope=col>word</th><th scope=col>added</th><th scope=col>positive up to here</th></tr>
</thead>
<tbody>
{chr(10).join(rows)}
</tbody>
</table>
</details>"""
