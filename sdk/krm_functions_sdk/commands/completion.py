"""krmfn completion: commands and options, for the shells that people use."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import registry
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn completion bash|zsh|fish

Writes the completion of a shell to standard output: commands, their options, and files. To have it in each session:

  bash  krmfn completion bash > ~/.local/share/bash-completion/completions/krmfn
  zsh   krmfn completion zsh > ~/.zfunc/_krmfn, with fpath+=~/.zfunc before compinit in ~/.zshrc
  fish  krmfn completion fish > ~/.config/fish/completions/krmfn.fish"""
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_NO_COMMANDS = ("__init__", "options", "watch")
_EVERYWHERE = ("--help", "--quiet")
_BASH = """\
_krmfn() {
  local word=${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="%(commands)s --help --quiet --version"
  else
    case ${COMP_WORDS[1]} in
%(cases)s
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _krmfn krmfn
"""
_ZSH = """\
#compdef krmfn
_krmfn() {
  if (( CURRENT == 2 )); then
    compadd -- %(commands)s --help --quiet --version
    return
  fi
  case $words[2] in
%(cases)s
  esac
  _files
}
if [ "$funcstack[1]" = _krmfn ]; then _krmfn "$@"; else compdef _krmfn krmfn; fi
"""
_FISH = "complete -c krmfn -n __fish_use_subcommand -f -a '%(commands)s'\n%(cases)s\n"


def main(arguments: list[str]) -> int:
    """Write the completion. Raises Misuse."""
    operands = options.parse(arguments, {}).operands
    shells = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if len(operands) != 1 or operands[0] not in shells:
        found = f", found {' '.join(operands)}" if operands else ""
        raise Misuse(f"completion takes one of {', '.join(shells)}{found}")
    print(shells[operands[0]](flags()), end="")
    return 0


def flags() -> dict[str, list[str]]:
    """Return the options of each command, as its usage names them."""
    names = [file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in _NO_COMMANDS]
    modules = {name: f"krm_functions_sdk.commands.{name}" for name in names}
    modules |= {name: command.value.partition(":")[0] for name, command in registry.commands().items()}
    return {name: _flags(module) for name, module in sorted(modules.items())}


def _flags(module: str) -> list[str]:
    try:
        usage = str(getattr(import_module(module), "USAGE", ""))
    except Exception:  # noqa: BLE001  # a command that cannot be loaded has no options, and the others do
        usage = ""
    return sorted({*_FLAG.findall(usage), *_EVERYWHERE})


def _bash(found: dict[str, list[str]]) -> str:
    cases = "\n".join(f'    {name}) words="{" ".join(options)}" ;;' for name, options in found.items())
    return _BASH % {"commands": " ".join(found), "cases": cases}


def _zsh(found: dict[str, list[str]]) -> str:
    cases = "\n".join(f"    {name}) compadd -- {' '.join(options)} ;;" for name, options in found.items())
    return _ZSH % {"commands": " ".join(found), "cases": cases}


def _fish(found: dict[str, list[str]]) -> str:
    lines = [
        f"complete -c krmfn -n '__fish_seen_subcommand_from {name}' -l {option.removeprefix('--')}"
        for name, options in found.items()
        for option in options
    ]
    return _FISH % {"commands": " ".join(found), "cases": "\n".join(lines)}
