"""Ask the index whether anything that is locked has a known vulnerability, by pip-audit.

Usage: audit.py [LOCK...], by default all locks. The status is 1 where something has one. Where the index does not
answer, it is said that nothing was audited, as a warning of GitHub too, and the status is 3: whoever calls it decides.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "release/requirements.lock", "site/requirements.lock")
UNANSWERED = 3
_SIGNS = ("ConnectionError", "ServiceError", "Max retries", "ProxyError", "Failed to connect", "Could not connect",
          "ConnectionRefused", "HTTPError", "timed out")  # fmt: skip


def audit(lock: str) -> int:
    """Audit one lock, and return its status."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off", "-r",
               str(ROOT / lock)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        print(f"{lock}: nothing that is known")
        return 0
    if any(sign in done.stderr for sign in _SIGNS):
        reason = done.stderr.strip().splitlines()[-1][:300]
        print(f"{lock}: NOT audited, the index gave no answer: {reason}")
        if os.environ.get("GITHUB_ACTIONS"):
            print(f"::warning file={lock}::not audited, the index gave no answer")
        return UNANSWERED
    print(f"{lock}:\n{done.stdout}{done.stderr}")
    return 1


def main() -> int:
    """Audit all, and return the worst status: a finding before no answer."""
    found = {audit(lock) for lock in sys.argv[1:] or LOCKS}
    return 1 if 1 in found else max(found)


if __name__ == "__main__":
    sys.exit(main())
