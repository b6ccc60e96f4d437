#!/usr/bin/env bash
# Runs the browser tests against a demo of its own: a free port, an empty folder, no simulated customers.
# Usage: .ci/browser.sh PROGRAM. The demo is ended by its process id, whatever happens.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=.ci/tools.sh
. .ci/tools.sh

program=$(realpath "${1:?usage: .ci/browser.sh PROGRAM}")
READY_SECONDS_MAX=30

free_port() {
    node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

# answers URL: whether it answers 200 now.
answers() {
    node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1));' "$1"
}

port=$(free_port)
export SMARTQUEUE_URL="http://127.0.0.1:$port"
export CHROMIUM="${CHROMIUM:-$(browser)}"
folder=$(mktemp -d)
log="$folder/demo.log"

(cd "$folder" && exec "$program" demo --speed 0 --listen "127.0.0.1:$port") >"$log" 2>&1 &
demo=$!
finish() {
    kill "$demo" 2>/dev/null || true
    wait "$demo" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

for ((second = 0; ; second++)); do
    answers "$SMARTQUEUE_URL/healthz" && break
    if ! kill -0 "$demo" 2>/dev/null || [ "$second" -ge "$READY_SECONDS_MAX" ]; then
        printf 'the demo did not become ready at %s; it said:\n' "$SMARTQUEUE_URL" >&2
        cat "$log" >&2
        exit 1
    fi
    sleep 1
done

# For what only an administrator may do. The key is the demo's own, in its folder.
SMARTQUEUE_ADMIN_TOKEN=$(cd "$folder" && SMARTQUEUE__DATABASE__URL=sqlite:data/demo.db "$program" token --tenant demo --role admin --ttl 1h)
export SMARTQUEUE_ADMIN_TOKEN

if ! timeout --kill-after=10 600 npm --prefix web run --silent test:browser; then
    printf 'the browser tests failed; the demo said:\n' >&2
    tail -n 50 "$log" >&2
    exit 1
fi
