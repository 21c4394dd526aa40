"""Technology spending: who is paid, what for, what recurs, what renews and what overlaps.

``spending_decisions`` says what to do about it. It takes what the others find:
``merge_vendors`` (whose names are one supplier), ``summarise_ledger``, ``classify_purpose``,
``find_streams`` (charges that come back), ``find_renewals`` and ``overlap`` (agreements).
``forecast_spend`` says what the next twelve months of ``technology_rows`` will cost.

Examples
--------
A cadence in days, words that do not tell suppliers apart, and the one vendor of all names that
were left out:

>>> CADENCE_DAYS["weekly"], "invoice" in NOISE_WORDS, REDACTED
(7.0, True, 'Redacted')
"""

from __future__ import annotations

from techalign.spending.benchmarks import BenchmarkRange, benchmark_range
from techalign.spending.containment import ContainedSaving, contained_saving
from techalign.spending.decisions import SpendingFindings, spending_decisions
from techalign.spending.expense import EXPENSE_CATEGORIES, ExpenseGuesses, classify_expense
from techalign.spending.forecast import ForecastOptions, SpendForecast, forecast_spend
from techalign.spending.ledger import LedgerSummary, summarise_ledger
from techalign.spending.marketing import MEDIA, MarketingMix, marketing_mix
from techalign.spending.names import VendorNames, merge_vendors
from techalign.spending.outcomes import spending_outcomes
from techalign.spending.paid import PaidAgreements, check_paid
from techalign.spending.plan import (
    BENEFIT,
    COST,
    RATE,
    SUCCESS,
    WAGE,
    YEARS,
    ChoiceOptions,
    EconomicLife,
    Effort,
    InitiativeOptions,
    Initiatives,
    Lifecycle,
    OptionsCompared,
    PlanFindings,
    PlanLimits,
    Replacements,
    Roadmap,
    Schedule,
    SupportLife,
    compare_financing,
    compare_options,
    differentiation_value,
    economic_life,
    end_of_life,
    equivalent_annual_cost,
    fit_support_life,
    frontier,
    grants,
    lifecycle,
    plan_decisions,
    plan_headline,
    plan_replacements,
    plan_roadmap,
    plan_worth,
    settle_dependencies,
    simulate_initiatives,
    sobol,
    tornado,
    value_of_advantages,
    worth_source,
)
from techalign.spending.purpose import (
    PurposeSplit,
    PurposeTables,
    classify_purpose,
)
from techalign.spending.receipts import Receipts, without_receipts
from techalign.spending.recurring import (
    CADENCE_DAYS,
    RegularPayees,
    Streams,
    find_regular_payees,
    find_streams,
    likely_renamed,
)
from techalign.spending.renewals import Overlaps, Renewals, find_renewals, overlap
from techalign.spending.spelling import NOISE_WORDS, REDACTED, normalise
from techalign.spending.technology import TechnologyRows, technology_rows
from techalign.spending.to_find_out import agreements_to_enter, devices_to_date, suppliers_to_name

__all__ = [
    "BENEFIT",
    "CADENCE_DAYS",
    "COST",
    "EXPENSE_CATEGORIES",
    "MEDIA",
    "NOISE_WORDS",
    "RATE",
    "REDACTED",
    "SUCCESS",
    "WAGE",
    "YEARS",
    "BenchmarkRange",
    "ChoiceOptions",
    "ContainedSaving",
    "EconomicLife",
    "Effort",
    "ExpenseGuesses",
    "ForecastOptions",
    "InitiativeOptions",
    "Initiatives",
    "LedgerSummary",
    "Lifecycle",
    "MarketingMix",
    "OptionsCompared",
    "Overlaps",
    "PaidAgreements",
    "PlanFindings",
    "PlanLimits",
    "PurposeSplit",
    "PurposeTables",
    "Receipts",
    "RegularPayees",
    "Renewals",
    "Replacements",
    "Roadmap",
    "Schedule",
    "SpendForecast",
    "SpendingFindings",
    "Streams",
    "SupportLife",
    "TechnologyRows",
    "VendorNames",
    "agreements_to_enter",
    "benchmark_range",
    "check_paid",
    "classify_expense",
    "classify_purpose",
    "compare_financing",
    "compare_options",
    "contained_saving",
    "devices_to_date",
    "differentiation_value",
    "economic_life",
    "end_of_life",
    "equivalent_annual_cost",
    "find_regular_payees",
    "find_renewals",
    "find_streams",
    "fit_support_life",
    "forecast_spend",
    "frontier",
    "grants",
    "lifecycle",
    "likely_renamed",
    "marketing_mix",
    "merge_vendors",
    "normalise",
    "overlap",
    "plan_decisions",
    "plan_headline",
    "plan_replacements",
    "plan_roadmap",
    "plan_worth",
    "settle_dependencies",
    "simulate_initiatives",
    "sobol",
    "spending_decisions",
    "spending_outcomes",
    "summarise_ledger",
    "suppliers_to_name",
    "technology_rows",
    "tornado",
    "value_of_advantages",
    "without_receipts",
    "worth_source",
]
