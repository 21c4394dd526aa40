"""Agreements to renegotiate before they renew or end: days, words and money, worked by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.decision import LONGEST
from techalign.numbers.intervals import Interval
from techalign.spending.agreements import _span, fit
from techalign.text import folded
from tests.spending.tables import CHANCE, TODAY, contract, decide, ends, findings, purpose_of

DEPENDS = {"  FALKENBURG\u00a0Motorenwerke": 0.72}
RENEWS = "spending-decide-cobalt-docs-file-storage"
LICENCE = contract(
    vendor="Falkenburg  Motorenwerke",
    capability="brand licence",
    start="2022-01-01",
    end="2026-12-31",
    notice_days=365,
    auto_renew=False,
    annual_price=10_000.0,
    uplift=0.06,
)
LICENCE_ID = "spending-decide-falkenburg-motorenwerke-end-of-brand-licence"


def test_a_renewal_is_worth_the_price_rise_and_not_the_term() -> None:
    made = decide(findings([contract()]))
    assert list(made) == [RENEWS]
    renewal = made[RENEWS]
    assert renewal.what == "Give notice or renegotiate Cobalt Docs (file storage) by 31 Aug 2026"
    assert renewal.by == dt.date(2026, 8, 31)
    assert renewal.value == Interval(50.0, 50.0, 50.0, 1.0)
    # 31 August is before the next review: by then all of it is lost
    assert renewal.waiting == renewal.value
    assert (renewal.kind, renewal.basis, renewal.reversible) == ("decide", "measured", False)
    assert "after 30 Sep 2026 and commits you to $1.1k for a year" in renewal.because
    assert (renewal.owner, renewal.unit, renewal.assumes) == ("Dana", "USD", ())


def test_a_rise_the_contract_does_not_state_is_published_and_has_a_range() -> None:
    long = contract(uplift=float("nan"), start="2023-12-01", end="2026-11-30", notice_days=10)
    renewal = decide(findings([long]))[RENEWS]
    # one year of the three that the next term lasts, because values are those of 12 months
    assert ends(renewal.value) == pytest.approx((30.0, 80.0, 120.0))
    assert renewal.value is not None
    assert renewal.value.level == 0.8
    assert (renewal.basis, renewal.assumes) == ("published", ("saas_list_inflation",))
    assert "$3.2k for 3 years" in renewal.because
    # 20 November is after the next review: nothing is lost by then
    assert renewal.waiting is None


def test_what_is_known_not_to_be_software_is_a_judgement() -> None:
    radio = contract(vendor="Radio Ammertal", capability="advertising", uplift=float("nan"))
    for technology, basis in ((["no"], "judgement"), (["yes"], "published"), ([], "published")):
        purpose = purpose_of("RADIO Ammertal", technology)
        (decision,) = decide(findings([radio], purpose=purpose)).values()
        assert (decision.basis, decision.assumes) == (basis, ("saas_list_inflation",))


def test_a_price_that_falls_is_worth_nothing_and_a_short_term_its_months() -> None:
    falling = decide(findings([contract(uplift=-0.1)]))[RENEWS]
    assert ends(falling.value) == (0.0, 0.0, 0.0)
    assert "a price fall of 10%" in falling.because
    half = contract(start="2026-04-01", end="2026-09-30")
    assert ends(decide(findings([half]))[RENEWS].value) == pytest.approx((25.0, 25.0, 25.0))


@pytest.mark.parametrize(
    ("end", "there"),
    [
        ("2026-07-29", False),  # last day for notice was yesterday
        ("2026-07-30", True),  # it is today
        ("2027-04-28", True),  # begin on 29 December: within two quarters
        ("2027-04-29", False),
    ],
)
def test_only_what_can_still_be_stopped_and_soon_begins(end: str, there: bool) -> None:
    start = dt.date.fromisoformat(end) - dt.timedelta(days=364)
    assert bool(decide(findings([contract(start=start, end=end)]))) is there


def test_what_rolled_over_is_decided_on_for_its_current_term() -> None:
    old = decide(findings([contract(start="2023-10-01", end="2024-09-30")]))
    assert old[RENEWS].by == dt.date(2026, 8, 31)


def test_a_licence_past_its_notice_that_does_not_renew_is_worth_the_revenue_at_stake() -> None:
    made = decide(
        findings([LICENCE, contract(annual_price=90_000.0)]),
        depends=DEPENDS,
        yearly_revenue=1_000_000.0,
        nonrenewal_chance=CHANCE,
    )
    assert list(made) == [LICENCE_ID, RENEWS]
    licence = made[LICENCE_ID]
    assert licence.what.startswith("Renegotiate the brand licence of Falkenburg")
    assert licence.what.endswith("before it ends on 31 Dec 2026")
    assert licence.by == dt.date(2026, 12, 31)
    # 72 % of a million, times 2, 10 and 30 in a hundred
    assert ends(licence.value) == pytest.approx((14_400.0, 72_000.0, 216_000.0))
    assert (licence.basis, licence.assumes) == ("judgement", ("agreement_not_renewed",))
    assert "the day for notice (31 Dec 2025) has passed" in licence.because
    assert "72% of revenue, $720k a year, stops with it" in licence.because
    assert not licence.reversible


def test_an_end_is_worth_what_it_costs_until_others_do_the_work() -> None:
    cost = (Interval(0.2, 0.1, 0.4, 1.0), Interval(150_000.0, 100_000.0, 200_000.0, 1.0))
    made = decide(
        findings([LICENCE]),
        depends=DEPENDS,
        yearly_revenue=1_000_000.0,
        nonrenewal_chance=CHANCE,
        endings={"Falkenburg Motorenwerke": cost, "Another": cost},
    )[LICENCE_ID]
    assert ends(made.value) == pytest.approx((10_000.0, 30_000.0, 80_000.0))
    assert "72% of revenue, $720k a year, stops with it" in made.because
    assert "costs $150k, and the worth counts a chance of 20%" in made.because


def test_without_dependence_an_end_is_worth_its_price_rise() -> None:
    plain = decide(findings([LICENCE]))[LICENCE_ID]
    assert ends(plain.value) == pytest.approx((600.0, 600.0, 600.0))
    assert "a new term would cost $53k, with a price rise of 6%" in plain.because
    # a share without revenue, or without a chance, is said and not valued
    for known in ({}, {"yearly_revenue": 1_000_000.0}, {"nonrenewal_chance": CHANCE}):
        said = decide(findings([LICENCE]), depends=DEPENDS, **known)[LICENCE_ID]
        assert said.value == plain.value
        assert "72% of revenue stops with it" in said.because


def test_revenue_stops_once_however_many_agreements_end() -> None:
    second = LICENCE | {"capability": "tools", "annual_price": 2_000.0}
    second["end"] = second["end"].replace(month=11, day=30)
    made = decide(
        findings([LICENCE, second]),
        depends=DEPENDS,
        yearly_revenue=1_000_000.0,
        nonrenewal_chance=CHANCE,
    )
    values = sorted(ends(decision.value)[1] for decision in made.values())
    assert values == pytest.approx([600.0, 72_000.0])


def test_an_end_is_never_too_late_until_it_has_come() -> None:
    def ending(end: str) -> dict[str, object]:
        return contract(auto_renew=False, end=end, start="2025-07-01")

    today = decide(findings([ending("2026-06-30")]))
    assert [decision.by for decision in today.values()] == [TODAY]
    assert not decide(findings([ending("2026-06-29")]))
    ahead = decide(findings([ending("2026-09-30")]))
    assert [decision.by for decision in ahead.values()] == [dt.date(2026, 8, 31)]


def test_a_lease_without_a_stated_rise_is_a_judgement() -> None:
    lease = contract(
        auto_renew=False, start="2021-10-01", capability="premises", uplift=float("nan")
    )
    (decision,) = decide(findings([lease])).values()
    assert (decision.basis, decision.assumes) == ("judgement", ("saas_list_inflation",))
    # three years are usual for software too
    three = lease | {"start": pd.Timestamp("2023-10-01")}
    assert [decision.basis for decision in decide(findings([three])).values()] == ["published"]


def test_delay_costs_all_of_it_only_where_the_day_passes_before_the_next_review() -> None:
    for end, lost in (("2026-10-30", True), ("2026-10-31", False)):
        start = dt.date.fromisoformat(end) - dt.timedelta(days=364)
        renewal = decide(findings([contract(start=start, end=end)]))[RENEWS]
        assert (renewal.waiting == renewal.value) is lost


def test_two_agreements_on_one_work_are_one_decision_and_two_works_are_two() -> None:
    again = contract(vendor="COBALT docs", start="2025-11-01", end="2026-10-31", annual_price=400.0)
    other = contract(capability="signing", annual_price=10.0)
    made = decide(findings([contract(), again, other]))
    assert set(made) == {RENEWS, "spending-decide-cobalt-docs-signing"}
    assert ends(made[RENEWS].value) == pytest.approx((70.0, 70.0, 70.0))
    # 1,050 and 420
    assert "commits you to $1.5k for a year" in made[RENEWS].because
    assert made[RENEWS].by == dt.date(2026, 8, 31)


def test_names_fold_and_long_ones_are_cut_to_fit() -> None:
    assert folded(" ＦＡlkenburg\u00a0 Straße ") == folded("falkenburg STRASSE")
    assert fit(("a", "b"), "{} of {}", "{1}") == "a of b"
    assert fit(("a" * 90, "b"), "{} of {}", "{1}") == "b"
    cut = fit(("a" * 200, "{b}" * 40), "Keep {}, leave {}")
    assert len(cut) == LONGEST
    assert cut.count("…") == 2
    hostile = contract(vendor="Wide " * 60, capability="{0} " * 60)
    (decision,) = decide(findings([hostile])).values()
    assert len(decision.what) <= LONGEST


@pytest.mark.parametrize(
    ("years", "said"),
    [(1 / 12, "1 month"), (0.5, "6 months"), (0.96, "a year"), (1.0, "a year"), (1.5, "1.5 years")],
)
def test_the_length_of_a_term_in_words(years: float, said: str) -> None:
    assert _span(years) == said
