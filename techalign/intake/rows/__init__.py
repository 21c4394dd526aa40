"""The tables a client folder can hold, one pydantic row model each."""

from __future__ import annotations

from techalign.intake.rows.common import Row
from techalign.intake.rows.partners import (
    ChannelPlanRow,
    PartnerEventRow,
    PartnerInvestmentRow,
    PartnerRevenueRow,
    PartnerRow,
    PipelineRow,
    ServiceRow,
)
from techalign.intake.rows.spending import (
    AssetRow,
    ContractRow,
    InitiativeRow,
    LedgerRow,
    OptionRow,
    SupplierRow,
    VendorNameRow,
)
from techalign.intake.rows.vendors import MitigationRow, VendorEventRow, VendorRow

__all__ = ["ROW_MODELS", "Row"]

ROW_MODELS: dict[str, type[Row]] = {
    model.table: model
    for model in (
        LedgerRow,
        ContractRow,
        AssetRow,
        InitiativeRow,
        OptionRow,
        SupplierRow,
        VendorNameRow,
        VendorRow,
        VendorEventRow,
        MitigationRow,
        PartnerRow,
        PartnerRevenueRow,
        PipelineRow,
        PartnerInvestmentRow,
        PartnerEventRow,
        ChannelPlanRow,
        ServiceRow,
    )
}
