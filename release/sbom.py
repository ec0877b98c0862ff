"""Write the bill of materials of a release, in CycloneDX: what the locks pin, and our own distributions.

Usage: sbom.py FOLDER, by default dist. The parts come from requirements.lock by cyclonedx-py; our own two are put
beside them, with the digests of their wheels, so that whoever has a file can find it here. An image holds the same
over its base, whose own bill comes with it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from version import version

ROOT = Path(__file__).resolve().parent.parent
NAME = "sbom.cdx.json"
_LICENCE = [{"license": {"id": "Apache-2.0"}}]


def build(folder: Path) -> Path:
    """Write the bill beside the wheels, and return its file."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "--spec-version", "1.6",
               "--output-format", "JSON", str(ROOT / "requirements.lock")]  # fmt: skip
    bill = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    own = [_component(wheel) for wheel in sorted(folder.glob("*.whl"))]
    refs = [part["bom-ref"] for part in bill["components"]]
    bill["metadata"]["component"] = {
        "type": "application", "bom-ref": "release", "name": "krm-inference", "version": version(),
        "licenses": _LICENCE,
    }  # fmt: skip
    bill["components"] += own
    bill["dependencies"] = [
        *(item for item in bill.get("dependencies", ()) if item["ref"] not in ("release", "root-component")),
        {"ref": "release", "dependsOn": sorted([*refs, *(part["bom-ref"] for part in own)])},
    ]
    file = folder / NAME
    file.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return file


def _component(wheel: Path) -> dict[str, object]:
    name = wheel.name.split("-")[0].replace("_", "-")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {
        "type": "library", "bom-ref": name, "name": name, "version": version(), "licenses": _LICENCE,
        "purl": f"pkg:pypi/{name}@{version()}", "hashes": [{"alg": "SHA-256", "content": digest}],
    }  # fmt: skip


def main() -> None:
    """Write it."""
    print(build(Path(*sys.argv[1:2] or ["dist"])))


if __name__ == "__main__":
    main()
