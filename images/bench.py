"""Measure the images that `make images` built: what each adds to its base, and how long a container of it takes.

Times are medians over the rounds of one run, each beside that of /bin/true in the same image: the ratio is what
outlives the machine.
"""

import json
import statistics
import subprocess
import time

from build import BASE, PROJECT, STAGE, engine, image_of

ROUNDS = 10
RUN = ["run", "--rm", "-i", "--network", "none", "--user", "nobody", "--security-opt=no-new-privileges"]
TITLES = ("function", "MB over base", "true ms", "--help ms", "ratio", "example ms", "ratio")


def size(run: str, image: str) -> float:
    """Return the size of an image in MB."""
    details = json.loads(subprocess.run([run, "image", "inspect", image], stdout=subprocess.PIPE, check=True).stdout)
    return float(details[0]["Size"]) / 1e6


def milliseconds(command: list[str], stdin: bytes) -> float:
    """Return how long one command takes; an example of a mistake may end with 1."""
    start = time.perf_counter()
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if done.returncode > 1:
        raise SystemExit(done.stderr.decode())
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Print a row for each function, measured on the longest of its examples."""
    run = engine()
    base = size(run, BASE)
    print(f"{TITLES[0]:24}" + "".join(f"{title:>14}" for title in TITLES[1:]))
    for function in PROJECT["entry-points"]["krm_functions"]:
        image = image_of(function)
        example = max((path.read_bytes() for path in (STAGE / "examples" / function).iterdir()), key=len)
        commands = ([*RUN, "--entrypoint", "/bin/true", image], [*RUN, image, "--help"], [*RUN, image])
        rounds = [[milliseconds([run, *command], example) for command in commands] for _ in range(ROUNDS)]
        true, usage, work = (statistics.median(times) for times in zip(*rounds, strict=True))
        cells = (f"{size(run, image) - base:.1f}", f"{true:.0f}", f"{usage:.0f}", f"{usage / true:.2f}")
        print(f"{function:24}" + "".join(f"{c:>14}" for c in (*cells, f"{work:.0f}", f"{work / true:.2f}")), flush=True)


if __name__ == "__main__":
    main()
