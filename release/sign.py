"""Sign images by their digests, and attest to each its bill of materials and its provenance, by cosign.

Usage: sign.py IMAGES BILL PROVENANCE [--key FILE]

  IMAGES      a file with a line NAME@DIGEST for each image, as push.py prints them
  BILL        a bill of materials in CycloneDX, as sbom.py writes it
  PROVENANCE  a predicate of SLSA v1, as provenance.py prints it
  --key FILE  sign by this key, whose password is COSIGN_PASSWORD, and leave no entry in a public log;
              without it, a run at GitHub signs by its own identity, and the log keeps it
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from push import images


def commands(image: str, bill: str, provenance: str, key: str = "") -> list[list[str]]:
    """Return the commands that sign an image and attest to it."""
    by = ["--key", key, "--use-signing-config=false", "--tlog-upload=false"] if key else []
    return [
        ["cosign", "sign", "--yes", *by, image],
        ["cosign", "attest", "--yes", *by, "--type", "cyclonedx", "--predicate", bill, image],
        ["cosign", "attest", "--yes", *by, "--type", "slsaprovenance1", "--predicate", provenance, image],
    ]


def main() -> None:
    """Be the command."""
    parser = argparse.ArgumentParser(usage=(__doc__ or "").partition("Usage: ")[2])
    for name in ("images", "bill", "provenance"):
        parser.add_argument(name)
    parser.add_argument("--key", default="")
    given = parser.parse_args()
    if not shutil.which("cosign"):
        sys.exit("sign.py needs cosign on the PATH")
    for image in images(Path(given.images)):
        for command in commands(image, given.bill, given.provenance, given.key):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{image} is not signed: {' '.join(command[:2])}: {done.stderr.strip()}")
        print(f"{image}: signed, with bill of materials and provenance", flush=True)


if __name__ == "__main__":
    main()
