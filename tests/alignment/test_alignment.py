"""Coverage, answers, work, standing and cyber loss, against plain second ways."""

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techalign.alignment import (
    AlignmentFound,
    AlignmentSetting,
    Control,
    CyberFacts,
    Insurance,
    alignment_decisions,
    alignment_index,
    answers,
    assess_alignment,
    automation_candidates,
    brand_fit,
    cyber_loss,
    facts_of,
    gaps,
    goal_weights,
    headroom,
    integrations,
    maturity,
    pitfalls,
    resources,
    skills,
    told,
)  # fmt: skip
from techalign.alignment.coverage import Alignment
from techalign.client import load_client, load_reference
from techalign.client.folder import Client
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"
DAY = dt.date(2026, 6, 30)
TABLES = [
    "goals", "judgements", "links", "assessment", "integrations", "resources", "skills", "tasks",
    "capacity", "insurance", "vendors", "initiatives", "swot",
]  # fmt: skip
GOALS = pd.DataFrame({
    "goal": ["a", "b", "c"], "weight": [2.0, 1.0, 1.0], "theme": None, "metric": ["x", "", "y"],
    "baseline": [10.0, None, 5.0], "target": [0.0, None, 5.0], "actual": [4.0, None, 5.0],
    "date": pd.NaT, "feasibility": None, "worth": [100.0, None, None],
})  # fmt: skip
NONE = pd.DataFrame(columns=["judge", "goal_a", "goal_b", "ratio"])


def _index(links: list[tuple[str, str, float, float]], goals: pd.DataFrame = GOALS) -> Alignment:
    frame = pd.DataFrame(links, columns=["goal", "technology", "support", "fit"])
    weights = goal_weights(goals, NONE, {}, np.random.default_rng(1))
    return alignment_index(goals, frame, weights)


SHARE = st.floats(0.0, 1.0)


@given(st.lists(st.tuples(st.sampled_from("abc"), SHARE, SHARE), min_size=1, max_size=8), SHARE)
@settings(max_examples=15, deadline=None)
def test_the_index_is_a_share_grows_with_support_and_knows_no_order(
    made: list[tuple[str, float, float]], more: float
) -> None:
    links = [(g, f"t{i}", s, f) for i, (g, s, f) in enumerate(made)]
    found = _index(links)
    assert 0.0 <= found.index.low <= found.index.point <= found.index.high <= 1.0
    assert _index(links[::-1]).index.point == pytest.approx(found.index.point)
    added = _index([*links, ("a", "new", more, 1.0)]).index.point
    assert added >= found.index.point - 1e-12
    naive = sum(
        w * (1 - np.prod([1 - s * f for goal, _, s, f in links if goal == g]))
        for g, w in (("a", 0.5), ("b", 0.25), ("c", 0.25))
    )
    assert found.index.point == pytest.approx(naive)


def test_a_link_to_no_goal_is_named_and_an_unused_tool_is_an_orphan() -> None:
    with pytest.raises(ModelError, match="zebra"):
        _index([("zebra", "t", 0.5, 0.5)])
    assert _index([("a", "t", 0.5, 0.5), ("b", "idle", 0.0, 1.0)]).orphans == ("idle",)


def test_how_far_a_goal_is_reached_and_which_gap_is_first() -> None:
    found = _index([("a", "t", 0.5, 0.5)])
    assert found.goals["reached"].iloc[0] == pytest.approx(0.6)
    assert np.isnan(found.goals["reached"].iloc[2])  # already where it should be: no way to go
    ranked = gaps(found, DAY)
    assert ranked["goal"].iloc[0] == "a"
    assert ranked["priority"].iloc[0] == pytest.approx(0.5 * 0.75 * 0.5)
    assert (ranked["worth_low"].dropna() <= ranked["worth"].dropna()).all()


ITEMS = pd.DataFrame({
    "item": ["one", "two", "three"], "area": "phase", "group": ["s", "s", "r"], "question": "?",
})  # fmt: skip


