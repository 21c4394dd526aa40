import subprocess
import sys

import techalign.vendors as vendors


def test_importing_stays_light():
    code = (
        "import sys, techalign.vendors;print([m for m in ('pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_exported_names_exist_and_are_sorted():
    assert vendors.__all__ == sorted(vendors.__all__)
    for name in vendors.__all__:
        assert hasattr(vendors, name), name
