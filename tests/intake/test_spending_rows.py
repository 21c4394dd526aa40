"""Rules over several columns of the spending tables."""

from techalign.intake.rows.spending import InitiativeRow


def _initiative(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "id": "crm", "name": "Customer database", "purpose": "generate", "cost_per_quarter": 4000,
        "hours_per_quarter": 120.0, "benefit_low": 3000, "benefit_mode": 14000,
        "benefit_high": 30000, "p_success": 0.6, "duration": 2,
    }  # fmt: skip
    return row | changes


def test_what_new_columns_hold_where_an_older_table_lacks_them() -> None:
    row = InitiativeRow.model_validate(_initiative(after="backup"))
    assert (row.replaces, row.imitation) == ("", "middle")