def _given(*rows: tuple[str, int | None, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["item", "level", "evidence", "date", "assessor"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def test_a_phase_is_as_mature_as_its_weakest_answer_that_counts() -> None:
    given_ = _given(("one", 4, "x", "2026-05-01", "Ann"), ("two", 2, "x", "2026-05-01", "Ann"))
    found = answers(given_, ITEMS, DAY)
    levels = maturity(found)
    assert levels["group"].tolist() == ["s", "r"]
    assert levels["level"].iloc[0] == 2
    assert np.isnan(levels["level"].iloc[1])  # nobody asked is not zero


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("one", 4, "x", "2025-06-01", "A"), "older than 12 months"),
        (("one", 4, "x", "2026-08-01", "A"), "dated in the future"),
        (("one", 4, "", "2026-05-01", "A"), "without evidence"),
        (("one", 4, "x", "", "A"), "without a day"),
        (("one", None, "x", "2026-05-01", "A"), "not answered"),
    ],
)
def test_what_does_not_count_says_why(row: tuple[str, int | None, str, str, str], why: str) -> None:
    found = answers(_given(row), ITEMS, DAY)
    assert found.level("one") is None
    assert found.items["why"].iloc[0] == why
    assert (why == "not answered") or any(why in note for note in found.notes)


def test_contradictions_and_strange_questions_are_listed_and_levels_checked() -> None:
    found = answers(
        _given(("one", 5, "x", "2026-05-01", "Ann"), ("one", 1, "x", "2026-05-02", "Bo"),
               ("zebra", 1, "x", "2026-05-02", "Bo")), ITEMS, DAY)  # fmt: skip
    assert found.level("one") == 1
    assert any("Ann says 5" in note for note in found.notes)
    assert any("zebra" in note for note in found.notes)
    with pytest.raises(ModelError, match="0 to 5"):
        answers(_given(("one", 6, "x", "2026-05-01", "Ann")), ITEMS, DAY)


def test_work_by_hand() -> None:
    joints = pd.DataFrame({
        "system_a": ["a", "c", "e"], "system_b": ["b", "d", "f"], "needed": [True, True, False],
        "live": False, "effort": [100.0, 50.0, 1.0], "hours": [10.0, 0.0, 9.0],
    })  # fmt: skip
    found = integrations(joints, 20.0)
    assert found["payback"].iloc[0] == pytest.approx(0.5)
    assert np.isnan(found["payback"].iloc[1])  # nothing lost pays nothing back
    assert len(found) == 2
    tasks = pd.DataFrame({"task": ["t"], "hours": [100.0], "wage": [30.0], "share_low": [0.5],
                          "share_high": [0.5], "tool_cost": [1600.0]})  # fmt: skip
    assert automation_candidates(tasks, 20.0)["pays"].iloc[0] == 0.0
    room = pd.DataFrame({"resource": ["r", "s"], "kind": "people", "load": [110.0, 0.0],
                         "capacity": [100.0, 5.0], "extend_cost": 0.0})  # fmt: skip
    assert headroom(room)["at_10"].tolist() == ["full", "holds"]
    assert headroom(room)["breaks"].tolist() == [pytest.approx(-1 / 11), np.inf]
    for call in (
        lambda: headroom(room.assign(capacity=0.0)), lambda: integrations(joints, -1.0),
        lambda: automation_candidates(tasks.assign(share_low=0.7), 20.0),
        lambda: skills(pd.DataFrame({"system": ["s"], "person": ["p"], "level": [4],
                                     "training_hours": [0.0]})),
    ):  # fmt: skip
        with pytest.raises(ModelError):
            call()


@pytest.mark.parametrize(
    "insurances",
    [
        [],
        [Insurance(1000.0, 20e3, 150e3)],
        # one that pays beyond the other, and two that would pay the same loss
        [Insurance(1000.0, 20e3, 150e3), Insurance(700.0, 170e3, 400e3)],
        [Insurance(1000.0, 20e3, 150e3), Insurance(900.0, 5e3, 90e3)],
    ],
)
def test_cyber_loss_agrees_with_a_simulation(insurances: list[Insurance]) -> None:
    facts = CyberFacts(Interval(0.5, 0.4, 0.6), Interval(0.4, 0.3, 0.5), 36e3, 175e3,
                       Interval(0.5, 0.3, 0.9))  # fmt: skip
    controls = {"mfa": Control(frequency=0.6), "copy": Control(severity=0.5)}
    found = cyber_loss(facts, controls, {"mfa": 0.5, "copy": 1.0}, 2e6, insurances)
    rng = np.random.default_rng(7)
    sigma = np.sqrt(2 * np.log(175 / 36))
    years = 400_000
    count = rng.poisson(0.5 * 0.4 * 0.6**0.5, years)
    cost = np.minimum(36e3 * 0.5 * 0.5 * np.exp(sigma * rng.standard_normal(count.sum())), 2e6)
    kept = cost.copy()
    for i, one in enumerate(cost if insurances else ()):
        paid = sum(min(max(one - each.deductible, 0.0), each.cover) for each in insurances)
        kept[i] = one - min(paid, max(one - min(each.deductible for each in insurances), 0.0))
    assert (kept <= cost).all()
    year = np.repeat(np.arange(years), count)
    total = np.bincount(year, kept, years)
    mean, bad = (
        (found.kept, found.kept_bad_year) if insurances else (found.expected, found.bad_year)
    )
    assert mean is not None
    assert bad is not None
    assert mean.point == pytest.approx(total.mean(), rel=0.04)
    assert bad.point == pytest.approx(np.quantile(total, 0.99), rel=0.05)
    assert found.chance.point == pytest.approx((count > 0).mean(), rel=0.02)
    assert mean.low <= mean.point <= mean.high


