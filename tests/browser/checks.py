"""What is measured of a page in the browser: texts of charts, contrast, accessibility."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")

# a text is cut by the picture's frame, by a clip path around it, or by an inner picture
OVERLAPS = """
() => {
  const clips = (element, svg) => {
    const found = [];
    for (let a = element; a && a !== svg; a = a.parentElement) {
      if (a.tagName === 'svg') found.push(a.getBoundingClientRect());
      const name = /#([^)"]+)/.exec(a.getAttribute('clip-path') || '');
      const r = name && document.getElementById(name[1])?.querySelector('rect');
      if (!r) continue;
      const [x, y, w, h] = ['x', 'y', 'width', 'height'].map(n => r[n].baseVal.value);
      const p = new DOMPoint(x, y).matrixTransform(a.getScreenCTM());
      const q = new DOMPoint(x + w, y + h).matrixTransform(a.getScreenCTM());
      found.push({left: p.x, right: q.x, top: p.y, bottom: q.y});
    }
    return found;
  };
  const cut = [], hit = [];
  for (const svg of document.querySelectorAll('svg.ta-svg')) {
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')]
      .map(e => ({e, t: e.textContent.trim(), b: e.getBoundingClientRect()}))
      .filter(x => x.t && x.b.width > 0);
    for (const {t, b, e} of boxes)
      if ([frame, ...clips(e, svg)].some(f =>
          b.left < f.left - 1 || b.right > f.right + 1 ||
          b.top < f.top - 1 || b.bottom > f.bottom + 1)) cut.push(t);
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const p = boxes[i].b, q = boxes[j].b;
      if (p.left < q.right - 1 && q.left < p.right - 1 &&
          p.top < q.bottom - 2 && q.top < p.bottom - 2) hit.push(boxes[i].t + ' | ' + boxes[j].t);
    }
  }
  return {cut, hit};
}
"""

# each text of a chart against what is drawn below it, or else the page
CONTRAST = """
() => {
  const rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const page = rgb(getComputedStyle(document.body).backgroundColor);
  let worst = {ratio: 99, text: ''};
  for (const svg of document.querySelectorAll('svg.ta-svg')) {
    if (!svg.checkVisibility()) continue;  // the drawing for another width
    const drawn = [...svg.querySelectorAll('rect, path, circle, text')];
    const boxes = drawn.map(e => e.getBoundingClientRect());
    drawn.forEach((t, i) => {
      if (t.tagName !== 'text' || !t.textContent.trim()) return;
      const b = boxes[i], x = (b.left + b.right) / 2, y = (b.top + b.bottom) / 2;
      let below = page;
      for (let j = 0; j < i; j++) {
        const s = drawn[j], q = boxes[j];
        if (s.tagName === 'text' || s.closest('defs')) continue;
        if (x < q.left || x > q.right || y < q.top || y > q.bottom) continue;
        const fill = rgb(getComputedStyle(s).fill);
        const inside = s.isPointInFill(new DOMPoint(x, y)
          .matrixTransform(s.getScreenCTM().inverse()));
        if (fill.length >= 3 && fill[3] !== 0 && inside) below = fill;
      }
      const a = lum(rgb(getComputedStyle(t).fill)), c = lum(below);
      const ratio = (Math.max(a, c) + 0.05) / (Math.min(a, c) + 0.05);
      if (ratio < worst.ratio) worst = {ratio, text: t.textContent};
    });
  }
  return worst;
}
"""


COLOURS = ("color-contrast",)
"""The rule to ask again in the dark, which changes nothing but colours."""

SCROLLING = ("scrollable-region-focusable", "target-size")
"""The rules to ask again on a phone, where tables and charts scroll sideways."""

# axe looks for each text's background on the whole page, nine tenths of its time; of texts that
# have the same colours, size and weight on the same colours, one is enough
ALIKE = """
() => {
  const seen = new Map(), below = new Map([[null, '']]);
  const behind = e => {
    if (!below.has(e)) {
      const s = getComputedStyle(e), own = [s.backgroundColor, s.backgroundImage, s.opacity];
      below.set(e, behind(e.parentElement) + own.join() + ';');
    }
    return below.get(e);
  };
  for (const e of document.querySelectorAll('body, body *')) {
    // of a single character axe does not say what it thinks
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim().length > 1)) continue;
    if (!e.checkVisibility()) continue;
    const s = getComputedStyle(e);
    const key = [s.color, s.fill, s.fontSize, s.fontWeight, s.textShadow, behind(e)].join();
    if (!seen.has(key)) seen.set(key, e);
  }
  return [...seen.values()];
}
"""


def axe_violations(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong, by all its rules or some: one line per rule and place."""
    # the page's own policy forbids scripts; the evaluation goes past it, as in a browser's tools
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8") + "; undefined")
    found = []
    if rules != COLOURS:
        only = {"runOnly": list(rules)} if rules else {}
        options = {**only, "rules": {name: {"enabled": False} for name in COLOURS}}
        found = _ask(page, "document", options)
    if not rules or rules == COLOURS:
        found += _ask(page, f"{{include: ({ALIKE})()}}", {"runOnly": list(COLOURS)})
    return found


def _ask(page: Page, where: str, options: dict[str, Any]) -> list[str]:
    options = {**options, "resultTypes": ["violations"]}
    found = page.evaluate(f"options => axe.run({where}, options)", options)
    return [f"{v['id']}: {node['html'][:120]}" for v in found["violations"] for node in v["nodes"]]
