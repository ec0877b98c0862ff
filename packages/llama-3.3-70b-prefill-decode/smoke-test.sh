#!/bin/sh
# Asks the services of this package what their users will ask, and says one verdict a line.
# usage: smoke-test.sh [URL]  where the Gateway answers; without it kubectl is asked. Needs curl.
# Exits with 0 where every answer is as expected, 1 where one is not, 2 where nothing could be asked.
# Written by `krmfn smoke-test` from the LLMServices of the package.
set -u
given=${1:-}
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
  printf '%-4s %s: %s\n' "$1" "$2" "$3"
}

send() { # path, and the body where there is one
  set -- "$1" "${2-}"
  method=GET
  if [ -n "$2" ]; then
    method=POST
    printf '%s\n' 'Content-Type: application/json' >>"$folder/headers"
    printf '%s' "$2" >"$folder/body"
  fi
  # TLS: what is asked here is whether the service answers, by an address that no certificate names.
  status=$(curl --silent --show-error --insecure --max-time 120 --request "$method" --header "@$folder/headers" \
    ${2:+--data-binary "@$folder/body"} --output "$folder/answer" --write-out '%{http_code}' "$address$1" \
    2>"$folder/error") || status=none
  case " $expected " in
    *" $status "*) ;;
    *)
      said=$(cat "$folder/error" "$folder/answer" 2>/dev/null | tr '\n\r' '  ' | cut -c 1-300)
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
    'header '*) printf '%s\n' "$value" >>"$folder/headers" ;;
    'holds '*) printf '%s\n' "$value" >>"$folder/holds" ;;
    'GET '*) send "$value" ;;
    'POST '*) send "${value%% *}" "${value#* }" ;;
  esac
done <<'END_OF_REQUESTS'
gateway - llama-70b-pd http 80
ask llama-70b-pd: list of models
expect 200
holds "meta-llama/Llama-3.3-70B-Instruct"
GET /v1/models
ask llama-70b-pd: completion of meta-llama/Llama-3.3-70B-Instruct
expect 200
holds "choices"
POST /v1/completions {"model": "meta-llama/Llama-3.3-70B-Instruct", "prompt": "Say hello.", "max_tokens": 8}
ask llama-70b-pd: chat of meta-llama/Llama-3.3-70B-Instruct
expect 200
holds "choices"
POST /v1/chat/completions {"model": "meta-llama/Llama-3.3-70B-Instruct", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
ask llama-70b-pd: chat with a prompt for a prefill server
expect 200
holds "choices"
POST /v1/chat/completions {"model": "meta-llama/Llama-3.3-70B-Instruct", "messages": [{"role": "user", "content": "word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word. Say hello."}], "max_tokens": 8}
ask llama-70b-pd: chat without an objective
expect 200
holds "choices"
POST /v1/chat/completions {"model": "meta-llama/Llama-3.3-70B-Instruct", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
ask llama-70b-pd: unknown model is refused
expect 404 400
POST /v1/chat/completions {"model": "no-such-model", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
END_OF_REQUESTS
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
