#!/usr/bin/env bash
# Sees to it that the named tools are there: installs by apt what is missing and may be installed,
# else says what to do and stops. Usage: .ci/prepare.sh [cargo] [cc] [node] [postgres] [python] [browser]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=.ci/tools.sh
. .ci/tools.sh

say() { printf '%s\n' "$*" >&2; }

# install PACKAGE...: by apt, as root or through sudo.
install() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        say "missing: $*. Install what your system calls these Debian packages, then try again."
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "missing: $*. Run: sudo apt-get install $*"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "installing $* …"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_cargo() {
    command -v cargo >/dev/null && return
    say "missing: cargo. Install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer with rustup, then try again."
    exit 1
}

need_cc() {
    command -v cc >/dev/null || install gcc libc6-dev
}

node_major() {
    command -v npm >/dev/null || { echo 0; return; }
    node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || echo 0
}

need_node() {
    [ "$(node_major)" -ge "$NODE_MAJOR_MIN" ] && return
    # Only when the distribution's own is new enough is it worth installing.
    local offered
    offered=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\).*/\1/p' || true)
    if [ "${offered:-0}" -ge "$NODE_MAJOR_MIN" ] && [ "$(node_major)" -eq 0 ]; then
        install nodejs npm
    else
        say "missing: Node.js $NODE_MAJOR_MIN or newer with npm, to build the pages. Install it, then try again."
        exit 1
    fi
}

need_postgres() {
    [ -n "$(postgres_bin)" ] || install postgresql
}

need_python() {
    python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || install python3-venv
}

need_browser() {
    [ -n "$(browser)" ] || install chromium
}

for tool in "$@"; do
    "need_$tool"
done
