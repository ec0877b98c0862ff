"""Run inside the image build: fill PYTHONPYCACHEPREFIX with the byte code of all that the functions import.

Byte code of lib/ is written whole. Of the standard library only what a run imports is worth its size, so every function
runs once for its help and once for each of its examples.
"""

import compileall
import subprocess
import sys
from pathlib import Path

root = Path(sys.argv[1])
compileall.compile_dir(root / "lib", quiet=1)
for launcher in sorted((root / "bin").iterdir()):
    command = [sys.executable, "-S", "-P", str(launcher)]
    subprocess.run([*command, "--help"], stdout=subprocess.DEVNULL, check=True)
    for example in sorted((root / "examples" / launcher.name).glob("*.yaml")):
        with example.open("rb") as stdin:  # an example of a mistake ends with 1, as it should
            subprocess.run(command, stdin=stdin, capture_output=True, check=False)
