#!/usr/bin/env bash
# Runs schemathesis (PyPI) against the OpenAPI document that a real server serves, with an operator's key and with an account's.
# Red: a server error, an answer that is not described, or no schemathesis. EXAMPLES bounds the requests of each operation.
# With `fetch` it only brings schemathesis here, which needs nothing of ours.
set -euo pipefail
cd "$(dirname "$0")/.."
examples=${EXAMPLES:-12}
version=4.32.5

venv=.cache/schemathesis-$version
if [ ! -x "$venv/bin/schemathesis" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi
if [ "${1:-}" = fetch ]; then exit 0; fi

scratch=$(mktemp -d)
# Root's database lies outside a folder that only root may enter, and would stay there.
chmod 711 "$scratch"
server=''
finish() {
  if [ -n "$server" ]; then kill -INT "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap finish EXIT

PATH="$PWD/node_modules/.bin:$PATH"
node tools/build.mjs
: >"$scratch/out" # the loop below may look before the server's process has begun
RINGFENCE_DATA_DIR="$scratch/data" RINGFENCE_PORT=0 RINGFENCE_SANDBOX_SPEED=100 node apps/server/dist/main.js >"$scratch/out" 2>"$scratch/log" &
server=$!
for _ in $(seq 1800); do
  url=$(sed -n 's/^Ringfence is ready at \(http:[^ ]*\).*/\1/p' "$scratch/out")
  [ -n "$url" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$scratch/out" "$scratch/log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$url" ] || { echo 'the server was not ready within 180 s' >&2; exit 1; }

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,ignored_auth
ask() { # ask KEY PATH BODY FIELD
  curl -sSf -X POST "$url/api/v1$2" -H "x-api-key: $(cat "$scratch/data/$1")" -H 'content-type: application/json' -d "$3" |
    sed -n "s/.*\"$4\":\"\([^\"]*\)\".*/\1/p"
}
# Things to ask about that may be suspended and revoked without harm to the rest.
account=$(ask admin-key /accounts '{"name":"Schemathesis","currency":"USD"}' id)
key_id=$(ask admin-key /keys "{\"account_id\":\"$account\",\"label\":\"to be revoked\",\"mode\":\"test\",\"preset\":\"Make calls\"}" id)
call_id=$(ask sandbox-key /voice/calls/initiate '{"from_number":"+15005550100","to_number":"+15005550006"}' id)
[ -n "$account" ] && [ -n "$key_id" ] && [ -n "$call_id" ]
cat >"$scratch/schemathesis.toml" <<TOML
[parameters]
"path.account_id" = ["$account"]
"path.key_id" = ["$key_id"]
"path.call_id" = ["$call_id"]
TOML

# Streams are left out: their answers do not end.
for key in admin-key sandbox-key; do
  # Its own report goes to a file: its closing line reads like that of a test run in which nothing was tested.
  report="$scratch/$key.report"
  if ! "$venv/bin/schemathesis" --config-file "$scratch/schemathesis.toml" run "$url/api/docs/openapi.json" \
    --header "x-api-key: $(cat "$scratch/data/$key")" \
    --checks "$checks" --max-examples "$examples" --seed 1 --request-timeout 10 --generation-database none --no-color \
    --exclude-path-regex '/stream$' --phases examples,coverage,fuzzing --workers 1 >"$report" 2>&1; then
    cat "$report" >&2
    tail -n 20 "$scratch/log" >&2
    exit 1
  fi
  echo "with the $key: $(sed -n 's/^ *\([0-9]* generated, .*\)/\1/p' "$report")"
done
if grep -qE '"level":"(error|fatal)"' "$scratch/log"; then
  echo 'the server has logged a fault of its own:' >&2
  grep -E '"level":"(error|fatal)"' "$scratch/log" | head -n 5 >&2
  exit 1
fi
