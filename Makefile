# Onggi's front door. Every target does its own set-up: any of them can be the first thing run on a fresh machine.
# As root on Debian 12 or newer with git, make and a JDK 25.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
DESTDIR ?=

# One place decides which JDK and which Go everything below uses (tools/find-jdk.sh, tools/find-go.sh).
with_tools = tools/with-tools.sh

sources := $(shell find proto/src shim/src cni-bridge/src cri-server/src shim/Makefile pom.xml */pom.xml .mvn \
             deploy/config.toml tools/dist -type f 2>/dev/null)

# Seconds for each target of `make fuzz`; `make test` gives each a few.
FUZZ_SECONDS ?= 300

.PHONY: help setup build demo run test fuzz vmtest critest bench fmt check clean install

help: ## this list
	@echo "Onggi, a Kubernetes container runtime. make <target>:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

setup: ## install by apt what is missing to build and test
	@tools/setup.sh test

build: build/dist/.complete ## build/dist: onggid, onggi, onggi-shim with a Java runtime of their own

build/dist/.complete: $(sources)
	@tools/setup.sh build
	@$(with_tools) tools/dist/build.sh

demo: ## the main job, shown: real pods through the real crictl, each claim measured
	@tools/setup.sh test
	@$(MAKE) build
	@$(with_tools) e2e/demo/demo.sh

run: ## a daemon in the foreground, state under build/run, and the crictl command to type
	@tools/setup.sh test
	@$(MAKE) build
	@$(with_tools) tools/run.sh

test: ## everything that must hold, and that nothing is left behind (what CI runs)
	@tools/setup.sh test
	@$(with_tools) tools/test.sh

fuzz: ## fuzz targets, Java and C, FUZZ_SECONDS (300) each; inputs that break one are left in cri-server/target/fuzz
	@tools/setup.sh test
	@$(with_tools) tools/fuzz.sh $(FUZZ_SECONDS)

vmtest: ## cgroup v2 and systemd for real: a QEMU node, both cgroup drivers (10 minutes where there is no KVM)
	@tools/setup.sh vm
	@$(MAKE) build
	@$(with_tools) e2e/node/run.sh

critest: ## Kubernetes' own validation suite (critest v1.36.0) against images built here
	@tools/setup.sh critest
	@$(MAKE) build
	@$(with_tools) e2e/critest/run.sh

bench: ## Onggi and Debian's containerd + runc in turn, ratios and bars
	@tools/setup.sh bench
	@$(MAKE) build
	@$(with_tools) e2e/bench/bench.sh

fmt: ## format Java, C and Go in place
	@tools/setup.sh test
	@$(with_tools) tools/fmt.sh

check: ## formatting, lint, layering, unit tests: the part of `make test` that starts no daemon
	@tools/setup.sh test
	@$(with_tools) tools/test.sh --check-only

clean: ## remove everything that was built
	@rm -rf build */target
	@if [ -f shim/Makefile ]; then $(MAKE) -C shim clean >/dev/null; fi

install: build ## into PREFIX (/usr/local), under DESTDIR for packages
	@tools/install.sh "$(DESTDIR)" "$(PREFIX)"
