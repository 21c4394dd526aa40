"""Merging vendor names: seeded corruption, stability, the analyst's word, a real ledger."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.streams import random_stream
from techalign.spending.names import VendorNames, merge_vendors
from techalign.spending.spelling import REDACTED

REAL = Path(__file__).resolve().parents[3] / "shared/realdata/council_harrogate_ledger.csv.gz"
EMPTY = pd.DataFrame({c: pd.Series(dtype=object) for c in ("name", "aliases", "capability")})
EMPTY["category"] = pd.Series(dtype=object)
CATALOGUE = pd.DataFrame(
    {
        "name": ["Microsoft 365", "Zoom", "Adobe", "Apple"],
        "aliases": ["Office 365;MSFT 365", "Zoom Video Communications", "", ""],
        "capability": ["office suite", "meetings", "design", "computers"],
        "category": ["software", "software", "software", "hardware"],
    }
)

FIRST = ["Northside", "Hillcrest", "Beacon", "Summit", "Harbour", "Lakeland", "Redwood", "Sterling"]
FIRST += ["Falcon", "Orchid", "Meridian", "Cobalt", "Juniper", "Granite", "Willow", "Pioneer"]
FIRST += ["Atlas", "Kestrel", "Marlow", "Ashford"]
TRADE = ["Broadband", "Computers", "Print Services", "Security Systems", "Electrical", "Payroll"]
TRADE += ["Web Design", "Office Supplies", "Data Recovery", "Telecom", "Plumbing", "Academy Trust"]
DECOYS = ("Academy Trust", "Parish Council", "and Joinery", "Property Lettings")


def corrupt(name: str, rng: np.random.Generator) -> str:
    """Write a name the way an export might."""
    kind = rng.integers(10)
    at = int(rng.integers(1, len(name) - 1))
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == 2:
        return name[:at] + "x" + name[at + 1 :]
    other = [
        name.upper() + " LTD",
        f"{name} Limited",
        f"SQ *{name}",
        f"{name.upper()} {rng.integers(10_000, 99_999)}",
        name.replace(" ", ""),
        f"PAYPAL *{name.upper()}",
        name[: max(13, len(name) - int(rng.integers(1, 4)))],
    ]
    return other[kind - 3]


def corrupted(seed: int) -> pd.DataFrame:
    rng = random_stream("names", seed)
    vendors = [f"{a} {b}" for a in FIRST for b in TRADE]
    # other companies whose names contain a vendor's
    vendors += [f"{name} {TRADE[i % 12]} {more}" for i, name in enumerate(FIRST) for more in DECOYS]
    rows = []
    for vendor in vendors:
        rows += [(vendor, vendor)] * 4
        rows += [(corrupt(vendor, rng), vendor) for _ in range(int(rng.integers(0, 5)))]
    return pd.DataFrame(rows, columns=["raw", "truth"])


def pairs(labels: pd.Series[str]) -> set[tuple[str, str]]:
    groups = labels.groupby(labels).groups.values()
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def agreement(found: pd.Series[str], truth: pd.Series[str]) -> tuple[float, float]:
    """Give precision and F1 over pairs of names."""
    wanted, got = pairs(truth), pairs(found)
    return len(wanted & got) / len(got), 2 * len(wanted & got) / (len(wanted) + len(got))


@pytest.mark.parametrize("seed", [1, 2])
def test_corrupted_names_find_their_vendor(seed: int) -> None:
    data = corrupted(seed)
    truth = data.drop_duplicates("raw").set_index("raw")["truth"]
    found = merge_vendors(data["raw"], EMPTY).frame.set_index("raw")["vendor"]
    precision, f1 = agreement(found, truth)
    assert precision >= 0.99
    assert f1 >= 0.96


def test_neither_order_nor_new_rows_change_ids() -> None:
    data = corrupted(3)["raw"]
    first = merge_vendors(data, EMPTY)
    again = merge_vendors(data.sample(frac=1.0, random_state=4), EMPTY)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    more = pd.concat([data, pd.Series(["Aardvark Hosting", "Northside Broadbandd"] * 9)])
    later = merge_vendors(more, EMPTY, known=first.decisions()).frame.set_index("raw")
    before = first.frame.set_index("raw")["vendor_id"]
    assert (later["vendor_id"].loc[before.index] == before).all()


def test_ids_are_one_to_one_with_vendors() -> None:
    names = ["Acme Ltd", "ACME Inc", "A-C-M-E", "Zoom", "zoom.us"]
    known = {"Acme Ltd": "Acme Ltd", "ACME Inc": "Acme Inc"}
    frame = merge_vendors(names, CATALOGUE, known=known).frame
    distinct = frame.drop_duplicates(["vendor", "vendor_id"])
    assert distinct["vendor"].is_unique
    assert distinct["vendor_id"].is_unique
    assert frame["vendor_id"].str.fullmatch(r"[\w-]+").all()


def test_how_each_name_was_found() -> None:
    raw = ["Zoom", "ZOOM.US", "Office 365", "Microsfot 365", "MICROSOFT 365 REDMOND"]
    raw += ["Hillcrest Computers"] * 2 + ["HILLCREST COMPUTERS LTD", "Hilcrest Computers"]
    raw += ["Zoom Broadband", "Apple Tree Nursery", "Joe"]
    names = merge_vendors(raw, CATALOGUE, known={"Joe": "Joe's Repairs"})
    got = names.frame.set_index("raw")[["vendor", "how"]].apply(tuple, axis=1).to_dict()
    assert got == {
        "Zoom": ("Zoom", "exact"),
        "ZOOM.US": ("Zoom", "exact"),
        "Office 365": ("Microsoft 365", "exact"),
        "Microsfot 365": ("Microsoft 365", "catalogue"),
        "MICROSOFT 365 REDMOND": ("Microsoft 365", "catalogue"),
        "Hillcrest Computers": ("Hillcrest Computers", "own"),
        "HILLCREST COMPUTERS LTD": ("Hillcrest Computers", "exact"),
        "Hilcrest Computers": ("Hillcrest Computers", "cluster"),
        "Zoom Broadband": ("Zoom Broadband", "own"),
        "Apple Tree Nursery": ("Apple Tree Nursery", "own"),
        "Joe": ("Joe's Repairs", "known"),
    }
    assert names.frame["score"].between(0.5, 1.0).all()


def test_known_names_win_and_are_followed() -> None:
    raw = ["Acme Tools", "ACME TOOLS LTD", "Acme Toolz", "Beta Ltd", "Beta"]
    names = merge_vendors(raw, EMPTY, known={"Acme Tools": "Our Parent", "Beta": "Beta Alone"})
    vendor = names.frame.set_index("raw")["vendor"]
    assert vendor["Acme Tools"] == vendor["ACME TOOLS LTD"] == "Our Parent"
    assert vendor["Beta"] == "Beta Alone"
    assert names.frame.set_index("raw").loc["Acme Tools", "how"] == "known"


def test_contained_names_go_to_review() -> None:
    names = merge_vendors(["North Systems", "North Systems Academy Trust"], EMPTY)
    assert names.vendors == 2
    row = names.review.iloc[0]
    assert (row["raw"], row["candidate"]) == ("North Systems Academy Trust", "North Systems")
    assert row["reason"] == "one name adds 'academy trust'"


@pytest.mark.parametrize(
    ("one", "other", "listed"),
    [
        # Jaro-Winkler .884: a name that adds to another is listed from .88
        ("Dolphin Mobility", "Dolphin Mobility Yorkshire & Cumbria", True),
        # .876 and .860: the start of the name alone proves little
        ("Computer Computer", "Computer Relocations", False),
        ("Pakawaste", "Pakawaste Engineering Services", False),
        # .954 and .949, but each has a word of its own: two suppliers, nothing to decide
        ("Chartered Institute of Building", "Chartered Institute of Housing", False),
        ("Beacon Construction & Joinery", "Beacon Construction & Networks", False),
        # .96: the words that differ are alike, and both may be right
        ("Longley Health Care", "Loxley Healthcare", True),
        # .936 and .927
        ("Yorkshire Housing", "Yorkshire Purchasing", False),
        ("Chartered Institute of Public Relations", "Chartered Institute of Auditors", False),
    ],
)
def test_how_alike_names_must_be_to_be_listed(one: str, other: str, listed: bool) -> None:
    names = merge_vendors([one, other], EMPTY)
    assert names.vendors == 2
    assert (len(names.review) == 1) is listed


def vendors_of(
    *raw: str, anchors: tuple[str, ...] = (), known: dict[str, str] | None = None
) -> pd.Series[str]:
    return merge_vendors(raw, CATALOGUE, anchors=anchors, known=known).frame.set_index("raw")[
        "vendor"
    ]


@pytest.mark.parametrize(
    "written",
    [
        "FERNHILL IT 304",
        "FERNHILL IT LTD",
        "Fernhill I.T. Limited",
        "FERNHILL IT LTD 88213",
        "Fernhill IT ref 12",
        "FERNHILL IT INV 3041",
        "FERNHILL IT STORE 12",
        "FERNHILL IT #7",
        "Fernhill IT - in liquidation",
        "FERNHILL IT SERVICES",
        "SQ *FERNHILL IT",
    ],
)
def test_a_reference_or_a_legal_form_makes_no_new_supplier(written: str) -> None:
    assert vendors_of(written, anchors=("Fernhill IT",))[written] == "Fernhill IT"
    assert len(set(vendors_of(written, *["FERNHILL IT"] * 3))) == 1


def test_names_of_the_clients_tables_are_anchors_and_shown_as_written_there() -> None:
    found = vendors_of(
        "HILLCREST COMPUTERS", "Hilcrest Computers", "Zoom", "OAK BARN", "OAK BARN 7",
        anchors=("Hillcrest computers Ltd", "ZOOM.US"), known={"OAK BARN": "Oak Barn Estates"},
    )  # fmt: skip
    assert found["HILLCREST COMPUTERS"] == found["Hilcrest Computers"] == "Hillcrest computers Ltd"
    assert found["Zoom"] == "Zoom"  # the catalogue knows more of it than the anchor
    assert found["OAK BARN 7"] == "Oak Barn Estates"


def test_an_anchor_does_not_swallow_a_longer_name() -> None:
    found = vendors_of("North Systems Academy Trust", "Oak Farm", anchors=("North Systems", "Oak"))
    assert found.tolist() == ["North Systems Academy Trust", "Oak Farm"]


def test_several_references_of_one_supplier_are_one() -> None:
    found = vendors_of("SPORTSLINE 152", "SPORTSLINE 259", "SPORTSLINE 1 WEST")
    assert found["SPORTSLINE 152"] == found["SPORTSLINE 259"] == "Sportsline"
    assert found["SPORTSLINE 1 WEST"] != "Sportsline"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Troop 4", "Troop 5"),
        ("Harwood School 12", "Harwood School"),
        ("Studio 54", "Studio"),
        ("Project 34", "Project"),
        ("Carpenters Joinery", "Carpenters"),
        ("Leaving Care Solutions", "The Leaving Care Company"),
        ("University of Chester", "University of Manchester"),
    ],
)
def test_a_number_or_a_word_of_its_own_makes_two(one: str, other: str) -> None:
    assert len(set(vendors_of(one, other))) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Irwin Mitchell Solicitors", "IRWIN MITCHELL LLP"),
        ("Widdows Pilling & Co Solicitors", "Widdows Pilling and Company"),
        ("Barker and Company", "Barker & Co"),
        ("Premier Paper Sales Grou", "Premier Paper Sales Group"),
        ("St Anns Hospice Appeal Company Lim", "St Anns Hospice Appeal"),
        ("Department of Work and Pensions", "Department for Work & Pensions"),
        ("Swinton Pendlebury Angling Club", "Swinton & Pendlebury Angling Club"),
        ("Primley Park Nurseries", "Primley Park Nursery"),
        ("Davies Lomax Client Account", "Davies Lomax"),
        ("Talmud Torah Norim School", "Talmud Torah Norim"),
    ],
)
def test_what_was_sent_to_review_and_is_the_same_supplier(one: str, other: str) -> None:
    assert len(set(vendors_of(one, other))) == 1


def test_a_misspelling_is_never_shown() -> None:
    wrong = ["HARROW HOUSING ASSSOCIATION"] * 9
    right = ["HARROW HOUSING ASSOCIATION LTD", "Leeds Association", "Selby Association"]
    names = merge_vendors([*wrong, *right], EMPTY)
    assert names.apply(pd.Series(wrong[:1])).tolist() == ["Harrow Housing Association Ltd"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (["FERNHILL IT 304"] * 3 + ["Fernhill IT"], "Fernhill IT"),
        (["UNIVERSITY OF LEEDS"], "University of Leeds"),
        (["ST WILFRIDS NHS TRUST"], "St Wilfrids NHS Trust"),
        (["BDP LTD"], "BDP Ltd"),
        (["PAYPAL *OAKBOOKS"], "Oakbooks"),
        (["Green Salmon Pubs 3"], "Green Salmon Pubs 3"),
        (["Keen Tooling, LLC"] * 3 + ["KEEN TOOLING"], "Keen Tooling"),
        (["Wexcombe Herald LTD."], "Wexcombe Herald Ltd."),
        (["IRS TREAS 310"], "IRS Treas 310"),
        (["OAK ICE CO"], "Oak Ice Co"),
    ],
)
def test_names_are_shown_as_people_write_them(written: list[str], shown: str) -> None:
    assert merge_vendors(written, EMPTY).frame["vendor"].unique().tolist() == [shown]


def test_redacted_names_are_one_vendor_and_no_one_elses() -> None:
    raw = ["REDACTED - PERSONAL DATA", "Redacted personal data", "REDACTIVE PUBLISHING LTD"]
    names = merge_vendors(raw, EMPTY)
    assert names.apply(pd.Series(raw)).tolist() == [REDACTED, REDACTED, "Redactive Publishing Ltd"]


def test_apply_follows_unseen_spellings_and_keeps_the_index() -> None:
    names = merge_vendors(["Hillcrest Computers", "ZOOM.US"], CATALOGUE)
    other = pd.Series(
        ["hillcrest computers ltd", "Nobody", "Zoom", "name withheld"], index=[3, 1, 2, 9]
    )
    got = names.apply(other)
    assert got.to_dict() == {3: "Hillcrest Computers", 1: "Nobody", 2: "Zoom", 9: REDACTED}


def test_empty_tables_give_empty_results() -> None:
    names = merge_vendors(pd.Series([], dtype=object), EMPTY)
    assert isinstance(names, VendorNames)
    assert names.frame.empty
    assert names.review.empty
    assert names.apply(pd.Series([], dtype=object)).empty


def test_catalogue_must_have_its_columns() -> None:
    with pytest.raises(ModelError, match="aliases"):
        merge_vendors(["a"], CATALOGUE.drop(columns="aliases"))


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.exists(), reason="real data folder is not beside the project")
def test_a_councils_ledger() -> None:
    raw = pd.read_csv(REAL, usecols=["supplier"])["supplier"].dropna()
    names = merge_vendors(raw, EMPTY)
    vendor = names.frame.set_index("raw")["vendor"]
    for a, b in [
        ("HARROGATE HOUSING ASSSOCIATION LTD", "HARROGATE HOUSING ASSOCIATION"),
        ("CORDANT RECRUITMENT LTD T/A CORDANT PEOPLE", "CORDANT PEOPLE LTD"),
        ("EUROMUNICIPAL", "EURO MUNICIPAL LTD"),
        ("UNIVERSITY OF YORK", "THE UNIVERSITY OF YORK"),
    ]:
        assert vendor[a] == vendor[b]
    for a, b in [
        ("CASHMASTER INTERNATIONAL LTD", "CARMASTER (UK) LIMITED"),
        ("BEACON CONSTRUCTION & JOINERY LTD", "BEACON CONSTRUCTION & NETWORKS LTD"),
        ("NORTH YORKSHIRE YOUTH", "NORTH YORKSHIRE YOUTH JUSTICE"),
    ]:
        assert vendor[a] != vendor[b]
    assert (names.frame["how"] != "own").sum() > 110
