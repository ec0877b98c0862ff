"""Build one image per function, for the Python that the base image really has.

The functions are those of functions/pyproject.toml, by their console scripts. The base is the Dockerfile's, unless the
environment names another in BASE_IMAGE. Podman or docker does the work, whichever answers.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAGE = ROOT / "build" / "image"
REGISTRY = "ghcr.io/krm-inference"
RECIPE = ROOT / "Dockerfile"
BASE = os.environ.get("BASE_IMAGE") or re.findall(r"^ARG BASE_IMAGE=(.+)", RECIPE.read_text(), re.MULTILINE)[0]
PROJECT = tomllib.loads((ROOT / "functions" / "pyproject.toml").read_text())["project"]
FUNCTIONS: dict[str, str] = {name: PROJECT["scripts"][name] for name in PROJECT["entry-points"]["krm_functions"]}
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
PROBE = "import json, platform as p; print(json.dumps([p.python_version(), p.machine(), *p.libc_ver()]))"
# What no function imports, of what is installed beside it: commands of krmfn and what these need, and notes of wheels.
NEEDLESS = (
    *(f"krm_functions_sdk/{name}" for name in ("commands", "golden.py", "kpt", "krmfn.py", "templates")),
    *("krm_inference/commands", "*.dist-info/sboms", "*/*.pyi", "*/py.typed"),
)
LAUNCHER = "import sys\n\nfrom {module} import {name}\n\nsys.exit({name}())\n"


def image_of(function: str) -> str:
    """Return the name and tag of a function's image."""
    return f"{REGISTRY}/{function}:v{PROJECT['version']}"


def engine() -> str:
    """Return the first of podman and docker that has an engine behind it; an installed client proves nothing."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    sys.exit("images need podman or docker, and neither answers `info`")


def wheel_options(run: str) -> list[str]:
    """Return pip's options for wheels that fit the base image's own Python and C library."""
    probe = [run, "run", "--rm", "--network", "none", "--entrypoint", "python3", BASE, "-c", PROBE]
    answer = subprocess.run(probe, stdout=subprocess.PIPE, check=True).stdout
    python, machine, libc, release = json.loads(answer)
    if libc != "glibc":
        sys.exit(f"the locked wheels are built for glibc; {BASE} has the C library {libc or 'of an unknown name'}")
    newest = int(release.split(".")[1])
    tags = [*(f"manylinux_2_{minor}" for minor in range(newest, 16, -1)), "manylinux2014"]
    return [f"--python-version={python}", "--implementation=cp", *(f"--platform={tag}_{machine}" for tag in tags)]


def stage(options: list[str]) -> None:
    """Fill build/image: packages in lib/, a launcher per function in bin/, what warms the byte code in examples/."""
    shutil.rmtree(STAGE, ignore_errors=True)
    pip = [*PIP, "--target", str(STAGE / "lib")]
    lock = ["--require-hashes", "--only-binary=:all:", "--requirement", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *options, *lock], check=True)
    with tempfile.TemporaryDirectory() as clean:  # setuptools builds in the tree, and packs what an earlier build left
        stale = shutil.ignore_patterns("build", "*.egg-info")
        rooms = [str(shutil.copytree(ROOT / room, Path(clean, room), ignore=stale)) for room in ("sdk", "functions")]
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", *rooms], check=True)
    for note in ("RECORD", "direct_url.json"):  # pip's own, and different in every build
        for path in (STAGE / "lib").glob(f"*.dist-info/{note}"):
            path.unlink()
    shutil.rmtree(STAGE / "lib" / "bin")  # pip's launchers name this machine's Python
    slim(STAGE / "lib")
    (STAGE / "bin").mkdir()
    for function, target in FUNCTIONS.items():
        module, _, name = target.partition(":")
        (STAGE / "bin" / function).write_text(LAUNCHER.format(module=module, name=name))
        examples = STAGE / "examples" / function
        examples.mkdir(parents=True)
        for source in ROOT.joinpath("functions", *module.split("."), "examples").glob("*/input.yaml"):
            shutil.copy(source, examples / f"{source.parent.name}.yaml")
    for path in STAGE.rglob("*"):  # nobody may read it; and the same content is the same layer, whenever it was staged
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (0, 0))


def slim(lib: Path) -> None:
    """Take out what no run of a function reads."""
    for path in [path for pattern in NEEDLESS for path in lib.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for file in lib.rglob("*.so"):
        file.write_bytes(loaded(file.read_bytes()))


def loaded(elf: bytes) -> bytes:
    """Return a shared object without what stands behind all that is loaded: symbols and debug information.

    The wheel of PyYAML carries 2.3 MB of it. The loader reads the program headers alone; the table of sections, which
    stands at the end, is said to be empty. What is no 64-bit little-endian ELF file comes back as it is.
    """
    if elf[:6] != b"\x7fELF\x02\x01":
        return elf
    start, size, count = (*struct.unpack_from("<Q", elf, 32), *struct.unpack_from("<HH", elf, 54))
    ends = [start + size * count]
    for position in range(start, start + size * count, size):
        offset, length = struct.unpack_from("<Q", elf, position + 8)[0], struct.unpack_from("<Q", elf, position + 32)[0]
        ends.append(offset + length)
    head = bytearray(elf[:64])
    struct.pack_into("<Q", head, 40, 0)  # where the table of sections begins
    struct.pack_into("<HH", head, 60, 0, 0)  # how many there are, and which one has their names
    return bytes(head) + elf[64 : max(ends)]


def main() -> None:
    """Stage what the images hold, then build them."""
    run = engine()
    stage(wheel_options(run))
    for function in FUNCTIONS:
        arguments = {"BASE_IMAGE": BASE, "VERSION": PROJECT["version"], "FUNCTION": function}
        options = [option for name, value in arguments.items() for option in ("--build-arg", f"{name}={value}")]
        build = [run, "build", "--quiet", "--network", "none", *options, "--tag", image_of(function), str(ROOT)]
        subprocess.run(build, stdout=subprocess.DEVNULL, check=True)
        print(image_of(function), flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed, see above: {' '.join(error.cmd[:4])} … (exit {error.returncode})")
