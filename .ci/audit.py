"""Ask the OSV database whether any version pinned in lock files has a known advisory.

With the standard library alone, so that nothing has to be installed to find out whether what
would be installed is sound; a request takes a thousand packages. Where the database cannot be
reached, that is said in one line and nothing fails.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

SERVICE = "https://api.osv.dev/v1/querybatch"
PATIENCE = 10  # seconds
AT_ONCE = 1000  # queries the service takes in a request
# not reached, cut off, or an answer of another form
_UNASKED = (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError)
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def pinned(lock: str) -> set[tuple[str, str]]:
    """Names and versions that a lock file pins."""
    return set(_PIN.findall(lock))


def advisories(pins: list[tuple[str, str]], service: str) -> dict[tuple[str, str], list[str]]:
    """The advisories of each pin that has any; an error of _UNASKED's kinds if the service fails.

    The service's form [1]_: a list of queries, and of results in the same order, each empty or
    with ``vulns``, each of which has an ``id``; where it has more than it gives at once, a
    ``next_page_token`` with which the same query is asked again.

    References
    ----------
    .. [1] https://google.github.io/osv.dev/post-v1-querybatch/
    """
    found: dict[tuple[str, str], set[str]] = {}
    queries = [(pin, _query(*pin)) for pin in pins]
    while queries:
        asked, queries = queries[:AT_ONCE], queries[AT_ONCE:]
        results = _ask([query for _, query in asked], service)
        if len(results) != len(asked):
            raise ValueError(f"{len(results)} answers to {len(asked)} questions")
        for (pin, query), result in zip(asked, results, strict=True):
            told = result or {}
            if told.get("vulns"):
                found.setdefault(pin, set()).update(each["id"] for each in told["vulns"])
            if token := told.get("next_page_token"):
                if token == query.get("page_token"):
                    raise ValueError(f"the same page of {pin[0]} again and again")
                queries.append((pin, {**query, "page_token": token}))
    return {pin: sorted(ids) for pin, ids in found.items()}


def _query(name: str, version: str) -> dict[str, Any]:
    # the database knows a package by its normalised name
    package = {"name": re.sub(r"[-_.]+", "-", name).lower(), "ecosystem": "PyPI"}
    return {"package": package, "version": version}


def _ask(queries: list[dict[str, Any]], service: str) -> list[dict[str, Any] | None]:
    request = urllib.request.Request(
        service,
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        results: list[dict[str, Any] | None] = json.load(answer)["results"]
    return results


def main() -> int:
    """Exit 1 if there are advisories, 0 if there are none or nobody could be asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--service", default=SERVICE)
    options = parser.parse_args()
    pins = sorted(set().union(*(pinned(lock.read_text("utf-8")) for lock in options.locks)))
    if not pins:
        print(f"audit: no version is pinned in {', '.join(map(str, options.locks))}")
        return 1
    try:
        found = advisories(pins, options.service)
    except _UNASKED as error:
        reason = " ".join(str(getattr(error, "reason", None) or error).split())
        print(f"audit: NOT CHECKED, {len(pins)} pins: {options.service} gave no answer: {reason}")
        return 0
    for (name, version), ids in found.items():
        print(f"audit: {name} {version}: {', '.join(ids)}")
    print(f"audit: {len(pins)} pins checked, {len(found)} with advisories")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
