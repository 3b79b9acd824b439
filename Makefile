# What a person types. Every check itself is in `cargo xtask`; this file finds the tools and names the ways in.
#
#   make demo [FOR=30]   a contact centre in motion, until Ctrl-C or for so many seconds
#   make test            every check there is, from nothing, in one command      make test-full   with the long runs
#   make build           the program, and where it lies                          make bench       how fast it is here
#   make tools           everything the above needs from the system

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build demo test test-full bench tools cargo nextest

export PATH := $(PATH):$(HOME)/.cargo/bin
TARGET := $(or $(CARGO_TARGET_DIR),target)

# A command and the Debian package that brings it. Building wants a C compiler for SQLite and npm for the wallboard's page.
BUILD_NEEDS := cc:gcc node:nodejs npm:npm
TEST_NEEDS := $(BUILD_NEEDS) chromium:chromium sipp:sip-tester baresip:baresip-core ip:iproute2 nft:nftables psql:postgresql openssl:openssl
ALL_NEEDS := $(TEST_NEEDS) espeak-ng:espeak-ng sox:sox

# Installs what is missing, or says what to install. Exit code 2: could not run.
define need
@missing=; \
for pair in $(1); do command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; done; \
if [ -z "$$missing" ]; then exit 0; fi; \
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "installing$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
else \
	echo "missing:$$missing. Install them (sudo apt-get install$$missing) and try again." >&2; exit 2; \
fi
endef

# On a terminal, in a process group of its own, as a shell with job control starts it: else Ctrl-C, which ends the demo with its
# report and 0, would end make too, with 130.
DEMO = demo="$(TARGET)/debug/switchboard demo $(if $(FOR),--for $(FOR)s)"; \
if [ -t 0 ] && [ -t 1 ]; then exec bash --norc --noprofile -ic "$$demo; exit \$$?"; else exec $$demo; fi

help:
	@sed -n 's/^#   //p' Makefile

cargo:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust from https://rustup.rs and try again." >&2; exit 2; }
	$(call need,$(BUILD_NEEDS))

nextest: cargo
	@cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest

# The wallboard's page is built first: the program takes it in.
build: cargo
	@cargo xtask web
	@cargo build -p switchboard
	@echo "the program lies in $(abspath $(TARGET))/debug/switchboard"

demo: cargo
	@cargo xtask web
	@cargo build -p switchboard
	@$(DEMO)

test: nextest
	$(call need,$(TEST_NEEDS))
	@cargo xtask ci

test-full: nextest
	$(call need,$(TEST_NEEDS))
	@cargo xtask ci --full

bench: cargo
	@cargo xtask bench

tools: nextest
	$(call need,$(ALL_NEEDS))
