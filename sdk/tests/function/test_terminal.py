"""What is printed on a terminal fits it, and what nobody looks at stays as it is."""

import io

import pytest
from krm_functions_sdk.function import terminal

HELP = """\
usage: tool [OPTION...] FOLDER

Says what is in a folder, and what of it nobody asked for, in sentences that were broken for a terminal of more
columns than most have. Nothing is changed.

  --all              also what is hidden
  --form NAME, -f    how it is said: as text, which is the default, or as JSON for a program that
                     reads it

The status is 1 where nothing is there."""
TABLE = """\
folder
  first           nothing to change
  second-of-them  one object is another one than before, and so is all that refers to it
                  see the reasons above
[error] folder/file.yaml:12: spec.field: found nothing, expected something, and here is what to do about it now"""


@pytest.mark.parametrize("text", [HELP, TABLE])
@pytest.mark.parametrize("width", [40, 59, 60, 80, 120])
@pytest.mark.parametrize("fit", [terminal.folded, terminal.reflowed])
def test_no_line_is_wider_than_the_terminal(text: str, width: int, fit: object) -> None:
    """And no word is lost, and none is cut."""
    said = fit(text, width)  # type: ignore[operator]  # one of two functions
    assert [line for line in said.splitlines() if len(line) > width] == []
    assert said.split() == text.split()


def test_a_word_that_is_wider_stays_whole() -> None:
    """A path can be copied."""
    path = "/a/long/path/to/a/file/that/somebody/wants/to/open.yaml"
    assert path in terminal.folded(f"[error] {path}: it is broken", 40).splitlines()[1]


def test_where_there_is_no_terminal_nothing_is_broken() -> None:
    """A program may read it line by line."""
    assert terminal.folded(TABLE, 0) == TABLE
    assert terminal.reflowed(HELP, 0) == HELP
    assert terminal.columns(io.StringIO()) == 0


def test_what_was_broken_is_put_together_first() -> None:
    """A narrow terminal gets whole paragraphs, and the meanings of all options stand below them."""
    said = terminal.reflowed(HELP, 40)
    assert "Says what is in a folder, and what of it\nnobody asked for, in sentences" in said
    assert "\n  --all\n      also what is hidden\n  --form NAME, -f\n      how it is said: as text" in said


def test_a_table_keeps_its_last_column() -> None:
    """What does not fit goes on below its beginning; where there is no room for that, below the name."""
    assert (
        "  second-of-them  one object is another one than before, and\n                  so is all"
        in terminal.folded(TABLE, 60)
    )
    assert "  second-of-them\n      one object is another one" in terminal.folded(TABLE, 40)
    assert "  first\n      nothing to change" in terminal.folded(TABLE, 40)


def test_a_message_is_fitted_and_what_moves_the_cursor_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress draws over its own line."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(terminal, "columns", lambda _: 60)
    screen = Screen()
    stream = terminal.Folding(screen)
    bar = f"\r[{'#' * 100}] 1/2 of all"
    print("word " * 40, file=stream)
    print(bar, end="", file=stream)
    said = screen.getvalue()
    assert said.endswith(bar)
    assert all(len(line) <= 60 for line in said.removesuffix(bar).split("\n"))
    assert stream.isatty()
