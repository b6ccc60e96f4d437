# Everything a developer, an operator or the continuous integration does, by one short name each.
# `make` alone lists them. Nothing here needs a running database or a browser window.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What a run can be told: `make run LISTEN=127.0.0.1:9000 DEMO_FLAGS='--seed 7'`.
LISTEN ?= 127.0.0.1:8080
DEMO_FLAGS ?=
BENCH_FLAGS ?=
TEST_FLAGS ?=
# Without the network: `make audit DENY_CHECKS='bans licenses sources'`.
DENY_CHECKS ?= advisories bans licenses sources

QUICK := target/quick/smartqueue
PAGES := web/dist/index.html
SCHEMATHESIS := target/schemathesis
PAGE_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help run build release pages test test-rust test-loom test-web test-oauth test-api test-browser lint format audit bench clean-pages
.NOTPARALLEL:

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: build ## build, then show the demo in the browser's reach
	exec $(QUICK) demo --listen $(LISTEN) $(DEMO_FLAGS)

build: $(PAGES) ## the program, quick to compile: target/quick/smartqueue
	@.ci/prepare.sh cargo cc
	cargo build --profile quick --bin smartqueue

release: $(PAGES) ## the program as it is shipped: target/release/smartqueue
	@.ci/prepare.sh cargo cc
	cargo build --release --locked --bin smartqueue

pages: $(PAGES) ## the pages that the program carries: web/dist

$(PAGES): $(PAGE_SOURCES) web/node_modules/.installed
	npm --prefix web run --silent build
	@touch $@

web/node_modules/.installed: web/package-lock.json
	@.ci/prepare.sh node
	npm --prefix web ci --no-audit --no-fund
	@touch $@

test: test-web lint test-rust test-loom test-oauth test-api test-browser ## everything that must pass before a change is shared

test-rust: $(PAGES) ## the program's tests, on SQLite and on PostgreSQL
	@.ci/prepare.sh cargo cc postgres
	export SMARTQUEUE_TEST_REQUIRE_POSTGRES=1; \
	if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --workspace --no-fail-fast $(TEST_FLAGS); \
	else cargo test --workspace --no-fail-fast $(TEST_FLAGS); fi

test-loom: ## the hand-over to a socket, under every interleaving
	@.ci/prepare.sh cargo
	RUSTFLAGS="--cfg loom" cargo test -p outbox --release --test loom --target-dir target/loom

# Not `npm run check`: that builds the pages again, and new pages mean compiling their crate again.
test-web: $(PAGES) ## the pages: house rules, size, unit tests
	cd web && node scripts/house.mjs && npm run --silent size && npm test

test-oauth: $(PAGES) ## the certified OAuth libraries of JavaScript, against a program of their own
	@.ci/prepare.sh cargo cc node
	cargo test --workspace --no-run --test cli
	npm --prefix web run --silent test:oauth

test-api: $(PAGES) $(SCHEMATHESIS) ## the API, tried at random by its own OpenAPI document
	cargo test --workspace --no-run --test cli
	$(SCHEMATHESIS)/bin/python .ci/api.py target/debug/smartqueue

$(SCHEMATHESIS): .ci/requirements.txt
	@.ci/prepare.sh python
	rm -rf $@
	python3 -m venv $@
	$@/bin/pip install --quiet --requirement $<
	@touch $@

# The program as the other tests have built it: other features would mean compiling nearly everything again.
test-browser: $(PAGES) ## the pages in a real browser, against a demo of their own
	@.ci/prepare.sh cargo cc node browser
	cargo test --workspace --no-run --test cli
	.ci/browser.sh target/debug/smartqueue

lint: $(PAGES) ## format, and clippy without a warning
	@.ci/prepare.sh cargo cc
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

format: ## lay the code out
	cargo fmt --all

audit: ## licences, bans, sources and known holes of what we depend on
	@cargo deny --version >/dev/null 2>&1 || { \
		echo "missing: cargo-deny. Run: cargo install cargo-deny --locked" >&2; exit 1; }
	cargo deny check $(DENY_CHECKS)

bench: $(PAGES) ## the benchmarks; record what matters in benches/RESULTS.md
	cargo bench --workspace -- $(BENCH_FLAGS)

clean-pages: ## forget the built pages and what built them
	rm -rf web/dist web/node_modules
