"""A job is one client's notebook: what to run, with which values, and where it goes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from techalign.batch.beside import beside
from techalign.batch.keys import (
    client_parts,
    code_parts,
    file_fingerprint,
    job_parts,
    key_of,
)
from techalign.batch.notebook import REVIEW, notebook_title
from techalign.batch.parameters import Parameter, check_parameters, notebook_parameters
from techalign.client.brand import Look, Practice, look_of, read_practice
from techalign.client.folder import check_client_id, read_profile
from techalign.client.profile import Profile
from techalign.client.secrets import secret_value
from techalign.errors import InputError, ParameterError
from techalign.review.history import (
    history_fingerprint,
    quarter_of,
    quarters_kept,
    records_fingerprint,
)
from techalign.review.records import RECORDS, client_records
from techalign.storage import is_remote

__all__ = ["Job", "from_records", "plan_jobs"]


@dataclass(frozen=True)
class Job:
    """One report to make.

    Attributes
    ----------
    client, client_name : str
        The client's id and name.
    notebook : Path
    title : str
        The report's title.
    parameters : dict
        Checked values for the notebook's parameters.
    as_of : str
        The day the report speaks of, ISO.
    folder : Path
        The client's folder of reports.
    key : str
        Fingerprint of all the report is made from.
    problem : str
        Why the job cannot run at all, or "".
    secrets : tuple of str
        Names of the environment variables that hold secrets of this job.
    show_code : bool
        Whether the page holds each step's code, folded.
    made_from : dict of str to str
        The parts of the key, short, so that a later run can say what has changed.
    look : Look
        Names, colours and logos that the page bears.
    """

    client: str
    client_name: str
    notebook: Path
    title: str
    parameters: dict[str, object]
    as_of: str
    folder: Path
    key: str = ""
    problem: str = ""
    secrets: tuple[str, ...] = ()
    show_code: bool = False
    made_from: dict[str, str] = field(default_factory=dict)
    look: Look = field(default_factory=Look)

    @property
    def name(self) -> str:
        """The notebook's name without its ending."""
        return self.notebook.stem

    @property
    def page(self) -> Path:
        """Where the report goes."""
        return self.folder / ("index.html" if self.is_front else f"{self.name}.html")

    @property
    def is_front(self) -> bool:
        """Whether it is the review, made from the records of the client's other reports."""
        return self.name == REVIEW and "reports_dir" in self.parameters


def plan_jobs(
    clients: Sequence[str],
    notebooks: Sequence[Path],
    *,
    clients_dir: Path,
    out: Path,
    given: Mapping[str, object],
    strict: bool,
    show_code: bool = False,
) -> list[Job]:
    """Plan a job for every client and notebook.

    Parameters
    ----------
    clients : sequence of str
        Valid client ids.
    notebooks : sequence of Path
    clients_dir, out : Path
    given : mapping
        Parameter values, as texts or as values; each must be known to some notebook.
    strict : bool
        Raise where a client's profile cannot be read; otherwise its jobs carry the problem.
    show_code : bool
        Whether the pages hold each step's code, folded.

    Returns
    -------
    list of Job

    Raises
    ------
    ParameterError
        If a given value fits no notebook or has the wrong type, or ``as_of`` is no day.
    """
    known, unfit = _parameters_of(notebooks)
    for name in given:
        if not any(name in parameters for parameters in known.values()):
            check_parameters(known[notebooks[0]], {name: given[name]}, notebooks[0].name)
    # absolute, because a cluster's workers run in folders of their own
    out, clients_dir = (p if is_remote(p) else p.resolve() for p in (out, clients_dir))
    jobs = []
    code = code_parts()
    fingerprints = {
        n: ("", "") if n in unfit else (file_fingerprint(n), beside(n, given).fingerprint())
        for n in notebooks
    }
    titles = {n: n.stem if n in unfit else notebook_title(n) for n in notebooks}
    practice = read_practice(Path())
    for client in clients:
        profile, look, problem = _profile(clients_dir / client, practice, strict)
        tables = client_parts(clients_dir / client)
        as_of = str(given.get("as_of") or (profile and profile.as_of) or dt.date.today())
        quarter = _quarter(as_of)
        before = [q for q in quarters_kept(out, client) if q < quarter]
        base: dict[str, object] = {
            "client": client,
            "clients_dir": str(clients_dir),
            "reports_dir": str(out),
            **given,
            "as_of": as_of,
        }
        for notebook in notebooks:
            wanted = {name: value for name, value in base.items() if name in known[notebook]}
            values = check_parameters(known[notebook], wanted, notebook.name)
            key, made_from = key_of(
                job_parts(
                    notebook=fingerprints[notebook][0],
                    beside=fingerprints[notebook][1],
                    parameters={**values, "as_of": as_of, "look": look.model_dump()},
                    client=tables,
                    code=code,
                    history=history_fingerprint(out / client, before, notebook.stem),
                    show_code=show_code,
                )
            )
            jobs.append(
                Job(
                    client=client,
                    client_name=profile.name if profile else client,
                    notebook=notebook,
                    title=titles[notebook],
                    parameters=values,
                    as_of=as_of,
                    folder=out / client,
                    key=key,
                    made_from=made_from,
                    problem=problem or unfit.get(notebook, ""),
                    secrets=_secrets(known[notebook], values),
                    show_code=show_code,
                    look=look,
                )
            )
    return jobs


def from_records(job: Job) -> Job:
    """A review's job, to be made from the client's records as they are now.

    Parameters
    ----------
    job : Job
        The review's, as planned.
    """
    made_from = records_fingerprint(
        job.folder.parent, client_records(job.folder.parent, job.client)
    )
    key = hashlib.sha256(f"{job.key}\0{made_from}".encode()).hexdigest() if job.key else ""
    return replace(job, key=key, made_from={**job.made_from, RECORDS: made_from})


def _parameters_of(
    notebooks: Sequence[Path],
) -> tuple[dict[Path, dict[str, Parameter]], dict[Path, str]]:
    """Each notebook's parameters, and why some cannot run: one never stops the others.

    Raises
    ------
    ParameterError
        If it is the only one.
    """
    known: dict[Path, dict[str, Parameter]] = {}
    unfit = {}
    for notebook in notebooks:
        try:
            known[notebook] = notebook_parameters(notebook)
        except ParameterError as error:
            if len(notebooks) == 1:
                raise
            known[notebook], unfit[notebook] = {}, str(error)
    return known, unfit


def _quarter(as_of: str) -> str:
    try:
        return quarter_of(as_of)
    except ValueError as error:
        raise ParameterError(
            "is not a day", where="as_of", value=as_of, remedy="Write it as 2026-06-30."
        ) from error


def _secrets(known: Mapping[str, Parameter], values: Mapping[str, object]) -> tuple[str, ...]:
    """The environment variables a job's secrets are in; each must be set."""
    named = {p.name: p.default for p in known.values() if p.kind == "Secret"}
    variables = tuple(str(values.get(name, default)) for name, default in named.items())
    for variable in variables:
        secret_value(variable)
    return variables


def _profile(
    folder: Path, practice: tuple[Practice, Path], strict: bool
) -> tuple[Profile | None, Look, str]:
    try:
        check_client_id(folder.name)
        profile = read_profile(folder)
        return profile, look_of(profile.brand, folder, *practice), ""
    except InputError as error:
        if strict:
            raise
        return None, Look(), str(error)
