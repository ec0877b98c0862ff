"""`.krmignore` as kpt reads it, which is not as git reads `.gitignore`.

kpt 1.0.0-beta.56 matches by monochromegane/go-gitignore (20200626010858-205db1a8cc00) and Go's `filepath.Match`:

- a pattern with slashes in it matches the end of a path, at any depth: `d/x` is also `a/d/x`;
- `*` and `**` match within one name alone: `**/x` is `a/x`, and not `x`;
- one that begins with a slash matches the whole path, one that ends with a slash folders alone;
- a pattern with `!` wins over all others, wherever it stands; a pattern that is none matches nothing.
"""

from __future__ import annotations

import re

from krm_functions_sdk.document.pattern import pattern

# A line that names files and folders at any depth, or is a comment: no pattern has to be compiled for it.
_PLAIN_NAME = pattern(r"\w[\w.-]*|\.[\w-][\w.-]*")
_TOKEN = pattern(r"(\*)|(\?)|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^\[\\])", re.DOTALL)
_META = frozenset("*?[")


class IgnoreFile:
    """The patterns of an ignore file."""

    def __init__(self, text: str = "") -> None:
        self._names: set[str] = set()
        self._ignored: list[_Pattern] = []
        self._kept: list[_Pattern] = []
        for written in text.splitlines():
            line = written.strip(" ")
            if _PLAIN_NAME.fullmatch(line):
                self._names.add(line)
            elif line.strip("/!") and not line.startswith("#"):
                line = line.removeprefix("\\") if line.startswith("\\#") else line
                (self._kept if line.startswith("!") else self._ignored).append(_Pattern(line.removeprefix("!")))

    def matches(self, path: str, *, is_folder: bool = False) -> bool:
        """Say whether a file or folder is ignored; `path` is relative to the ignore file, with slashes."""
        parts = path.split("/")
        if any(pattern.matches(parts, is_folder=is_folder) for pattern in self._kept):
            return False
        ignored = (pattern.matches(parts, is_folder=is_folder) for pattern in self._ignored)
        return parts[-1] in self._names or any(ignored)


class _Pattern:
    def __init__(self, text: str) -> None:
        self.is_whole = text.startswith("/")
        self.is_of_folders = text.endswith("/")
        bare = text.strip("/")
        self.depth = bare.count("/") + 1
        self.regex = re.compile(_regex(bare) if _META & set(text) else re.escape(bare), re.DOTALL)

    def matches(self, parts: list[str], *, is_folder: bool) -> bool:
        if self.is_of_folders and not is_folder:
            return False
        if self.depth > len(parts) or (self.is_whole and self.depth != len(parts)):
            return False
        return self.regex.fullmatch("/".join(parts[-self.depth :])) is not None


def _regex(pattern: str) -> str:
    """Return the regular expression of a pattern of `filepath.Match`, one that matches nothing where it is none."""
    found, at = "", 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return r"(?!)"
        at = token.end()
        if token[1] or token[2]:
            found += "[^/]*" if token[1] else "[^/]"
        elif token[4]:
            found += f"(?!/)[{token[3]}{token[4].replace('[', chr(92) + '[')}]"
        else:
            found += re.escape(token[5] or token[6])
    try:
        re.compile(found)
    except re.error:
        return r"(?!)"
    return found
