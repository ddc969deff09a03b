# Everything sets up what it needs and does no work twice. Start with `make demo` or `make test`.
SHELL := /bin/bash
OUT := artifacts
COXSWAIN := $(OUT)/bin/coxswain
GUEST := $(OUT)/bin/coxswain-guest
SOURCES := $(shell find src -name '*.cs' -o -name '*.csproj' | grep -v /obj/) \
	$(wildcard Directory.*.props native/*.targets prompts/*.md build/publish.sh build/executables.proj)
GUEST_SOURCES := $(shell find tests/Guest -name '*.cs' -o -name '*.csproj' | grep -v /obj/)

# Every series with sched_ext that Debian has; `newest`, for which there are boots of other machines too, in place of the last.
MATRIX ?= 6.16 6.17 6.18 6.19 7.0 7.1 7.2 newest

.PHONY: help deps build run demo test test-unit test-kernel test-matrix test-clients verifier bench bench-docs bundle docs lint clean native workloads executables

help:
	@echo "make demo    measure a service chain while an agent steers the scheduler (in a VM if this kernel has no sched_ext)"
	@echo "make test    run the tests, those of the scheduler on real kernels in a VM: about an hour"
	@echo "make test-kernel   all of the scheduler's tests on three kernels, what measures too, and pods of a real containerd: hours"
	@echo "make test-matrix   the scheduler's tests on all kernels from 6.16 on: hours in an emulated machine"
	@echo "make verifier      record what the kernels' verifiers have to do for the scheduler; a test compares with it"
	@echo "make build   leave $(COXSWAIN)"
	@echo "make run     serve MCP on standard input and output, for your own agent"
	@echo "make bench   workloads under several schedulers, and what the dispatch loop costs, into $(OUT)/bench.json (QUICK=1: in minutes)"
	@echo "make bench-docs    put the figures of the last \`make bench\` into docs/benchmarks and the documents that quote them"
	@echo "make bundle  $(OUT)/coxswain.mcpb, for desktop clients (URL=where it will be: and $(OUT)/server.json, for the registry)"
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
	@build/publish.sh $@

$(GUEST): $(SOURCES) $(GUEST_SOURCES) $(OUT)/native/libcoxswain_native.a
	@build/publish.sh $@

# Both at once, which takes a tenth less than one after the other.
executables: native workloads
	@stale=; for file in $(COXSWAIN) $(GUEST); do $(MAKE) -sq $$file || stale="$$stale $$file"; done; \
	[ -z "$$stale" ] || build/publish.sh $$stale

run: build
	@exec $(COXSWAIN) mcp

demo: executables
	@build/containerd.sh
	@build/demo.sh

test: executables
	@build/test.sh $(SUITES)

test-unit: build
	@build/test.sh unit

test-kernel: executables
	@build/test.sh kernel-all pods

test-matrix: executables
	@COXSWAIN_KERNELS="$(MATRIX)" build/test.sh kernel-all

verifier: executables
	@build/verifier.sh

test-clients: build
	@build/test.sh clients

bench: executables
	@build/bench.sh --output $(OUT)/bench.json --pages $(OUT)/bench $(if $(QUICK),--quick)

# What was measured last becomes what the documents say; `make test` compares them.
bench-docs: build
	@dotnet build tests/Benchmarks -c Release -v quiet --nologo
	@rm -f docs/benchmarks/*.svg
	@$(OUT)/bin/Coxswain.Benchmarks/release_linux-x64/Coxswain.Benchmarks --from $(OUT)/bench.json --output docs/benchmarks/bench.json \
		--pages docs/benchmarks --quote README.md --quote docs/benchmarks.md --quote docs/architecture.md >/dev/null

bundle: build
	@build/bundle.sh --output $(OUT)/coxswain.mcpb $(if $(URL),--url $(URL))

docs: native
	@dotnet build tests/Mcp.Tests -c Release -v quiet --nologo
	@COXSWAIN_WRITE_DOCS=1 $(OUT)/bin/Coxswain.Mcp.Tests/release_linux-x64/Coxswain.Mcp.Tests -noColor -class '*.DocumentTests'

lint: native
	@dotnet format Coxswain.slnx --verify-no-changes --no-restore

clean:
	@rm -rf $(OUT)
