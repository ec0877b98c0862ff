"""Verify images as users do: by the commands of SECURITY.md, word by word.

Usage: verify.py IMAGES [--key FILE]

  IMAGES      a file with a line NAME@DIGEST for each image, as push.py prints them
  --key FILE  verify by this public key what `sign.py --key` signed; without it, by the identity that SECURITY.md names
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from push import images

PAGE = Path(__file__).resolve().parent.parent / "SECURITY.md"


def script(image: str, key: str = "") -> str:
    """Return the commands of SECURITY.md for an image, and for a key where one is given."""
    blocks = [block.partition("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```sh\n")[1:]]
    (text,) = (block for block in blocks if "cosign verify" in block)
    values = {"IMAGE": shlex.quote(image)}
    if key:
        values["SIGNER"] = f"(--key {shlex.quote(key)} --insecure-ignore-tlog)"
    for name, value in values.items():
        text, count = re.subn(rf"^{name}=.*$", f"{name}={value}".replace("\\", r"\\"), text, flags=re.MULTILINE)
        if count != 1:
            sys.exit(f"{PAGE.name}: found {count} lines {name}=…, expected one")
    return text


def main() -> int:
    """Be the command, and return its exit status: 1 where an image is not what it says."""
    parser = argparse.ArgumentParser(usage=(__doc__ or "").partition("Usage: ")[2])
    parser.add_argument("images")
    parser.add_argument("--key", default="")
    given = parser.parse_args()
    if not shutil.which("cosign"):
        sys.exit("verify.py needs cosign on the PATH")
    status = 0
    for image in images(Path(given.images)):
        command = ["bash", "-euo", "pipefail", "-c", script(image, given.key)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        reason = "".join(done.stderr.strip().splitlines()[-1:])
        print(f"{image}: {f'NOT verified: {reason}' if done.returncode else 'verified'}", flush=True)
        status |= done.returncode
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
