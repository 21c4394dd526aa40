"""A what-if section in JupyterLab: sliders, the stated result, its charts, scenarios to keep."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from techalign.charts import Chart
from techalign.charts.theme import in_notebook
from techalign.client.scenarios import keep_scenario, read_scenarios
from techalign.errors import TechalignError
from techalign.html import escape
from techalign.numbers.formatting import is_currency
from techalign.workbench.controls import Control, Outcome, WhatIf
from techalign.workbench.static import compared
from techalign.workbench.worker import Worker

__all__ = ["Panel", "form_of", "panel", "step_of"]

_FITS = {"width": "auto"}
_QUIET = 0.15  # seconds without a move before something slow begins
_BASE = "as in this page"
_CAPTION = "The result as in this page, with the values above, and in each scenario that was kept"
_IDLE = "What is turned changes nothing in this result; other parts of the page may hang on it."
_STYLE = """<style>
.ta-busy{display:inline-block;width:1em;height:1em;border-radius:50%;margin-right:.5em;
vertical-align:-.15em;border:.2em solid var(--ta-grid,#dfe4ea);
border-top-color:var(--ta-s1,#1f5fa8);animation:ta-turn 1s linear infinite}
@keyframes ta-turn{to{transform:rotate(1turn)}}
@media(prefers-reduced-motion:reduce){.ta-busy{animation-duration:8s}}
.ta-controls .widget-label{white-space:normal;line-height:1.25;height:auto}
.ta-controls .widget-hslider{height:auto;min-height:var(--jp-widgets-inline-height);
align-items:center}
</style>"""


def panel(what: WhatIf) -> Any:
    """The widget of a what-if section.

    Parameters
    ----------
    what : WhatIf

    Returns
    -------
    ipywidgets.VBox
    """
    return Panel(what).box


def _html(text: str) -> str:
    """A piece of a page by itself; its styles stand once, at the head of the panel."""
    return f'<div class="ta mathjax_ignore">{text}</div>'


def _picture(chart: Chart) -> str:
    if not chart.svg:
        return f'<p class="note info">{escape(chart.alt)}</p>'
    return (
        f'<figure class="ta-chart"><figcaption>{escape(chart.title)}</figcaption>'
        f'<div class="ta-pic">{chart.svg}</div></figure>'
    )


class Panel:
    """The section's widgets and the values they stand at.

    Parameters
    ----------
    what : WhatIf

    Attributes
    ----------
    box : ipywidgets.VBox
    values : dict of str to float
    sliders : dict of str to widget
        Those of assumptions are there once their list has been opened.
    stated, figures, pictures : ipywidgets.HTML
        What the model says; replaced in place.
    said : ipywidgets.HTML
        What became of the last thing done.
    chosen : ipywidgets.Dropdown
        The scenario it stands at.
    name : ipywidgets.Text
    keep : ipywidgets.Button
    """

    def __init__(self, what: WhatIf) -> None:
        self.what = what
        self.values = what.base
        self.sliders: dict[str, Any] = {}
        self.stated = widgets.HTML()
        self.figures = widgets.HTML()
        self.pictures = widgets.HTML()
        self.said = widgets.HTML()
        self._unread = widgets.HTML()
        self._wide = widgets.Layout(width="auto", max_width="50rem")
        self._label = widgets.SliderStyle(description_width="20rem")
        self._worker: Worker[Outcome] = Worker(what.model)
        self._task: asyncio.Task[None] | None = None
        self._asked = 0
        self._scenarios: dict[str, dict[str, float]] = {}
        self._kept: dict[str, Outcome] = {}
        self._still = False
        self.chosen = widgets.Dropdown(
            options=[_BASE], description="Values", layout=widgets.Layout(max_width="22rem")
        )
        self.name = widgets.Text(
            placeholder="its name", description="Scenario", layout=widgets.Layout(width="18rem")
        )
        self.keep = widgets.Button(description="Keep this scenario", icon="save", layout=_FITS)
        self.chosen.observe(self._chosen, names="value")
        self.keep.on_click(lambda _: self.keep_values())
        self.box = self._laid_out()
        self._base = self._last = what.at({})
        self._list_kept()
        self._tell(self._base)

    def _laid_out(self) -> Any:
        own = widgets.VBox([self._slider(each) for each in self.what.controls])
        own.add_class("ta-controls")
        parts = [
            widgets.HTML(in_notebook("") + _STYLE), own, *self._assumptions(), self.stated,
            self.figures, self.pictures, widgets.HBox([self.chosen, self.name, self.keep]),
            self.said, self._unread,
        ]  # fmt: skip
        return widgets.VBox(parts)

    def _assumptions(self) -> list[Any]:
        """The assumptions' sliders, made when somebody opens their list: there are dozens."""
        rows = self.what.assumptions
        if not rows:
            return []
        held = widgets.VBox()
        held.add_class("ta-controls")
        folded = widgets.Accordion([held], titles=(f"Assumptions ({len(rows)})",))

        def opened(change: Mapping[str, Any]) -> None:
            if change["new"] == 0 and not held.children:
                held.children = tuple(self._slider(each) for each in rows)

        folded.observe(opened, names="selected_index")
        return [folded]

    def _slider(self, control: Control) -> Any:
        value = self.values[control.name]
        ends = {"min": min(control.low, value), "max": max(control.high, value)}
        look = {"description": _labelled(control), "layout": self._wide, "style": self._label}
        if control.unit in {"years", "months"} and control.step == 1.0:
            slider = widgets.IntSlider(
                value=int(value), **{k: int(v) for k, v in ends.items()}, **look
            )
        else:
            slider = widgets.FloatSlider(
                value=value, step=step_of(control), readout_format=form_of(control), **ends, **look
            )
        slider.description_allow_html = False
        slider.tooltip = f"{control.label}: {control.source}"
        slider.observe(lambda change: self._moved(control.name, float(change["new"])), "value")
        self.sliders[control.name] = slider
        return slider

    def _moved(self, name: str, value: float) -> None:
        if _same(value, self.values[name]):
            return  # a browser rounds to its steps
        self.values[name] = value
        if not self._still:
            self.compute()

    def compute(self) -> None:
        """Say what the model says of the values, at once or when a slow one is done."""
        self._forget()
        base = self.what.base
        turned = {name for name, value in base.items() if not _same(value, self.values[name])}
        loop = _loop() if turned & self.what.slow else None
        if loop is not None:
            self._task = loop.create_task(self._later(dict(self.values), self._asked))
            return
        with self._errors_told():
            self._tell(self.what.model(self.values) if turned else self._base)

    def close(self) -> None:
        """End what is being computed."""
        self._forget()
        self._worker.end()

    def _forget(self) -> None:
        """Nobody waits for what is being computed any more."""
        self._asked += 1
        task, self._task = self._task, None
        if task is None or task.done():
            return
        loop = task.get_loop()
        if loop is _loop():
            task.cancel()
        else:  # of another of the kernel's threads, which has to be woken
            with contextlib.suppress(RuntimeError):  # its loop is over, and it with that
                loop.call_soon_threadsafe(task.cancel)

    async def _later(self, values: dict[str, float], asked: int) -> None:
        self._say('<span class="ta-busy"></span>Computing …')
        await asyncio.sleep(_QUIET)
        try:
            outcome = await self._worker.call(values)
            if asked == self._asked:  # it may have been done before it could be cancelled
                self._tell(outcome)
        except Exception as error:  # whatever it is, nobody may wait for ever
            if asked == self._asked:
                self._failed(error)

    @contextlib.contextmanager
    def _errors_told(self) -> Any:
        try:
            yield
        except (TechalignError, ArithmeticError, ValueError, EOFError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._say(f'<p class="note bad">This cannot be computed: {escape(str(error))}</p>')

    def _tell(self, outcome: Outcome) -> None:
        turned = any(not math.isclose(v, self.values[n]) for n, v in self.what.base.items())
        same = turned and outcome.figures == self._base.figures
        self._say(f'<p class="note info">{_IDLE}</p>' if same else "")
        sentence = escape(outcome.sentence)
        self.stated.value = _html(f'<p class="lead" role="status">{sentence}</p>')
        self.pictures.value = _html("".join(map(_picture, outcome.charts)))
        self._last = outcome
        self._compare()

    def _compare(self) -> None:
        beside = {"With these values": self._last, **self._kept}
        self.figures.value = _html(compared(self._base, beside, _CAPTION).html)

    def _say(self, text: str) -> None:
        self.said.value = _html(text) if text else ""

    def keep_values(self) -> None:
        """Keep the values that differ from the base as a scenario in the client's folder."""
        scenario = self.what.scenario(self.name.value, self.values, dt.date.today())
        if not (scenario.values or scenario.assumptions or scenario.weights):
            self._say('<p class="note warn">Nothing is turned, so there is nothing to keep.</p>')
            return
        try:
            path = keep_scenario(self.what.folder, scenario, self.what.facts)
        except (TechalignError, OSError) as error:
            self._say(f'<p class="note bad">Not kept: {escape(str(error))}</p>')
            return
        said = f"Kept as {path.parent.name}/{path.name}; the next run shows it in this page."
        self._list_kept()
        self._choose(scenario.title)
        self._say(f'<p class="note info">{escape(said)}</p>')

    def _list_kept(self) -> None:
        found = read_scenarios(self.what.folder, self.what.facts)
        kept = found.of(self.what.notebook)
        self._scenarios = {each.title: self.what.moved_by(each) for each in kept}
        self._choose(self.chosen.value)
        problems = "".join(f'<p class="note warn">{escape(each)}</p>' for each in found.problems)
        self._unread.value = _html(problems) if problems else ""
        with self._errors_told():
            self._kept = {title: self.what.at(moved) for title, moved in self._scenarios.items()}
        self._compare()

    def _choose(self, title: str) -> None:
        """List the scenarios and stand at one, without moving anything."""
        self._still = True
        try:
            self.chosen.options = [_BASE, *self._scenarios]
            self.chosen.value = title if title in self.chosen.options else _BASE
        finally:
            self._still = False

    def _chosen(self, change: Mapping[str, Any]) -> None:
        """Set everything to a kept scenario, or back to the base."""
        if self._still:
            return
        wanted = {**self.what.base, **self._scenarios.get(change["new"], {})}
        self._still = True
        try:
            self.values.update(wanted)
            for name, slider in self.sliders.items():
                slider.value = int(wanted[name]) if _is_whole(slider) else wanted[name]
            self.values.update(wanted)
        finally:
            self._still = False
        self.compute()


def _labelled(control: Control) -> str:
    """What people read, with its unit unless that stands beside the value."""
    unit = control.unit
    said = unit in {"", "%"} or unit in control.label.casefold()
    if unit.startswith("("):  # a remark, which stands in brackets already
        return f"{control.label} {unit}"
    return control.label if said else f"{control.label} ({unit})"


def form_of(control: Control) -> str:
    """How the value beside a slider is written: with the decimals of its steps.

    Parameters
    ----------
    control : Control

    Returns
    -------
    str
        As :func:`format` takes it.

    Examples
    --------
    >>> rate = Control(name="r", label="Rate", value=0.1, low=0.0, high=1.0, unit="%", step=0.005)
    >>> format(0.1, form_of(rate))
    '10.0%'
    """
    percent = control.unit == "%"
    step = f"{control.step * (100.0 if percent else 1.0):.8f}".rstrip("0")
    decimals = 0 if is_currency(control.unit) else len(step.partition(".")[2])
    return f",.{decimals}{'%' if percent else 'f'}"


def step_of(control: Control) -> float:
    """A slider's step: the control's, made such that the base is on one, as a browser wants it.

    Parameters
    ----------
    control : Control

    Returns
    -------
    float

    Examples
    --------
    >>> share = Control(name="s", label="Share", value=0.26, low=0.0, high=1.0, step=0.05)
    >>> step_of(share)
    0.052000000000000005
    """
    way = control.value - control.low
    steps = max(round(way / control.step), 1)
    return way / steps if way > 0 else control.step


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _is_whole(slider: Any) -> bool:
    return isinstance(slider, widgets.IntSlider)


def _loop() -> asyncio.AbstractEventLoop | None:
    """The kernel's loop; None where nothing runs that could wait for a slow model."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
