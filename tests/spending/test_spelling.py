"""Normalising supplier names."""

from __future__ import annotations

import pandas as pd
import pytest

from techalign.spending.spelling import is_redacted, normalise

SAME = [
    ("ARCO LTD", "Arco Limited", "arco"),
    ("SQ *JOE'S COFFEE", "Joes Coffee", "joes coffee"),
    ("PAYPAL *SPOTIFY", "Spotify AB", "spotify"),
    ("AMZN Mktp US*2K4", "Amazon Marketplace", "amazon marketplace"),
    ("Café Zürich GmbH", "CAFE ZURICH", "cafe zurich"),
    ("UNIVAR B.V.", "Univar", "univar"),
    ("THE UNIVERSITY OF YORK", "University of York", "university of york"),
    ("N.S.W ELECTRICAL CONTRACTORS", "NSW Electrical Contractors", "nsw electrical contractors"),
    ("MR M J HASSALL", "Mr MJ Hassall", "mr mj hassall"),
    ("RICHARD LANG & SON LTD", "Richard Lang and Son", "richard lang and son"),
    (r"ST PETER\xB4S CHURCH", "ST PETER´S CHURCH", "st peters church"),
    ("BAG IT DON?T BIN IT", "BAG IT DON«T BIN IT", "bag it dont bin it"),
    ("ROSTEK UK LTD", "Rostek (UK) Limited", "rostek"),
    ("BOOKING.COM", "Booking", "booking"),
    ("STARBUCKS STORE 04471", "Starbucks", "starbucks"),
    ("ZOOM.US 888-799-9666 CA", "zoom", "zoom"),
    ("DIRECT DEBIT TO BRITISH GAS REF 88213", "British Gas", "british gas"),
    ("Société Générale S.A.", "SOCIETE GENERALE", "societe generale"),
]


@pytest.mark.parametrize(("a", "b", "expected"), SAME)
def test_ways_to_write_one_name_agree(a: str, b: str, expected: str) -> None:
    assert normalise([a, b]).tolist() == [expected, expected]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Microsoft 365", "microsoft 365"),
        ("TRACKS 2000 (INTERNATIONAL) LTD", "tracks 2000"),
        ("216588", "216588"),
        ("LTD", "ltd"),
        ("O2", "o2"),
        ("RUDDING PARK HOTEL & SPA", "rudding park hotel"),
        ("ELBANE LTD T/A ELLAM LAND SURVEYS", "elbane ta ellam land surveys"),
        ("株式会社テスト", "株式会社テスト"),
    ],
)
def test_what_is_part_of_the_name_stays(name: str, kept: str) -> None:
    assert normalise([name]).iloc[0] == kept


def test_index_and_noise_words_are_respected() -> None:
    names = pd.Series(["Acme Harrogate", "Acme"], index=[7, 9])
    found = normalise(names, noise_words={"harrogate"})
    assert found.index.tolist() == [7, 9]
    assert found.tolist() == ["acme", "acme"]
    assert normalise(names).tolist() == ["acme harrogate", "acme"]


def test_normalising_twice_changes_nothing() -> None:
    once = normalise([pair[0] for pair in SAME])
    assert normalise(once).tolist() == once.tolist()


@pytest.mark.parametrize(
    "name", ["REDACTED - PERSONAL DATA", "Redacted -Personal Data", "name withheld", "Withheld"]
)
def test_redacted(name: str) -> None:
    assert is_redacted(name)


@pytest.mark.parametrize("name", ["REDACTIVE PUBLISHING LTD", "Personal Data Solutions", ""])
def test_not_redacted(name: str) -> None:
    assert not is_redacted(name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Card payment to Oak", "oak"),
        ("Direct debit Oak", "oak"),
        ("Standing order to Oak", "oak"),
        ("POS purchase Oak", "oak"),
        ("Recurring payment Oak", "oak"),
        ("Debit card purchase Oak", "oak"),
        ("Purchase authorized on Oak", "oak"),
        ("ACH debit Oak", "oak"),
        ("DD Oak", "oak"),
        ("Elm dba Oak", "elm ta oak"),
        ("Elm trading as Oak", "elm ta oak"),
        ("Oak sdn bhd", "oak"),
        ("Oak sp z o o", "oak"),
        ("Oak limited liability company", "oak"),
        ("Oak public limited company", "oak"),
    ],
)
def test_names_of_letters_alone_are_read_by_the_same_patterns(name: str, key: str) -> None:
    assert normalise([name, f"{name} "]).tolist() == [key, key]
