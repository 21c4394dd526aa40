"""A practice's own experience with vendors, kept as a dated file beside the clients.

It is written by a command of its own and not by every run, so that reports stay the same until
it is written again. It holds a curve and counts and no name of a client; of companies only those
that others run on, with what makes their chance to fail the same in all reports.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from techalign.errors import ClientError
from techalign.storage import as_place, read_inside, write_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EXPERIENCE",
    "CurvePoint",
    "Experience",
    "SharedSupplier",
    "load_experience",
    "write_experience",
]

EXPERIENCE = "experience.json"

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CurvePoint(BaseModel):
    """Survival at an age in years: the practice's own with its range, fitted, and published."""

    model_config = _STRICT

    age: float = Field(gt=0)
    own: float | None
    own_low: float | None
    own_high: float | None
    fitted: float
    published: float
    bought: float


class SharedSupplier(BaseModel):
    """What is known of a company that some client's vendors run on, as a vendor of any client."""

    model_config = _STRICT

    vendor: str
    founded: int | None
    size: int | None
    sector: str
    owner_kind: str


class Experience(BaseModel):
    """What the file holds; without one, nothing has been seen and nothing is moved.

    Attributes
    ----------
    as_of : date or None
        Last day of observation.
    companies, closed, acquired, left_out : int
    years : float
        Lived under observation.
    weight : float
        Of the practice's own data in the curve, 0 to 1.
    hazard_ratio : dict of float to float
        Age in years to the cumulative hazard over the published one.
    curve : tuple of CurvePoint
    hubs : tuple of SharedSupplier
    sectors : str
        Whether sectors closed differently at the same age; "" where it cannot be told.
    """

    model_config = _STRICT

    as_of: dt.date | None = None
    companies: int = 0
    closed: int = 0
    acquired: int = 0
    left_out: int = 0
    years: float = 0.0
    weight: float = Field(default=0.0, ge=0.0, le=1.0)
    hazard_ratio: dict[float, float] = Field(default_factory=dict)
    curve: tuple[CurvePoint, ...] = ()
    hubs: tuple[SharedSupplier, ...] = ()
    sectors: str = ""

    @property
    def sentences(self) -> list[str]:
        """What a client may read of it: counts and weight, or nothing."""
        if self.as_of is None:
            return []
        if not self.closed:
            return [
                f"The adviser has seen {self.companies} companies over {self.years:,.0f} "
                f"company-years to {self.as_of:%d %b %Y}, and none has closed so far: the "
                "published survival of businesses stands as it is."
            ]
        return [
            "The published survival of businesses has been moved by what the adviser has seen "
            f"itself: {self.companies} companies over {self.years:,.0f} company-years to "
            f"{self.as_of:%d %b %Y}, of which {self.closed} closed and {self.acquired} were "
            f"bought. That counts for {self.weight:.0%} of the curve, the published figures for "
            "the rest."
        ]

    @property
    def source(self) -> str:
        """How it is named beside a published figure."""
        seen = f"moved by {self.companies} companies of this practice"
        return f"{seen}, weight {self.weight:.0%}" if self.closed else ""

    def known_hubs(self) -> pd.DataFrame:
        """Shared suppliers that are a vendor of some client, as rows of a vendors table."""
        import pandas as pd

        frame = pd.DataFrame(
            [one.model_dump() for one in self.hubs], columns=list(SharedSupplier.model_fields)
        )
        return frame.astype({"founded": float, "size": float})

    def frame(self) -> pd.DataFrame:
        """The curve as a frame, with all columns also where there is none."""
        import pandas as pd

        return pd.DataFrame(
            [point.model_dump() for point in self.curve], columns=list(CurvePoint.model_fields)
        )


def load_experience(clients_dir: str | Path) -> Experience:
    """Read the file; an empty experience where there is none.

    Parameters
    ----------
    clients_dir : str or Path
        The folder of client folders, or its URL.

    Returns
    -------
    Experience

    Raises
    ------
    ClientError
        If the file cannot be read.
    """
    place = as_place(clients_dir)
    try:
        return Experience.model_validate_json(read_inside(place / EXPERIENCE, place))
    except FileNotFoundError:
        return Experience()
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ClientError(
            f"cannot be read: {reason}", where=EXPERIENCE,
            remedy="Write it again with 'techalign experience', or delete it.",
        ) from error  # fmt: skip


def write_experience(experience: Experience, clients_dir: Path) -> Path:
    """Write the file beside the clients' folders."""
    file = clients_dir / EXPERIENCE
    write_whole(file, experience.model_dump_json(indent=1) + "\n")
    return file
