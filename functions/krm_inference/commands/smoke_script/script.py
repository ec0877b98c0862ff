"""The requests as a shell script: POSIX sh and curl.

What comes from an intent stands in a here-document that the shell does not expand, and is read as data. No value of an
intent is ever a part of a command.
"""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.commands.smoke_script import requests
from krm_inference.domain.service import LLMService

END = "END_OF_REQUESTS"
_HEAD = """\
#!/bin/sh
# Asks the services of this package what their users will ask, and says one verdict a line.
# usage: smoke-test.sh [URL]  where the Gateway answers; without it kubectl is asked. Needs curl.
# Exits with 0 where every answer is as expected, 1 where one is not, 2 where nothing could be asked.
# Written by `krmfn smoke-test` from the LLMServices of the package.
set -u
given=${1:-@ADDRESS@}
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
command -v curl >/dev/null || { echo "FAIL curl is not installed"; exit 2; }
passed=0 failed=0 asked='' address=''

# Takes the address that was given, or the one that the Gateway has.
find_address() { # namespace name scheme port
  if [ -n "$given" ]; then
    address=$given
    return
  fi
  command -v kubectl >/dev/null || { echo "FAIL no address: give a URL, or install kubectl"; exit 2; }
  if [ "$1" = - ]; then set -- '' "$2" "$3" "$4"; fi
  host=$(kubectl get gateway "$2" ${1:+--namespace="$1"} -o 'jsonpath={.status.addresses[0].value}') || exit 2
  [ -n "$host" ] || { echo "FAIL Gateway $2 has no address yet"; exit 2; }
  address=$3://$host:$4
}

verdict() { # whether it passed, what was asked, and what came
  if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  printf '%-4s %s: %s\\n' "$1" "$2" "$3"
}

send() { # path, and the body where there is one
  set -- "$1" "${2-}"
  method=GET
  if [ -n "$2" ]; then
    method=POST
    printf '%s\\n' 'Content-Type: application/json' >>"$folder/headers"
    printf '%s' "$2" >"$folder/body"
  fi
  # TLS: what is asked here is whether the service answers, by an address that no certificate names.
  status=$(curl --silent --show-error --insecure --max-time 120 --request "$method" --header "@$folder/headers" \\
    ${2:+--data-binary "@$folder/body"} --output "$folder/answer" --write-out '%{http_code}' "$address$1" \\
    2>"$folder/error") || status=none
  case " $expected " in
    *" $status "*) ;;
    *)
      said=$(cat "$folder/error" "$folder/answer" 2>/dev/null | tr '\\n\\r' '  ' | cut -c 1-300)
      verdict FAIL "$asked" "got $status, expected ${expected%% *}. $said"
      return ;;
  esac
  while IFS= read -r text; do
    if ! grep -qF -e "$text" "$folder/answer"; then
      verdict FAIL "$asked" "got $status, but the answer does not hold $text"
      return
    fi
  done <"$folder/holds"
  verdict ok "$asked" "$status"
}

while IFS= read -r line; do
  value=${line#* }
  case "$line" in
    'gateway '*)
      # shellcheck disable=SC2086 # four words without spaces
      find_address $value
      echo "asking $address" ;;
    'ask '*)
      asked=$value
      expected=200
      : >"$folder/headers"; : >"$folder/holds"; rm -f "$folder/answer" ;;
    'expect '*) expected=$value ;;
    'header '*) printf '%s\\n' "$value" >>"$folder/headers" ;;
@KEY@    'holds '*) printf '%s\\n' "$value" >>"$folder/holds" ;;
    'GET '*) send "$value" ;;
    'POST '*) send "${value%% *}" "${value#* }" ;;
  esac
done <<'@END@'
"""
_NEEDS = "Needs curl, and in the variable API_KEY the key of the servers, or the token that the Gateway takes."
_KEY = """\
    key)
      [ -n "${API_KEY-}" ] || { echo "FAIL no API key: set API_KEY to the key of servers or Gateway"; exit 2; }
      printf 'Authorization: Bearer %s\\n' "$API_KEY" >>"$folder/headers" ;;
"""
_TAIL = """\
@END@
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
"""


def text(services: list[LLMService], address: str) -> str:
    """Return the script that asks the services, at an address that it may be given otherwise."""
    keyed = [service for service in services if needs_key(service, services)]
    data = "".join(f"{line}\n" for service in services for line in _lines(service, has_key=service in keyed))
    head = _HEAD.replace("@ADDRESS@", address)
    head = head.replace("@KEY@", _KEY if keyed else "").replace("Needs curl.", _NEEDS if keyed else "Needs curl.")
    return f"{head}{data}{_TAIL}".replace("@END@", END)


def _lines(service: LLMService, *, has_key: bool) -> Iterator[str]:
    gateway, (namespace, name) = service.spec["gateway"], service.gateway
    scheme, port = ("https", gateway["tls"]["port"]) if "tls" in gateway else ("http", gateway["port"])
    yield f"gateway {namespace or '-'} {name} {scheme} {port}"
    for request in requests.of(service):
        yield f"ask {service.name}: {request.what}"
        yield f"expect {' '.join(map(str, request.statuses))}"
        yield from (f"header {key}: {value}" for key, value in request.headers)
        if has_key:
            yield "key"
        yield from (f"holds {text}" for text in request.holds)
        yield f"POST {request.path} {request.body}" if request.body else f"GET {request.path}"


def needs_key(service: LLMService, services: list[LLMService]) -> bool:
    """Say whether the servers ask for a key, or the Gateway for a token."""
    beside = (one.spec["gateway"] for one in services if one.gateway == service.gateway)
    return "apiKeySecret" in service.spec["server"] or any("jwt" in gateway for gateway in beside)