def test_controls_never_add_loss_and_what_is_unknown_is_refused() -> None:
    facts = CyberFacts(Interval(0.4, 0.3, 0.5), Interval(0.1, 0.05, 0.2), 36e3, 175e3,
                       Interval(0.3, 0.1, 1.0))  # fmt: skip
    controls = {"mfa": Control(frequency=0.6)}
    means = [cyber_loss(facts, controls, {"mfa": s}, 5e6).expected.point for s in (0, 0.4, 1)]
    assert means == sorted(means, reverse=True)
    for bad in ({"zebra": 0.5}, {"mfa": 1.5}):
        with pytest.raises(ModelError):
            cyber_loss(facts, controls, bad, 5e6)


def test_standing_by_hand() -> None:
    table = pd.DataFrame({"resource": ["r"], "value": [0.8], "rarity": [0.6], "imitability": [0.9],
                          "substitutability": [0.5], "evidence": ""})  # fmt: skip
    years = {k: Interval(v, v / 2, v * 2) for k, v in
             (("lasting", 5.0), ("for a while", 2.5), ("ordinary", 1.0))}  # fmt: skip
    found = resources(table, years)
    assert found["strength"].iloc[0] == pytest.approx(0.8 * 0.6 * 0.1 * 0.5)
    assert found["kind"].iloc[0] == "for a while"
    with pytest.raises(ModelError):
        resources(table.assign(value=1.2), years)
    vendors = load_client(CLIENTS, "machine-shop", tables=["vendors"]).table("vendors")
    fits = brand_fit(vendors, 5.4e6)
    assert fits["fit"].between(0, 1).all()
    assert fits["fit"].is_monotonic_increasing


def test_a_tool_without_a_price_saves_nothing_known_and_is_asked_about() -> None:
    table = pd.DataFrame({
        "task": ["typing", "sorting"], "hours": [100.0, 50.0], "wage": None,
        "share_low": 0.2, "share_high": [0.6, 0.2], "tool_cost": [None, 10.0],
    })  # fmt: skip
    tasks = automation_candidates(table, 20.0).set_index("task")
    assert tasks.loc["typing", ["saved", "saved_low", "pays"]].isna().all()
    assert tasks.loc["sorting", "saved"] == 190.0
    found = AlignmentFound(tasks=automation_candidates(table, 20.0))
    decided = alignment_decisions(found, as_of=DAY, currency="USD", owner="Ann")
    assert {(d.subject, d.kind, d.value is None) for d in decided} == {
        ("typing", "ask", True), ("sorting", "act", False),
    }  # fmt: skip


def test_every_challenge_has_the_remedies_that_practice_names() -> None:
    kinds = load_reference().challenge_remedies.groupby("challenge")["kind"].agg(set)
    for challenge, kind in (
        ("limited budget", "open source"), ("limited budget", "financing"),
        ("few people who know technology", "outsource"),
        ("few people who know technology", "train"),
        ("people who do not want change", "early success"),
        ("systems that do not fit together", "hub"), ("systems that do not fit together", "advice"),
        ("worries about data", "insure"), ("keeping up", "learn"),
    ):  # fmt: skip
        assert kind in kinds[challenge]


def test_what_an_alliance_brings_is_priced_only_where_somebody_said_so() -> None:
    book = load_client(CLIENTS, "carrier-store", tables=["vendors"])
    fits = brand_fit(book.table("vendors"), 2.8e6, 20.0).set_index("vendor")
    # customers 38,000, advertising 9,600 and 60 hours at 20
    assert fits.loc["Crestline Mobile", "upside"] == 38_000 + 9_600 + 1_200
    low, high = fits.loc["Crestline Mobile", ["upside_low", "upside_high"]]
    assert (low, high) == pytest.approx((48_800 * 2 / 3, 48_800 * 4 / 3))
    assert "customers, advertising, training" in fits.loc["Crestline Mobile", "brings"]
    assert fits["upside"].notna().sum() == 1
    # nothing but a price, and nothing but a question answered
    one = book.table("vendors").head(1).copy()
    one[[name for name in one.columns if name.startswith("brand_")]] = None
    found = brand_fit(one, 2.8e6, 20.0)
    assert found["fit"].isna().all()
    assert found["upside"].tolist() == [48_800.0]
    told = _found("carrier-store")[0].swot
    assert "Crestline Mobile brings more than it is paid for" in set(told["text"])


