import datetime as dt
from pathlib import Path

import pytest

from techalign.client import list_clients, load_client
from techalign.errors import ClientError, InputError, MissingTableError, TableError
from techalign.intake.rows import ROW_MODELS
from techalign.report import data_used
from tests.example_client import example_client


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    example_client(tmp_path, "acme", name='Acme "Best" Tools', currency="GBP")
    return tmp_path


def test_a_new_client_loads_with_every_table_clean(clients: Path) -> None:
    client = load_client(clients, "acme", as_of="2026-06-30")
    assert set(client.tables) == {name for name, model in ROW_MODELS.items() if model.begins}
    assert set(ROW_MODELS) - set(client.tables) == {"decisions"}
    assert all(table.quarantine.empty for name, table in client.tables.items() if name != "ledger")
    assert client.as_of == dt.date(2026, 6, 30)
    assert client.profile.name == "Acme 'Best' Tools"
    assert list_clients(clients) == ["acme"]


def test_the_example_is_whole_or_not_there(clients: Path) -> None:
    with pytest.raises(ClientError, match="exists already"):
        example_client(clients, "acme", name="x", currency="USD")
    assert not list(clients.glob(".*"))


@pytest.mark.parametrize("name", ["../acme", "Acme", "a b", "", "-a", "a-", "a/b", "a" * 65, "ä"])
def test_ids_that_could_leave_the_folder_are_refused(clients: Path, name: str) -> None:
    with pytest.raises(ClientError, match="is not a client id"):
        load_client(clients, name)


def test_missing_tables_say_what_they_would_enable(clients: Path) -> None:
    (clients / "acme" / "partners.csv").unlink()
    client = load_client(clients, "acme", tables=["partners", "ledger"])
    assert client.table("partners").empty
    said = "this page shows how many signed partners will sell, and when. It takes, one row each: "
    assert said in client.how_to_add("partners")
    assert "“techalign draft acme” proposes it" in client.how_to_add("vendors")
    asked, _, drafted = client.how_to_add("players").partition(". ")
    assert "the command “techalign questionnaire acme” writes what an owner answers" in asked
    assert "“techalign draft acme” proposes" in drafted
    assert "“techalign questionnaire acme” writes" in client.how_to_add("assessment")
    # a client's page names no file
    assert client.missing("partners") == (
        "Nothing is recorded of the partners; once it is, this page shows how many signed "
        "partners will sell, and when."
    )
    with pytest.raises(MissingTableError) as caught:
        client.require("ledger", "partners")
    assert caught.value.tables == ("partners",)
    assert said in str(caught.value)
    with pytest.raises(KeyError, match="was not asked for"):
        client.table("vendors")


def test_a_table_may_not_link_out_of_the_folder(clients: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("date,vendor_raw,amount\n2026-01-01,A,1\n")
    link = clients / "acme" / "ledger.csv"
    link.unlink()
    link.symlink_to(outside)
    with pytest.raises(InputError, match="link that leaves the client's folder"):
        load_client(clients, "acme", tables=["ledger"])


def test_one_table_in_two_files_is_an_error(clients: Path) -> None:
    (clients / "acme" / "ledger.tsv").write_text("x")
    with pytest.raises(TableError, match=r"holds ledger\.csv and ledger\.tsv"):
        load_client(clients, "acme", tables=["ledger"])


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (("employees = 12", "employees = 0"), "'employees': Input should be greater"),
        (("employees = 12", ""), "'employees': Field required"),
        (("employees = 12", "employes = 12"), "'employees': Field required"),
        (('currency = "GBP"', 'currency = "pounds"'), "'currency'"),
        (("employees = 12", "employees = "), "is not valid TOML"),
    ],
)
def test_a_wrong_profile_names_the_field(
    clients: Path, edit: tuple[str, str], problem: str
) -> None:
    profile = clients / "acme" / "client.toml"
    profile.write_text(profile.read_text().replace(*edit))
    with pytest.raises(InputError) as caught:
        load_client(clients, "acme")
    assert str(caught.value).startswith("acme/client.toml: ")
    assert problem in str(caught.value)


def test_folders_that_are_no_clients(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="holds no client"):
        list_clients(tmp_path)
    with pytest.raises(ClientError, match="is not a folder"):
        list_clients(tmp_path / "nothing")
    (tmp_path / "Bad Name").mkdir()
    assert list_clients(tmp_path) == ["Bad Name"]
    with pytest.raises(ClientError, match="'Bad Name'"):
        load_client(tmp_path, "Bad Name")
    with pytest.raises(ClientError, match="there is no such client"):
        load_client(tmp_path, "nobody")


def test_the_day_is_the_argument_then_the_profile_then_today(clients: Path) -> None:
    assert load_client(clients, "acme", tables=[]).as_of == dt.date.today()
    profile = clients / "acme" / "client.toml"
    profile.write_text(profile.read_text().replace("# as_of", "as_of"))
    assert load_client(clients, "acme", tables=[]).as_of == dt.date(2026, 6, 30)
    with pytest.raises(ClientError, match="is not a day"):
        load_client(clients, "acme", tables=[], as_of="30/06/2026")


def test_what_is_there_is_not_called_missing(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    (folder / "channel_plan.csv").write_text("month,target,direct\n2020-01-01,500,0\n")
    (folder / "services.csv").write_text("partner,service,volume,hours_each,wage\nall,x,many,1,1\n")
    (folder / "pipeline.csv").unlink()
    client = load_client(tmp_path, "acme")
    assert client.missing("channel_plan").startswith("Nothing recorded of the channel plan falls")
    assert client.missing("services").startswith(
        "Nothing could be read of the services; once it can"
    )
    assert client.missing("pipeline").startswith("Nothing is recorded of the pipeline; once it is")


def test_a_table_of_sales_with_a_header_alone_is_no_sale_yet_and_a_missing_one_is_not_known(
    clients: Path,
) -> None:
    file = clients / "acme" / "partner_revenue.csv"
    rows = file.read_text()
    header = rows.splitlines()[0]
    for text in (header, f"{header}\n", f"\ufeff{header.replace(',', ';')}\r\n;;;\r\n"):
        file.write_text(text)
        client = load_client(clients, "acme", tables=["partners", "partner_revenue"])
        client.require("partners", "partner_revenue")
        said = "The table of partner revenue holds no rows: read as no sale yet."
        assert client.none_yet("partner_revenue") == client.missing("partner_revenue") == said
        assert client.table("partner_revenue").empty
        assert "it holds no rows" in data_used(client).html
    file.unlink()
    client = load_client(clients, "acme", tables=["partners", "partner_revenue"])
    assert client.none_yet("partner_revenue") == ""
    with pytest.raises(MissingTableError, match="Handed in without a row it means no sale yet"):
        client.require("partners", "partner_revenue")
    # rows of which none could be read are no sign that nothing was sold
    file.write_text(f"{header}\nNobody We Know,2026-01-01,5,1\n")
    client = load_client(clients, "acme", tables=["partners", "partner_revenue"])
    assert client.none_yet("partner_revenue") == ""
    with pytest.raises(TableError, match="not one of its 1 rows"):
        client.require("partner_revenue")


def test_of_other_tables_a_header_alone_is_an_error(clients: Path) -> None:
    file = clients / "acme" / "partner_investment.csv"
    file.write_text("partner,month,amount,kind\n")
    with pytest.raises(TableError, match="has a header but no rows"):
        load_client(clients, "acme", tables=["partner_investment"])
