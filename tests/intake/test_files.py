import pytest

from techalign.storage import spreadsheet_safe


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|x", "-1+1", "@SUM(1)", "\t=1", "\r=1", "=HYPERLINK(0)"]
)
def test_a_formula_becomes_text(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"
    assert spreadsheet_safe(spreadsheet_safe(text)) == f"'{text}", "once is enough"


@pytest.mark.parametrize("cell", ["Oak & Sons", "-12.50", "+1,200", "", "a=b", 3, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert spreadsheet_safe(cell) == cell