@cache
def _book(client: str) -> Client:
    return load_client(CLIENTS, client, tables=TABLES)


@cache
def _found(client: str, without: str = "") -> tuple[AlignmentFound, pd.DataFrame]:
    book = _book(client)
    facts = load_reference()
    tables = {name: book.table(name) for name in TABLES}
    if without:
        tables[without] = tables[without].head(0)
    profile = book.profile
    setting = AlignmentSetting(
        as_of=DAY, setting=profile.setting, currency=profile.currency,
        yearly_revenue=profile.yearly_revenue, hourly_wage=profile.hourly_wage,
    )  # fmt: skip
    gathered = facts_of(
        facts.assumption, facts.assessment_items, facts.sector_profiles, facts.challenge_remedies,
        profile.employees, facts.size_weights,
    )  # fmt: skip
    found = assess_alignment(tables, setting, gathered, np.random.default_rng(3))
    return found, tables["initiatives"]


@cache
def _page(without: str) -> list[str]:
    """All that the page of one sample shows, without one of its tables."""
    found, plans = _found("channel-software", without)
    shown = told(found, plans, "USD")
    return [
        getattr(shown, name).to_csv() for name in
        ("goals", "links", "phases", "strategies", "joints", "skills", "tasks", "headroom",
         "resources", "brands", "swot")
    ] + [f"{shown.cyber_rows}"]  # fmt: skip


@pytest.mark.parametrize("without", TABLES)
def test_each_table_changes_the_page_and_none_is_needed(without: str) -> None:
    assert _page(without) != _page("")


def test_the_same_tables_make_the_same_page() -> None:
    page, (found, plans) = _page(""), _found("channel-software")
    assert repr(told(found, plans, "USD")) + repr(found.notes)
    _found.cache_clear()
    assert _page.__wrapped__("") == page


@pytest.mark.parametrize(
    "client", [path.name for path in sorted(CLIENTS.iterdir()) if path.is_dir()]
)
def test_every_sample_client_has_decisions_with_money(client: str) -> None:
    found, _ = _found(client)
    decisions = alignment_decisions(found, as_of=DAY, currency="USD", owner="Ann")
    assert any(decision.value is not None for decision in decisions)
    assert len({decision.id for decision in decisions}) == len(decisions)
    assert found.pitfalls is not None
    assert len(found.pitfalls) == 5


def test_pitfalls_are_not_known_where_nobody_said() -> None:
    found = _index([("a", "t", 0.5, 0.5)])
    plans = pd.DataFrame({"name": ["App"], "goal": ["a"], "after": [""]})
    raised = pitfalls(found, answers(_given(), ITEMS, DAY), plans, None, None)
    assert dict(zip(raised["pitfall"], raised["raised"], strict=True)) == {
        "goals nobody can check": "yes", "technology before goals": "no",
        "people not asked or trained": "not known",
        "done once and never looked at again": "not known",
        "systems bought that do not talk": "not known",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "hours", "pitfall", "raised"),
    [
        # an answer of "never" is an answer, and no look back
        ([("kpi", 0, "nobody", "2026-05-01", "Ann")], None, "done once", "yes"),
        ([("kpi", 4, "minutes", "2026-05-01", "Ann")], None, "done once", "no"),
        ([("kpi", 4, "minutes", "2024-05-01", "Ann")], None, "done once", "yes"),
        ([], None, "done once", "not known"),
        ([("users_asked", 0, "nobody", "2026-05-01", "Ann")], 40.0, "people", "yes"),
        ([("users_asked", 4, "minutes", "2026-05-01", "Ann")], 40.0, "people", "no"),
        ([("users_asked", 4, "minutes", "2026-05-01", "Ann")], 0.0, "people", "yes"),
        ([], 40.0, "people", "not known"),
    ],
)
def test_a_pitfall_is_raised_by_what_was_answered_never_by_silence(
    rows: list[tuple[str, int | None, str, str, str]], hours: float | None, pitfall: str,
    raised: str,
) -> None:  # fmt: skip
    items = load_reference().assessment_items
    plans = pd.DataFrame({"name": [], "goal": [], "after": []})
    told = pitfalls(_index([("a", "t", 0.5, 0.5)]), answers(_given(*rows), items, DAY), plans,
                    None, hours)  # fmt: skip
    row = told[told["pitfall"].str.startswith(pitfall)].iloc[0]
    assert row["raised"] == raised, row["evidence"]


