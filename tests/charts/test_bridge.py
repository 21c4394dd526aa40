"""The short way to a picture draws what lets-plot's own way draws."""

import datetime as dt

import lets_plot as lp
import numpy as np
import pandas as pd
import pytest

from techalign.charts.bridge import to_svg
from techalign.charts.svg import clean_svg

FRAME = pd.DataFrame(
    {
        "x": [1.0, 2.5, np.nan, np.inf],
        "n": [3, 1, 2, 5],
        "name": ["a", None, "c <b>", "d"],
        "when": pd.to_datetime(["2026-01-01", "2026-02-01", None, "2026-04-01"]),
        "never drawn": [object(), 1, "x", None],
    }
)
PLOTS = {
    "a column with gaps": lp.ggplot() + lp.geom_point(lp.aes("n", "x"), data=FRAME),
    "text and colours": lp.ggplot()
    + lp.geom_text(lp.aes("n", "n", label="name", color="name"), data=FRAME),
    "days": lp.ggplot() + lp.geom_line(lp.aes("when", "n"), data=FRAME),
    "data of the whole plot": lp.ggplot(FRAME[["n", "x"]], lp.aes("n", "x"))
    + lp.geom_line()
    + lp.geom_point(color="red"),
    "plain and numpy data": lp.ggplot()
    + lp.geom_bar(lp.aes("k", "v"), data={"k": ["u", "v"], "v": np.array([1, 2])}, stat="identity")
    + lp.geom_hline(yintercept=np.float64(1.5)),
    "a scale with its own labels": lp.ggplot()
    + lp.geom_point(lp.aes("n", "x"), data=FRAME)
    + lp.scale_x_continuous(breaks=[1, 3], labels=["one", "three"], limits=(0, 6)),
    "single days": lp.ggplot()
    + lp.geom_vline(xintercept=pd.Timestamp("2026-03-01"))
    + lp.geom_point(
        lp.aes("d", "v"), data={"d": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], "v": [1]}
    ),
}


@pytest.mark.parametrize("name", PLOTS)
def test_the_picture_is_lets_plots_own(name: str) -> None:
    plot = PLOTS[name]
    assert clean_svg(to_svg(plot), "alt") == clean_svg(plot.to_svg(), "alt")
