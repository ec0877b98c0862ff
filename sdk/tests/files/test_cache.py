"""The user's cache: whatever is wrong with it, a render is as one without; it is the user's alone, and bounded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from krm_functions_sdk.files import cache, digest
from remembering import Place, each, link, move, said, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from remembering import Change


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def holds(data: Callable[[bytes], bytes]) -> Change:
    """Let what is kept be something else."""

    def change(place: Place) -> None:
        for file in place.kept:
            file.write_bytes(data(file.read_bytes()))

    return change


def is_for(mode: int) -> Change:
    """Let others have the folder too."""
    return lambda place: (place.cache / "krmfn").chmod(mode)


def piped(place: Place) -> None:
    """Put a pipe, which nobody writes to, in the place of what is kept."""
    (file,) = place.kept
    file.unlink()
    os.mkfifo(file)


def linked(place: Place) -> None:
    """Put a link in the place of what is kept."""
    (file,) = place.kept
    file.rename(place.folder / "kept")
    file.symlink_to(place.folder / "kept")


FAULTS: dict[str, Change] = {
    "an empty file": holds(lambda _: b""),
    "half a file": holds(lambda data: data[:-20]),
    "a changed byte": holds(lambda data: data.replace(b"doubt", b"doubs")),
    "no JSON": holds(lambda _: digested(b"\xff{")),
    "JSON that is no answer": holds(lambda _: digested(b"[]")),
    "half an answer": holds(lambda _: digested(b'{"results": [], "steps": [["p"]]}')),
    "a deep list": holds(lambda _: digested(b"[" * 100_000)),
    "more than is read": holds(lambda data: data + b" " * cache.LARGEST),
    "a pipe": piped,
    "a link": linked,
    "a folder that is a link": each(move("cache/krmfn", "moved"), link("cache/krmfn", "../moved")),
    "a folder that is a file": each(move("cache/krmfn", "moved"), write("cache/krmfn", "")),
    "a folder that all may write": is_for(0o777),
    "a folder that a group may write": is_for(0o770),
    "another user's folder": said(BEFORE="os.geteuid = lambda: 12345"),
    "a home that is not there": said(HOME="/nonexistent", XDG_CACHE_HOME=""),
    "no home": said(HOME="", XDG_CACHE_HOME=""),
    "a relative place": said(HOME="home", XDG_CACHE_HOME="cache"),
    "a place that nobody can make": said(XDG_CACHE_HOME="/proc/self"),
}


def digested(data: bytes) -> bytes:
    return digest.of_bytes(data) + data


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_cache_is_no_fault_of_a_render(place: Place, fault: str) -> None:
    """It renders as without a cache, and says no word of it."""
    found = place.remember()
    FAULTS[fault](place)
    assert place.run() == found._replace(remembered=False)


def test_without_a_place_of_its_own_it_is_below_the_home_folder_and_nobody_elses(place: Place) -> None:
    (place.folder / "home").mkdir()
    place.environment.update(XDG_CACHE_HOME="", HOME=str(place.folder / "home"))
    place.remember()
    folder = place.folder / "home" / ".cache" / "krmfn"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


KILL = f"os.kill(os.getpid(), {signal.SIGKILL.value})"
KILLED = {
    "half a file is there": f"from krm_functions_sdk.files import digest; digest.of_bytes = lambda _: {KILL}",
    "it gets its name": f"os.replace = lambda *_, **__: {KILL}",
    "the oldest go": f"from krm_functions_sdk.files import cache; cache._tidy = lambda _: {KILL}",
}


@pytest.mark.parametrize("moment", KILLED)
def test_who_is_killed_while_it_keeps_an_answer_leaves_none_or_all(place: Place, moment: str) -> None:
    environment = place.settings(BEFORE=KILLED[moment])
    done = subprocess.run(place.command(), cwd=place.folder / "work", env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    found = place.run()
    assert place.run("--no-cache") == found._replace(remembered=False)
    place.remember()


def test_the_doctor_says_where_it_is_and_why_it_is_not_used(place: Place) -> None:
    place.remember()
    command = [sys.executable, "-P", "-c", "from krm_functions_sdk.krmfn import main; main()", "doctor", "-o", "json"]
    place.environment["PATH"] = ""  # no other tool is asked

    def found(**environment: str) -> dict[str, str]:
        done = subprocess.run(command, env=place.settings(**environment), capture_output=True, text=True, check=False)
        return next(each for each in json.loads(done.stdout) if each["name"] == "cache")

    assert found()["state"] == "ok"
    assert found()["found"] == f"1 answer, 2 KiB in {place.cache}/krmfn"
    assert found(KRMFN_CACHE="off")["found"] == "off by KRMFN_CACHE"
    assert found(XDG_CACHE_HOME="", HOME="")["state"] == "missing"
    (place.cache / "krmfn").chmod(0o777)
    refused = found()
    assert refused["state"] == "missing"
    assert "is not used: other users may write into it" in refused["found"]


def test_many_at_once_say_the_same(place: Place) -> None:
    """Those that find nothing, those that write the same file, and those that read it."""
    found = place.run("--no-cache")
    run = [
        subprocess.Popen(
            place.command(), cwd=place.folder / "work", env=place.settings(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]  # fmt: skip
    outputs = [process.communicate(timeout=60) for process in run]
    assert {out for out, _ in outputs} == {found.out}
    assert place.run().remembered
    assert len(place.kept) == 1


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setattr(cache, "MOST", 8)
    cache.write("first", b"x")
    (tmp_path / "krmfn" / ".1-abandoned").write_bytes(b"")
    (tmp_path / "krmfn" / ".2-begun").write_bytes(b"")
    os.utime(tmp_path / "krmfn" / ".1-abandoned", (0, 0))
    for number in range(8):
        cache.write(f"n{number}", b"x" * number)
        os.utime(tmp_path / "krmfn" / f"n{number}", (1000 + number, 1000 + number))
    assert cache.read("n7") == b"x" * 7
    assert cache.read("n0") is None
    assert cache.size()[0] == 6
    assert {file.name for file in (tmp_path / "krmfn").glob(".*")} == {".2-begun"}
    cache.write("large", b"x" * cache.LARGEST)
    assert cache.read("large") is None
