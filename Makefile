# Everything sets up what it needs and does no work twice. Start with `make demo` or `make test`.
SHELL := /bin/bash
OUT := artifacts
COXSWAIN := $(OUT)/bin/coxswain
GUEST := $(OUT)/bin/coxswain-guest
# NativeAOT links with clang; the one that also compiles the BPF programs.
CLANG := $(firstword $(wildcard $(foreach v,21 20 19 18 17 16,/usr/bin/clang-$(v))) clang)
PUBLISH := dotnet publish -c Release -v quiet --nologo -p:CppCompilerAndLinker=$(CLANG)
SOURCES := $(shell find src -name '*.cs' -o -name '*.csproj' | grep -v /obj/) \
	$(wildcard Directory.*.props native/*.targets prompts/*.md)
GUEST_SOURCES := $(shell find tests/Guest -name '*.cs' -o -name '*.csproj' | grep -v /obj/)

# Every series with sched_ext that Debian has; `newest`, for which there are boots of other machines too, in place of the last.
MATRIX ?= 6.16 6.17 6.18 6.19 7.0 7.1 7.2 newest

.PHONY: help deps build run demo test test-unit test-kernel test-matrix test-clients verifier bench docs lint clean native workloads

help:
	@echo "make demo    measure a service chain while an agent steers the scheduler (in a VM if this kernel has no sched_ext)"
	@echo "make test    run the tests, those of the scheduler on real kernels in a VM: about fifty minutes"
	@echo "make test-kernel   all of the scheduler's tests on three kernels, what measures too, and pods of a real containerd: hours"
	@echo "make test-matrix   the scheduler's tests on all kernels from 6.16 on: hours in an emulated machine"
	@echo "make verifier      record what the kernels' verifiers have to do for the scheduler; a test compares with it"
	@echo "make build   leave $(COXSWAIN)"
	@echo "make run     serve MCP on standard input and output, for your own agent"
	@echo "make bench   workloads under several schedulers, and what the dispatch loop costs, into $(OUT)/bench.json (QUICK=1: in minutes)"
	@echo "make docs    write docs/tools.md and deploy/skills from the server's own lists"
	@echo "make deps lint clean"

deps:
	@build/deps.sh

native: deps
	@$(MAKE) --no-print-directory -s -C native

workloads: deps
	@$(MAKE) --no-print-directory -s -C tests/Workloads

build: native
	@$(MAKE) --no-print-directory -s $(COXSWAIN)

# The recipes of these two run after `native`, whose product is one of their prerequisites.
$(COXSWAIN): $(SOURCES) $(OUT)/native/libcoxswain_native.a
	@echo "  AOT      coxswain"
	@$(PUBLISH) src/Mcp -o $(OUT)/publish/mcp
	@mkdir -p $(@D) && cp $(OUT)/publish/mcp/coxswain $@.tmp && mv $@.tmp $@

$(GUEST): $(SOURCES) $(GUEST_SOURCES) $(OUT)/native/libcoxswain_native.a
	@echo "  AOT      coxswain-guest"
	@$(PUBLISH) tests/Guest -o $(OUT)/publish/guest
	@mkdir -p $(@D) && cp $(OUT)/publish/guest/coxswain-guest $@.tmp && mv $@.tmp $@

run: build
	@exec $(COXSWAIN) mcp

demo: build workloads
	@$(MAKE) --no-print-directory -s $(GUEST)
	@build/containerd.sh
	@build/demo.sh

test: build workloads
	@$(MAKE) --no-print-directory -s $(GUEST)
	@build/test.sh $(SUITES)

test-unit: build
	@build/test.sh unit

test-kernel: build workloads
	@$(MAKE) --no-print-directory -s $(GUEST)
	@build/test.sh kernel-all pods

test-matrix: build workloads
	@$(MAKE) --no-print-directory -s $(GUEST)
	@COXSWAIN_KERNELS="$(MATRIX)" build/test.sh kernel-all

verifier: build
	@$(MAKE) --no-print-directory -s $(GUEST)
	@build/verifier.sh

test-clients: build
	@build/test.sh clients

bench: build workloads
	@$(MAKE) --no-print-directory -s $(GUEST)
	@build/bench.sh --output $(OUT)/bench.json --pages $(OUT)/bench $(if $(QUICK),--quick)

docs: native
	@dotnet build tests/Mcp.Tests -v quiet --nologo
	@COXSWAIN_WRITE_DOCS=1 $(OUT)/bin/Coxswain.Mcp.Tests/debug_linux-x64/Coxswain.Mcp.Tests -noColor -class '*.DocumentTests'

lint: native
	@dotnet format Coxswain.slnx --verify-no-changes --no-restore

clean:
	@rm -rf $(OUT)
