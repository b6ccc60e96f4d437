# Where the tools are that are not in PATH, or that have several names. Sourced, never run.
# shellcheck shell=bash disable=SC2034

# The oldest Node.js that builds the pages.
NODE_MAJOR_MIN=20

# The folder of the newest installed PostgreSQL server, or nothing. Tests start a cluster of their own from
# it; no running server is needed.
postgres_bin() {
    find /usr/lib/postgresql /usr/pgsql-* -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1 | xargs -r dirname
}

# The browser that the pages are tried in, or nothing.
browser() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
}