def test_weights_are_fitted_to_the_size_of_the_business() -> None:
    """By hand: only the rows of the largest size that is reached count."""
    facts = load_reference()
    rest = (facts.assessment_items, facts.sector_profiles, facts.challenge_remedies)
    sizes = pd.DataFrame({
        "employees_from": [1, 10, 10], "theme": ["resilience", "insight", "efficiency"],
        "multiplier": [1.5, 1.2, 1.1],
    })  # fmt: skip
    found = {n: facts_of(facts.assumption, *rest, n, sizes).size for n in (0, 9, 10, 400)}
    assert found[0] == found[9] == {"resilience": 1.5}
    assert found[10] == found[400] == {"insight": 1.2, "efficiency": 1.1}
    small, large = (_found_of_size(n) for n in (4, 80))
    assert small.weights is not None
    assert large.weights is not None
    for each in (small, large):
        assert each.weights.weights["weight"].sum() == pytest.approx(1.0)
    assert not np.allclose(small.weights.weights["weight"], large.weights.weights["weight"])


def _found_of_size(employees: int) -> AlignmentFound:
    book = _book("machine-shop")
    facts, profile = load_reference(), book.profile
    gathered = facts_of(
        facts.assumption, facts.assessment_items, facts.sector_profiles, facts.challenge_remedies,
        employees, facts.size_weights,
    )  # fmt: skip
    setting = AlignmentSetting(
        as_of=DAY, setting=profile.setting, currency=profile.currency,
        yearly_revenue=profile.yearly_revenue, hourly_wage=profile.hourly_wage,
    )  # fmt: skip
    tables = {name: book.table(name) for name in TABLES}
    return assess_alignment(tables, setting, gathered, np.random.default_rng(5))


@pytest.mark.parametrize("client", ["machine-shop", "jewellery-shop"])
def test_what_alignment_stands_on_has_each_its_number(client: str) -> None:
    found, plans = _found(client)
    legs = told(found, plans, "USD").legs
    assert legs["leg"].tolist() == ["Goals", "Technology", "How it is done", "Money"]
    assert (legs["said"] != "").all()


def test_answers_without_goals_say_what_to_begin_with() -> None:
    items = load_reference().assessment_items
    given = pd.DataFrame(
        {
            "item": ["quick_wins", "kpi", "control_mfa", "control_backup_tested"],
            "level": [1, 3, 4, 0],
            "evidence": ["new till first", "figures of June", "token", "never tried"],
            "date": pd.Timestamp("2026-05-04"),
            "assessor": "",
        }
    )
    found = AlignmentFound(answers=answers(given, items, dt.date(2026, 6, 30)))
    told_of = told(found, pd.DataFrame({"name": [], "tags": []}), "USD")
    assert told_of.sentence.endswith("of six phases roadmap is the weakest, at 1 of 5.")
    decided = alignment_decisions(found, as_of=dt.date(2026, 6, 30), currency="USD", owner="Dana")
    assert {each.what for each in decided} == {
        "Write down three goals, each with a number and a day",
        "Raise the weakest of six phases: roadmap, at 1 of 5",
        "See to a tested copy: it is at 0 of 5",
    }
    assert all(each.value is None for each in decided)  # no money is made up
    assert alignment_decisions(
        AlignmentFound(), as_of=dt.date(2026, 6, 30), currency="USD", owner="Dana"
    ) == []  # fmt: skip


def test_the_strength_of_a_resource_opens_to_its_arithmetic() -> None:
    book = load_client(CLIENTS, "machine-shop", tables=["resources"])
    held = book.table("resources")
    half_life = {kind: Interval(1.0, 0.5, 2.0) for kind in ("ordinary", "for a while", "lasting")}
    said = told(
        AlignmentFound(resources=resources(held, half_life)),
        pd.DataFrame({"name": [], "tags": []}),
        "USD",
    ).resources
    for row in said.to_dict("records"):
        parts = [float(part.rstrip("%")) / 100 for part in row["made_of"].split(" × ")]
        assert np.prod(parts) == pytest.approx(row["strength"], abs=1e-9)
