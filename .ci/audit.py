"""Ask the OSV database whether any version pinned in lock files has a known advisory.

One request for all packages, with the standard library alone, so that nothing has to be
installed to find out whether what would be installed is sound. Where the database cannot be
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

SERVICE = "https://api.osv.dev/v1/querybatch"
PATIENCE = 10  # seconds
AT_ONCE = 1000  # queries the service takes in a request
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def pinned(lock: str) -> set[tuple[str, str]]:
    """Names and versions that a lock file pins."""
    return set(_PIN.findall(lock))


def advisories(pins: list[tuple[str, str]], service: str) -> dict[tuple[str, str], list[str]]:
    """The advisories of each pin that has any; OSError or ValueError if the service fails."""
    found = {}
    for start in range(0, len(pins), AT_ONCE):
        asked = pins[start : start + AT_ONCE]
        queries = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in asked
        ]
        request = urllib.request.Request(
            service,
            data=json.dumps({"queries": queries}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            results = json.load(answer)["results"]
        if len(results) != len(asked):
            raise ValueError(f"{len(results)} answers to {len(asked)} questions")
        for pin, result in zip(asked, results, strict=True):
            if result.get("vulns"):
                found[pin] = sorted(each["id"] for each in result["vulns"])
    return found


def main() -> int:
    """Exit 1 if there are advisories, 0 if there are none or nobody could be asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--service", default=SERVICE)
    options = parser.parse_args()
    pins = sorted(set().union(*(pinned(lock.read_text("utf-8")) for lock in options.locks)))
    try:
        found = advisories(pins, options.service)
    except (OSError, HTTPException, ValueError, KeyError) as error:
        reason = getattr(error, "reason", None) or error
        print(f"audit: {len(pins)} pins were not checked, {options.service}: {reason}")
        return 0
    for (name, version), ids in found.items():
        print(f"audit: {name} {version}: {', '.join(ids)}")
    print(f"audit: {len(pins)} pins checked, {len(found)} with advisories")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
