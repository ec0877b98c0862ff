"""Search fields by value, pattern, path and file, and write values or comments to those that are found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from krm_functions_sdk import Field, Resource, ResourceList

GLOB = re.compile(r"(\*\*/)|(\*\*)|(\*)|(\?)|\[[!^](.+?)\]|\[(.+?)\]|\{(.+?)\}|\\?(.)")
PARTS = ("", "(?:.*/)?", ".*", "[^/]*", "[^/]", "[^{}/]", "[{}]", "(?:{})", "{}")


@dataclass
class SearchReplace:
    """Search fields, and write values or comments to those that are found."""

    by_value: str | None = field(default=None, metadata={"name": "by-value"})
    by_value_regex: str | None = field(default=None, metadata={"name": "by-value-regex"})
    by_path: str = field(default="", metadata={"name": "by-path"})
    by_file_path: str = field(default="**", metadata={"name": "by-file-path"})
    put_value: str | None = field(default=None, metadata={"name": "put-value"})
    put_comment: str | None = field(default=None, metadata={"name": "put-comment"})

    def __call__(self, resources: ResourceList) -> None:
        """Edit what is found, and say how much that is."""
        count = 0
        for resource in resources.select(lambda each: re.fullmatch(pattern(self.by_file_path), each.path or "")):
            found = list(self.found(resource))
            count += len(found)
            for each, match in found:
                if self.put_value is not None:
                    text = match.expand(groups(self.put_value))
                    is_text = isinstance(each.value, str)
                    resource.set(each.path, text if is_text else Resource(f"value: {text}\n").get("value"))
                if self.put_comment is not None:
                    resource.set_comment(each.path, match.expand(groups(self.put_comment)))
            asks = self.by_value is not None or self.by_value_regex is not None or "*" in self.by_path
            if not found and not asks and self.by_path and self.put_value and resource.find(self.by_path) is None:
                resource.set(self.by_path, self.put_value)
        resources.results.info(f"matched {count} field(s)")

    def found(self, resource: Resource) -> Iterator[tuple[Field, re.Match[str]]]:
        """Yield the scalars that all matchers take, and what the regular expression found in each."""
        for each in resource.walk(self.by_path):
            value = str(each.value).lower() if isinstance(each.value, bool) else str(each.value)
            match = re.fullmatch(self.by_value_regex or "(?s:.*)", value)
            if each.is_scalar and match and self.by_value in (None, value):
                yield each, match


def groups(text: str) -> str:
    r"""Return a text with `\g<1>` for `${1}`."""
    return re.sub(r"\$\{(\d+)\}", r"\\g<\1>", text.replace("\\", "\\\\"))


def pattern(glob: str) -> str:
    """Return the regular expression of a file pattern."""
    return GLOB.sub(lambda found: PARTS[found.lastindex or 0].format(re.escape(found[found.lastindex or 0])), glob)
