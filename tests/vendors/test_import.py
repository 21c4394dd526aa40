import inspect
import subprocess
import sys

import pytest

import techalign.vendors as vendors


def test_importing_stays_light():
    code = (
        "import sys, techalign.vendors;print([m for m in ('pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_exported_names_exist_and_are_sorted():
    assert vendors.__all__ == sorted(vendors.__all__)
    for name in vendors.__all__:
        assert hasattr(vendors, name), name


CALLS = {
    "kaplan_meier": "lifetimes",
    "fit_lifetime": "lifetimes dist prior",
    "cumulative_incidence": "lifetimes cause",
    "fit_causes": "lifetimes cause dist priors",
    "fit_hazard_panel": "age event x since kinds half_life prior",
    "reference_survival": "facts sector size",
    "altman_zpp": "working_capital retained_earnings ebit equity total_assets total_liabilities",
    "exposure": "vendors assumptions cap",
    "loss_distribution": "pd loss rho hubs copula nu",
    "simulate_losses": "pd loss takes rho copula nu",
    "concentration": "amounts",
    "mitigate": "losses vendors options budget objective",
    "backtest": "pd outcome rho",
    "early_warnings": "events as_of",
    "log_rank": "lifetimes group",
}
METHODS = {
    "Lifetimes": "entry stop event upper x",
    "LifetimeFit": "survival pd pd_interval summary",
    "CoxFit": "survival pd pd_interval summary",
    "CauseFits": "pd incidence",
    "HazardPanelFit": "hazard pd summary",
    "SectorCurve": "survival pd",
    "LossDistribution": "el var es exceed contributions",
    "SimulatedLosses": "el var es exceed",
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_called_takes_what_it_is_called_with(name):
    assert set(CALLS[name].split()) <= set(inspect.signature(getattr(vendors, name)).parameters)


@pytest.mark.parametrize("name", METHODS)
def test_results_answer_what_they_are_asked(name):
    kind = getattr(vendors, name)
    for method in METHODS[name].split():
        assert hasattr(kind, method) or method in kind.__dataclass_fields__, method


@pytest.mark.parametrize("name", vendors.__all__)
def test_exported_names_say_what_they_are(name):
    text = inspect.getdoc(getattr(vendors, name)) or ""
    assert len(text.split()) >= 3
    if inspect.isfunction(getattr(vendors, name)) and len(inspect.signature(
        getattr(vendors, name)).parameters) > 1:  # fmt: skip
        assert "Parameters" in text or "see" in text.lower()
