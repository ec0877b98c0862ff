"""Build the site from the pages of the repository: each keeps its place, so that links between them hold.

Pages that are only in the site are made here: the quick start out of the README, and the gallery out of the packages,
each with its picture, its intent and its numbers. A diagram of a page is drawn as a picture, since nothing is loaded
from elsewhere. A link to a file that is no page leads to the repository at the tag of this version.
Usage: site_pages.py FOLDER
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
KRMFN = Path(sys.executable).with_name("krmfn")
_PROJECT = tomllib.loads((ROOT / "functions" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = f"{_PROJECT['urls']['Source']}/blob/v{_PROJECT['version']}"
_FENCE = re.compile(r"^( *)(```+).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
_MERMAID = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\(|href=\"|^\[[^\]]+\]: )(?!https?://|#|mailto:)([^)\s\"#]+)(#[^)\s\"]*)?", re.MULTILINE)
_SECTIONS = ("Install", "Two commands", "Capacity and cost", "With kpt", "Environments", "With kustomize")


def pages() -> list[str]:
    """Return the paths of all pages that git knows, but those of tests and examples."""
    done = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=True)
    names = done.stdout.decode().split("\0")
    return [name for name in names if name and not re.search(r"(^|/)(tests|templates|build)/", name)]


def staged(name: str, text: str, known: set[str]) -> str:
    """Return a page with links that hold on the site."""

    def lead(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        anchor = match[3] or ""
        inside = next((page for page in (path, f"{path}/README.md") if page in known), "")
        if path in {".", "README.md"}:
            inside = "index.md"
        if inside:
            return f"{match[1]}{posixpath.relpath(inside, posixpath.dirname(name) or '.')}{anchor}"
        return f"{match[1]}{ADDRESS}/{path}{anchor}"

    parts, position = [], 0
    for fence in _FENCE.finditer(text):  # what code shows is no link
        parts += [_LINK.sub(lead, text[position : fence.start()]), fence[0]]
        position = fence.end()
    return "".join([*parts, _LINK.sub(lead, text[position:])])


def with_picture(name: str, text: str, source: Path) -> str:
    """Return a page with its diagram as a picture, which is drawn from the package that it lies in."""
    if not _MERMAID.search(text):
        return text
    folder = (ROOT / name).parent
    if not (folder / "Kptfile").exists():
        return _MERMAID.sub("", text)
    (source / name).with_name("graph.svg").write_text(picture(folder), encoding="utf-8")
    return _MERMAID.sub(
        f"[![Objects of {folder.name} and how they lead to each other](graph.svg)](graph.svg)\n", text, count=1
    )


def picture(package: Path) -> str:
    """Return a picture of a package."""
    return _said("graph", "--output", "svg", str(package))


def _said(*arguments: str) -> str:
    return subprocess.run([str(KRMFN), *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def quick_start() -> str:
    """Return what the README says of the first minutes, and how to begin with what one has."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    lines = [
        "# Quick start",
        "",
        "Three ways to begin; each ends with a package that renders and is checked.",
        "",
        "```sh",
        "krmfn init my-llm --model Qwen/Qwen3-8B   # a model of your own",
        "krmfn adopt my-manifests my-llm           # manifests that you have",
        f"kpt pkg get https://github.com/krm-inference/krm-inference.git/packages/llama-3.1-8b@v{_PROJECT['version']}",
        "```",
        "",
    ]
    return "\n".join(lines) + "".join(f"\n## {title}\n{parts[title]}" for title in _SECTIONS)


def intents_of(folder: Path) -> list[Path]:
    """Return the files of a package that hold an LLMService."""
    return [
        file for file in sorted(folder.glob("*.yaml")) if "\nkind: LLMService\n" in file.read_text(encoding="utf-8")
    ]


def gallery(known: set[str]) -> str:
    """Return a page of all packages: picture, intent and numbers."""
    lines = ["# Gallery", "", "Each package with its objects, what you write, and what it takes and gives.", ""]
    for kptfile in sorted((ROOT / "packages").glob("*/Kptfile")):
        folder = kptfile.parent
        readme = (folder / "README.md").read_text(encoding="utf-8")
        intents = intents_of(folder)
        place = f"packages/{folder.name}"
        about = staged(f"{place}/README.md", readme.split("\n\n")[1], known).replace("](", f"]({place}/")
        about = about.replace(f"]({place}/https://", "](https://")
        drawn = f"gallery/{folder.name}.svg"
        lines += [f"## [{folder.name}]({place}/README.md)", "", about, ""]
        if intents:
            lines += [f"[![Objects of {folder.name} and how they lead to each other]({drawn})]({drawn})", "", "```text"]
            lines += [_said("plan", place).partition("\n\nin all:")[0].strip(), "```", ""]
        for file in intents:
            lines += [f"`{file.name}`", "", "```yaml", file.read_text(encoding="utf-8").strip(), "```", ""]
    return "\n".join(lines)


def stage(source: Path) -> None:
    """Write all pages, pictures and styles into a folder."""
    names = pages()
    known = {"index.md" if name == "README.md" else name for name in names}
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    texts["index.md"] = texts.pop("README.md")
    for name, text in {**texts, "quick-start.md": quick_start()}.items():
        place = source / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(with_picture(name, staged(name, text, known), source), encoding="utf-8")
    (source / "gallery.md").write_text(gallery(known), encoding="utf-8")
    (source / "gallery").mkdir()
    for kptfile in (ROOT / "packages").glob("*/Kptfile"):
        if not intents_of(kptfile.parent):
            continue
        drawn = picture(kptfile.parent)
        (source / "gallery" / f"{kptfile.parent.name}.svg").write_text(drawn, encoding="utf-8")
    shutil.copy(SITE / "site.css", source)


def main() -> int:
    """Build the site into the folder that is named, and return the status of mkdocs."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    target = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="krm-site-") as place:
        source = Path(place) / "docs"
        source.mkdir()
        stage(source)
        config = (SITE / "mkdocs.yml").read_text(encoding="utf-8")
        (Path(place) / "mkdocs.yml").write_text(f"docs_dir: docs\nsite_dir: {target}\n{config}", encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", f"{place}/mkdocs.yml"]
        done = subprocess.run(
            command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, stderr=subprocess.PIPE, check=False
        )
        told = [line for line in done.stderr.decode().splitlines() if not line.startswith("INFO")]
        print("\n".join(told), file=sys.stderr, end="\n" if told else "")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
