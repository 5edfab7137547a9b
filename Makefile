# Everything a contributor can do. `make help` lists it.
SWIFT ?= swift
PREFIX ?= /usr/local
# Raw-pointer code needs no exclusivity checks; SwiftPM calls the flag unsafe, so it is passed here and not in Package.swift.
FLAGS := -Xswiftc -enforce-exclusivity=unchecked
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

SEED ?= 1
FUZZ := Tools/fuzz/run.py --interp $${AMPHIS:-.build/release/amphis} --seed $(SEED) $(if $(COUNT),--count $(COUNT))

.PHONY: help deps build debug run test scripts stress lint format bench bench-compile fuzz-compiler fuzz-errors fuzz-parser conformance validate-lowering install clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

deps: ## install what is missing (libpython3-dev, libgmp-dev, pkg-config; apt)
	@command -v $(SWIFT) >/dev/null || { echo "A Swift toolchain (6.3 or later) is needed on PATH: https://swift.org/install"; exit 1; }
	@missing=""; for p in libpython3-dev libgmp-dev pkg-config python3; do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; $(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing </dev/null; else echo "nothing to install"; fi

build: deps ## build the release executable: .build/release/amphis
	$(SWIFT) build -c release $(FLAGS) --product amphis

debug: deps ## build for debugging: .build/debug/amphis
	$(SWIFT) build $(FLAGS) --product amphis

run: build ## build, then run the main example
	.build/release/amphis --warn-lossy=summary examples/packages.py

test: deps ## run all tests
	$(SWIFT) test $(FLAGS) --no-parallel

scripts: ## run the scripts of Tests/Python with AMPHIS=path, compared with CPython
	Tools/run_scripts.py --interp $${AMPHIS:-.build/debug/amphis} Tests/Python

stress: ## run a part of the scripts with a collection at every allocation and the heap checker
	Tools/run_scripts.py --interp $${AMPHIS:-.build/debug/amphis} --options "-X gcstress -X gccheck" --timeout 600 Tests/Python/evaluator

lint: ## check the format of the sources
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

format: ## format the sources
	$(SWIFT) format -i -r Package.swift Sources Tests

bench: build ## measure beside /usr/bin/python3, write docs/benchmarks.md
	Tools/bench.py --interp .build/release/amphis --write docs/benchmarks.md

conformance: build ## run a test module of CPython's suite: make conformance TEST=test_dict
	.build/release/amphis -m unittest -v test.$(or $(TEST),test_dict)

fuzz-compiler: ## compare 50,000 made-up programs' code objects with CPython's: SEED= COUNT=
	$(FUZZ) code

fuzz-errors: ## the same for 20,000 broken programs' errors: SEED= COUNT=
	$(FUZZ) errors

fuzz-parser: ## the same for 1,000,000 extreme, broken and random sources; none may kill or hang the compiler: SEED= COUNT=
	$(FUZZ) parser

bench-compile: build ## time and memory of compiling the standard library beside /usr/bin/python3, into docs/benchmarks.md
	Tools/bench_compile.py --interp .build/release/amphis --write docs/benchmarks.md

validate-lowering: deps ## verify, lower and validate every code object of the standard library
	AMPHIS_LOWERING_ALL=1 $(SWIFT) test $(FLAGS) --filter LoweringTests

install: build ## install to PREFIX (default /usr/local)
	install -D -m 755 .build/release/amphis $(DESTDIR)$(PREFIX)/bin/amphis

clean: ## remove what was built
	rm -rf .build
