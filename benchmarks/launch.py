"""Run a command and say what it cost, from a small process: a child's peak memory begins with that of its parent."""

import os
import sys
import time


def main() -> None:
    """Print CPU seconds, elapsed seconds, peak memory in KiB and the exit status to standard error."""
    quiet = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    elapsed = time.perf_counter() - start
    cost = (used.ru_utime + used.ru_stime, elapsed, used.ru_maxrss, os.waitstatus_to_exitcode(status))
    print(*cost, file=sys.stderr)


if __name__ == "__main__":
    main()
