"""Push the images of all functions to a registry, and print each by its digest: what is to be signed.

Usage: push.py REGISTRY, such as ghcr.io/krm-inference or localhost:5000/krm-inference.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SPEC = importlib.util.spec_from_file_location("build", ROOT / "images" / "build.py")
assert _SPEC is not None
assert _SPEC.loader is not None
BUILD = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(BUILD)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PUSHED = re.compile(r"[\w.:/-]+@sha256:[0-9a-f]{64}")


def images(file: Path) -> list[str]:
    """Return the images of a file that `push.py` printed, each NAME@DIGEST."""
    found = file.read_text(encoding="utf-8").split()
    wrong = [image for image in found if not _PUSHED.fullmatch(image)]
    if wrong or not found:
        sys.exit(f"{file}: found {', '.join(wrong) or 'nothing'}, expected lines NAME@sha256:…, as push.py prints them")
    return found


def push(run: str, image: str, target: str) -> str:
    """Push a local image under another name and return that name with the digest that the registry has."""
    subprocess.run([run, "tag", image, target], check=True)
    if run == "podman":
        insecure = ["--tls-verify=false"] if target.startswith(("localhost:", "127.0.0.1:")) else []
        with tempfile.NamedTemporaryFile() as file:
            command = [run, "push", "--quiet", *insecure, "--digestfile", file.name, target]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found = Path(file.name).read_text(encoding="utf-8")
    else:
        done = subprocess.run([run, "push", target], check=True, stdout=subprocess.PIPE, text=True)
        found = "".join(_DIGEST.findall(done.stdout)[-1:])
    if not _DIGEST.fullmatch(found.strip()):
        sys.exit(f"{target}: the registry named no digest")
    return f"{target.rpartition(':')[0]}@{found.strip()}"


def main() -> None:
    """Push all."""
    if len(sys.argv) != 2:
        sys.exit("usage: push.py REGISTRY")
    run = BUILD.engine()
    for function in BUILD.FUNCTIONS:
        image = BUILD.image_of(function)
        print(push(run, image, f"{sys.argv[1]}/{image.rpartition('/')[2]}"), flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed, see above: {' '.join(error.cmd[:3])} … (exit {error.returncode})")
