"""What the partner tables say to do, each figure worked out again in the plainest way."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from techalign.client import load_client
from techalign.decision import LONGEST, Decision, first_things_first
from techalign.errors import ModelError
from techalign.numbers.formatting import compact
from techalign.numbers.intervals import interval_of
from techalign.numbers.streams import random_stream
from techalign.partners import OutlookOptions, PartnerOutlook, assess_partners, partner_decisions
from techalign.partners.posterior import curve

TODAY = dt.date(2026, 6, 30)
GAP = "partners-decide-plan-gap"
BACK_UP = "partners-protect-alder-dependence"
STOP = "partners-stop-cedar-no-sale"
ASK = "partners-ask-silent-partners-cost"
CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"


def partners() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "partner": ["Alder", "Birch", "Cedar", "Dogwood", "Elm"],
            "signed": pd.to_datetime(
                ["2024-01-05", "2024-03-05", "2024-06-05", "2026-05-05", "2024-02-05"]
            ),
            "ended": pd.to_datetime([None, None, None, None, "2025-12-31"]),
            "segment": "volume",
            "margin": [0.3, 0.2, 0.25, 0.4, 0.9],
        }
    )


def revenue() -> pd.DataFrame:
    months = pd.date_range("2024-04-01", "2026-06-01", freq="MS")
    one = pd.DataFrame({"partner": "Alder", "month": months, "revenue": 9000.0, "deals": 6.0})
    two = one.assign(partner="Birch", revenue=3000.0, deals=4.0)
    return pd.concat([one, two], ignore_index=True)


def spent(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["partner", "month", "amount", "kind"])
    return frame.assign(month=pd.to_datetime(frame["month"]), amount=frame["amount"].astype(float))


def plan(target: float, months: int = 12) -> pd.DataFrame:
    ahead = pd.date_range("2026-07-01", periods=months, freq="MS")
    return pd.DataFrame({"month": ahead, "target": target, "direct": 5000.0})


def outlook(target: float = 20_000.0, horizon: int = 12, months: int = 12) -> PartnerOutlook:
    return assess_partners(
        partners(), revenue(), spent(), plan(target, months), TODAY, 0.1,
        np.random.default_rng(7), OutlookOptions(horizon_months=horizon, draws=400),
    )  # fmt: skip


@pytest.fixture(scope="module")
def year() -> PartnerOutlook:
    return outlook()


def decide(
    made: PartnerOutlook, investment: pd.DataFrame | None = None, table: pd.DataFrame | None = None
) -> dict[str, Decision]:
    found = partner_decisions(
        made,
        partners() if table is None else table,
        spent() if investment is None else investment,
        as_of=TODAY,
        currency="USD",
        owner="Dana",
    )
    assert found == first_things_first(found, TODAY)
    assert all(d.area == "partners" and d.owner == "Dana" and d.by is None for d in found)
    return {decision.id: decision for decision in found}


def test_the_gap_of_the_whole_plan_is_worth_its_margin(year: PartnerOutlook) -> None:
    found = decide(year)[GAP]
    margins = [0.3, 0.2, 0.25, 0.4, 0.9]
    gaps, worth = [], []
    for draw in year.draws:
        sold = [float(row.sum()) for row in draw]
        short = 12 * 15_000.0 - sum(sold)
        gaps.append(short)
        rate = sum(m * s for m, s in zip(margins, sold, strict=True)) / sum(sold)
        worth.append(max(short, 0.0) * rate)
    assert found.value is not None
    expected = interval_of(worth)
    assert found.value.point == pytest.approx(expected.point)
    assert (found.value.low, found.value.high) == pytest.approx((expected.low, expected.high))
    assert found.pays == pytest.approx(np.mean([short > 0 for short in gaps]))
    missed = np.mean([short for short in gaps if short > 0])
    assert f"it is by {compact(missed, 'USD')} on average" in found.because
    assert "needs $180k from partners in 12 months" in found.because
    assert f"partners fall ${np.sort(gaps)[200] / 1000:.1f}k short in 12 months" in found.what
    assert (found.kind, found.evidence) == ("decide", "Against the plan")


def test_a_quarter_later_a_partner_brings_a_quarter_less(year: PartnerOutlook) -> None:
    found = decide(year)[GAP]

    def brought(months: int) -> float:
        total = 0.0
        for start in range(months):
            begins = year.activation.p_activate(start, 1.0) * (
                1.0 - year.activation.p_activate(0.0, float(start))
            )
            for tenure in range(months - start):
                theta = year.ramp.hyper.coef[0].reshape(1, 4, 1)
                mu = np.exp(curve(theta, np.array([[[tenure + 0.5]]])))
                total += float(begins) * float(mu[0, 0, 0])
        return total

    assert found.value is not None
    assert found.waiting is not None
    lost = 1.0 - brought(9) / brought(12)
    assert 0.25 < lost < 1.0
    assert found.waiting.point == pytest.approx(found.value.point * lost)
    assert found.waiting.high == pytest.approx(found.value.high * lost)


def test_a_plan_more_likely_met_than_missed_is_left_alone(year: PartnerOutlook) -> None:
    assert GAP not in decide(outlook(12_000.0))
    assert GAP not in decide(outlook(months=0))
    even = np.where(np.arange(400) < 200, 15_000.0, 14_999.0)
    draws = np.zeros_like(year.draws)
    draws[:, 0] = even[:, None]
    assert GAP not in decide(replace(year, draws=draws))
    draws[199, 0] = 14_999.0
    assert decide(replace(year, draws=draws))[GAP].pays == pytest.approx(201 / 400)


def test_no_more_than_a_year_counts() -> None:
    long = outlook(20_000.0, horizon=18, months=18)
    cut = replace(long, draws=long.draws[:, :, :12], plan=long.plan.iloc[:12])
    costs = spent(("Cedar", "2026-06-01", 900.0, "manage"))
    assert decide(long, costs) == decide(cut, costs)
    half = decide(outlook(20_000.0, horizon=6), costs)
    assert "short in 6 months" in half[GAP].what
    # the chance of a stop is one of a year, so is the margin beside it
    alder = decide(cut)[BACK_UP].value
    assert alder is not None
    assert half[BACK_UP].value is not None
    assert half[BACK_UP].value.point == pytest.approx(alder.point, rel=0.2)
    assert half[STOP].pays is None


def test_one_large_partner_is_backed_up(year: PartnerOutlook) -> None:
    found = decide(year)[BACK_UP]
    hyper = year.ramp.hyper
    law = beta(hyper.churn * hyper.churn_weight, (1 - hyper.churn) * hyper.churn_weight)
    chance = 1.0 - year.ramp.alive[0] * law.expect(lambda hazard: (1.0 - hazard) ** 12)
    margin = interval_of([0.3 * float(draw[0].sum()) for draw in year.draws])
    assert found.value is not None
    assert found.value.point == pytest.approx(margin.point * chance, rel=1e-6)
    assert found.value.low == pytest.approx(margin.low * chance, rel=1e-6)
    shares = [draw[0].sum() / draw.sum() for draw in year.draws]
    assert f"{np.mean(shares):.0%} of partner sales come from there" in found.what
    assert "brought 75% of partner sales in the last 12 months" in found.because
    assert f"a chance of {chance:.0%}" in found.because
    assert (found.kind, found.basis) == ("protect", "measured")
    begun = replace(year.ramp, hyper=replace(hyper, churn_early=0.5), tenure=np.zeros(5, dtype=int))
    more = decide(replace(year, ramp=begun))[BACK_UP].value
    stays = (1.0 - chance) * np.prod([1.0 - 0.5 * np.exp(-month) for month in range(12)])
    assert more is not None
    assert more.point == pytest.approx(margin.point * (1.0 - stays), rel=1e-6)
    unseen = replace(year.ramp, hyper=replace(hyper, churn_weight=60.0))
    assert decide(replace(year, ramp=unseen))[BACK_UP].basis == "judgement"


def test_below_three_tenths_nobody_is_too_large(year: PartnerOutlook) -> None:
    draws = np.zeros_like(year.draws)
    draws[:, :, 0] = [30.0, 25.0, 25.0, 20.0, 0.0]
    assert not any("protect" in name for name in decide(replace(year, draws=draws)))
    draws[:, 0, 0] = 31.0
    assert BACK_UP in decide(replace(year, draws=draws))
    # one that has never sold has nothing to back up yet
    draws[:, 3, 0] = 500.0
    assert not any("protect" in name for name in decide(replace(year, draws=draws)))


def test_a_silent_partner_is_let_go_where_keeping_it_costs_more(year: PartnerOutlook) -> None:
    costs = spent(
        ("Cedar", "2026-01-01", 100.0, "manage"),
        ("Cedar", "2026-06-01", 500.0, "market funds"),
        ("Cedar", "2026-05-01", 9999.0, "recruit"),
        ("Cedar", "2026-05-01", 9999.0, "enable"),
        ("Cedar", "2025-12-01", 9999.0, "manage"),
        ("Cedar", "2026-07-01", 9999.0, "manage"),
        ("all", "2026-03-01", 400.0, "manage"),
        ("all", "2026-03-01", 9999.0, "recruit"),
    )
    found = decide(year, costs)[STOP]
    chance = float(year.activation.p_activate(25, 12.0))
    lost = chance * first_year(year) * 0.25
    own, share = 1200.0, 800.0 / 4
    assert found.value is not None
    assert found.value.low == pytest.approx(own - lost)
    assert found.value.point == pytest.approx(own + share / 2 - lost)
    assert found.value.high == pytest.approx(own + share - lost)
    brings = [0.25 * draw[2].sum() for draw in year.draws]
    assert found.pays == pytest.approx(np.mean([b < own + share / 2 for b in brings]))
    assert "25 months without a sale" in found.what
    assert "$1.2k a year of its own and up to $200 a year" in found.because
    assert (found.kind, found.evidence) == ("stop", "When signed partners start to sell")


def first_year(made: PartnerOutlook) -> float:
    """Mean sales of each month since the first sale, over the futures of silent partners."""
    months: list[list[float]] = [[] for _ in range(12)]
    for draw in made.draws:
        for sales in (draw[2], draw[3]):
            sold = [h for h in range(12) if sales[h] > 0]
            for h in range(sold[0] if sold else 12, 12):
                months[h - sold[0]].append(float(sales[h]))
    return sum(float(np.mean(values)) for values in months)


def test_who_is_worth_waiting_for_is_kept(year: PartnerOutlook) -> None:
    lost = float(year.activation.p_activate(25, 12.0)) * first_year(year) * 0.25
    below, above = (
        decide(year, spent(("Cedar", "2026-06-01", lost / 2 * factor, "manage")))
        for factor in (0.99, 1.01)
    )
    assert STOP not in below
    assert STOP in above
    # signed two months ago, its costs are those of two months
    fresh = decide(year, spent(("Dogwood", "2026-06-01", 100.0, "manage")))
    assert "partners-stop-dogwood-no-sale" not in fresh
    dear = decide(year, spent(("Dogwood", "2026-06-01", 1e6, "manage")))
    gone = dear["partners-stop-dogwood-no-sale"].value
    assert gone is not None
    assert gone.point == pytest.approx(6e6, rel=0.01)


def test_only_silent_partners_under_contract_are_let_go(year: PartnerOutlook) -> None:
    costs = spent(*((name, "2026-06-01", 1e6, "manage") for name in partners()["partner"]))
    stopped = {name for name in decide(year, costs) if "stop" in name}
    assert stopped == {STOP, "partners-stop-dogwood-no-sale"}


def test_what_is_spent_on_all_alone_says_so(year: PartnerOutlook) -> None:
    found = decide(year, spent(("all", "2026-06-01", 40_000.0, "manage")))
    assert found[STOP].value is not None
    assert "costs up to $20k a year as its part of what is spent on all" in found[STOP].because
    assert "of its own" not in found[STOP].because
    assert found[STOP].basis == "judgement"
    assert ASK not in found


def test_where_nobody_would_start_no_first_year_is_told(year: PartnerOutlook) -> None:
    draws = year.draws.copy()
    draws[:, 2:4] = 0.0
    found = decide(replace(year, draws=draws), spent(("Cedar", "2026-06-01", 10.0, "manage")))[STOP]
    assert "first year" not in found.because
    assert found.value is not None
    assert found.value.point == pytest.approx(20.0)


def test_unknown_costs_are_one_question(year: PartnerOutlook) -> None:
    found = decide(year)
    assert found[ASK].what == "Note what 2 signed partners without a sale cost to keep each month"
    assert (found[ASK].kind, found[ASK].value) == ("ask", None)
    assert not any("stop" in name for name in found)
    some = decide(year, spent(("Cedar", "2026-06-01", 9000.0, "manage")))
    assert some[ASK].what == "Note what a signed partner without a sale costs to keep each month"
    assert STOP in some
    old = decide(year, spent(("all", "2025-12-01", 9000.0, "manage")))
    assert ASK in old
    assert list(found)[-1] == ASK


def test_what_rests_on_other_firms_says_so(year: PartnerOutlook) -> None:
    costs = spent(("Cedar", "2026-06-01", 9000.0, "manage"))
    keys = ("partner_never_sells", "partner_start_months")
    few, many = decide(year, costs), replace(year.activation, sold=5)
    assert [(few[name].basis, few[name].assumes) for name in (GAP, STOP)] == [
        ("published", keys),
        ("published", keys),
    ]
    own = decide(replace(year, activation=many), costs)
    assert [(own[name].basis, own[name].assumes) for name in (GAP, STOP)] == [("measured", ())] * 2
    none = decide(replace(year, activation=replace(year.activation, sold=0)), costs)
    assert none[GAP].waiting is None


def test_nothing_where_there_is_nothing(year: PartnerOutlook) -> None:
    empty = assess_partners(
        partners().iloc[:0], revenue().iloc[:0], spent(), plan(20_000.0), TODAY, 0.1,
        np.random.default_rng(1), OutlookOptions(draws=10),
    )  # fmt: skip
    assert decide(empty, table=partners().iloc[:0]) == {}
    with pytest.raises(ModelError, match="lacks a partner"):
        decide(year, table=partners().iloc[1:])


def test_long_names_leave_room_for_the_number(year: PartnerOutlook) -> None:
    name = "Cedar Consolidated Integrators and Consultants of the North Eastern Seaboard"
    panel = replace(
        year.panel, partner=np.array(["Alder", "Birch", name, "Dogwood", "Elm"], dtype=np.str_)
    )
    table = partners().assign(partner=panel.partner)
    found = decide(replace(year, panel=panel), spent((name, "2026-06-01", 9000.0, "manage")), table)
    cut = next(d for d in found.values() if d.kind == "stop")
    assert len(cut.what) == LONGEST
    assert "…: 25 months without a sale" in cut.what
    assert cut.subject == name


def test_the_software_firm_is_short_and_leans_on_one_partner() -> None:
    tables = ["partners", "partner_revenue", "partner_investment", "channel_plan"]
    book = load_client(CLIENTS, "channel-software", tables=tables)
    made = assess_partners(
        *(book.table(name) for name in tables), book.as_of, book.profile.discount_rate,
        random_stream(book.id, "partner_ramps"),
    )  # fmt: skip
    found = partner_decisions(
        made, book.table("partners"), book.table("partner_investment"),
        as_of=book.as_of, currency=book.profile.currency, owner="Lucia",
    )  # fmt: skip
    assert [d.id for d in found] == [
        GAP,
        "partners-protect-northwind-integrators-dependence",
        "partners-stop-bluegate-solutions-no-sale",
        "partners-stop-copperfield-data-no-sale",
        "partners-stop-pellworm-systems-no-sale",
    ]
    assert found[0].what == (
        "Close the gap to plan: partners fall $819k short in 12 months (76% likely)"
    )
    assert found[0].basis == "measured"


def test_a_partner_that_may_have_stopped_already_counts_as_such(year: PartnerOutlook) -> None:
    half = replace(year, ramp=replace(year.ramp, alive=0.5 * year.ramp.alive))
    before, after = decide(year)[BACK_UP].value, decide(half)[BACK_UP].value
    assert before is not None
    assert after is not None
    margin = interval_of(0.3 * year.draws[:, 0].sum(axis=1)).point
    assert after.point / margin == pytest.approx(0.5 + 0.5 * before.point / margin, abs=0.01)


def test_a_first_year_is_that_of_partners_alike_carried_on_to_twelve_months(
    year: PartnerOutlook,
) -> None:
    draws = np.zeros((4, 5, 6))
    draws[0, 2] = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    draws[1, 2] = [30.0, 0.0, 40.0, 50.0, 60.0, 70.0]
    draws[:, 3] = 1e6
    panel = replace(
        year.panel, segment=np.array(["volume"] * 3 + ["strategic", "volume"], dtype=np.str_)
    )
    found = decide(
        replace(year, panel=panel, draws=draws, plan=year.plan.iloc[:6]),
        spent(("Cedar", "2026-06-01", 1e5, "manage")),
    )[STOP]
    months = [20.0, 10.0, 35.0, 45.0, 55.0, 70.0]
    first = 0.25 * (sum(months) + 6 * 70.0)
    assert f"brings ${first:.0f} of margin in its first year" in found.because
    chance = float(year.activation.p_activate(25, 12.0))
    assert found.value is not None
    assert found.value.point == pytest.approx(2e5 - chance * first)


def test_chances_are_not_rounded_to_never_or_always(year: PartnerOutlook) -> None:
    draws = np.zeros_like(year.draws)
    draws[0, 0] = 1e6
    found = decide(replace(year, draws=draws))[GAP]
    assert found.what.endswith("(over 99% likely)")
    # without any sale the margin is that of all partners alike
    assert found.value is not None
    assert found.value.point == pytest.approx(180_000.0 * np.mean([0.3, 0.2, 0.25, 0.4, 0.9]))
    age = next(a for a in range(100) if 0.001 < year.activation.p_activate(a, 12.0) < 0.005)
    signed = year.panel.contract_month.copy()
    signed[2] = year.panel.revenue.shape[1] - age
    panel = replace(year.panel, contract_month=signed)
    costs = spent(("Cedar", "2026-06-01", 9000.0, "manage"))
    assert decide(replace(year, panel=panel), costs)[STOP].what.endswith("under 1% to start")
