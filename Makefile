# Everything a contributor can do. `make help` lists it.
SWIFT ?= swift
PREFIX ?= /usr/local
# Raw-pointer code needs no exclusivity checks; SwiftPM calls the flag unsafe, so it is passed here and not in Package.swift.
FLAGS := -Xswiftc -enforce-exclusivity=unchecked
# The release executable carries the Swift runtime, libstdc++, GMP, expat and zlib with it and exports nothing. A section a function lets the linker
# drop what is unused and put what every start needs side by side (Tools/startup.order, written by `make startup-order`; Tools/thunks.ld):
# fewer pages. At a fixed address, as Debian's python3: relocating would write to 150 KiB at every start.
STATIC_LIBRARIES := .build/static-libraries
# The standard library's code, lowered, as the executable maps it (docs/image.md)
IMAGE := .build/release/amphis.image
# No frame pointers: setting one up and restoring it is a tenth of what most handlers of instructions do (docs/performance.md).
RELEASE := $(FLAGS) --static-swift-stdlib --omit-frame-pointers -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld \
  -Xswiftc -L$(CURDIR)/$(STATIC_LIBRARIES) -Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xswiftc -Xclang-linker -Xswiftc -no-pie \
  -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs \
  -Xlinker '--defsym=amphis_rodata_start=ADDR(.rodata)' -Xlinker '--defsym=amphis_rodata_end=ADDR(.rodata)+SIZEOF(.rodata)' \
  -Xlinker --symbol-ordering-file=$(CURDIR)/Tools/startup.order -Xlinker --no-warn-symbol-ordering \
  -Xlinker -T -Xlinker $(CURDIR)/Tools/thunks.ld
# What functions do in ordinary work, counted by `make profile`: swiftc lays out and inlines by it, and puts what has not run at all into
# sections of its own, so that a start maps less. A function that has changed since, or a compiler that reads profiles no more, only loses that.
PROFILE := .build/amphis.profdata
TOOLCHAIN := $(dir $(shell command -v $(SWIFT)))
# Functions of one file go by its name, wherever the checkout lies.
PROFILE_NAMES := -Xswiftc -Xllvm -Xswiftc -static-func-full-module-prefix=false
PROFILED := -Xswiftc -Xfrontend -Xswiftc -ir-profile-use=$(CURDIR)/$(PROFILE) $(PROFILE_NAMES) \
  -Xswiftc -Xllvm -Xswiftc -enable-split-machine-functions -Xswiftc -Xllvm -Xswiftc -mfs-psi-cutoff=0
# Counting: no calls that would keep handlers from jumping (values of pointers; merged functions)
COUNTING := $(PROFILE_NAMES) -Xswiftc -Xfrontend -Xswiftc -ir-profile-generate -Xswiftc -Xllvm -Xswiftc -disable-vp=true \
  -Xswiftc -Xllvm -Xswiftc -swiftmergefunc-threshold=0 -Xlinker -u -Xlinker __llvm_profile_runtime \
  -Xlinker $(wildcard $(TOOLCHAIN)../lib/clang/*/lib/linux/libclang_rt.profile-$(shell uname -m).a)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

SEED ?= 1
FUZZ := Tools/fuzz/run.py --interp $${AMPHIS:-.build/release/amphis} --seed $(SEED) $(if $(COUNT),--count $(COUNT))

.PHONY: sanitize profile static-libraries modules twins soak applications help docs bench-flask bench-growth bench-bridge stress-bridge extensions numpy-tests lossy-conformance fuzz-bridge fuzz-xml deps build debug run test scripts smoke stress generate lint format bench bench-compile kernels fuzz-compiler compare-ast fuzz-errors fuzz-warnings fuzz-parser \
  fuzz-runtime fuzz-loops stress-conformance conformance validate-lowering startup-order install clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

deps: ## install what is missing (libpython3-dev, libgmp-dev, libexpat1-dev, zlib1g-dev, pkg-config; apt)
	@command -v $(SWIFT) >/dev/null || { echo "A Swift toolchain (6.3 or later) is needed on PATH: https://swift.org/install"; exit 1; }
	@missing=""; for p in libpython3-dev libgmp-dev libexpat1-dev zlib1g-dev pkg-config python3; do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; $(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing </dev/null; else echo "nothing to install"; fi

static-libraries:
	@mkdir -p $(STATIC_LIBRARIES); for l in libstdc++.a libgmp.a libexpat.a libz.a; do \
	f=$$($(TOOLCHAIN)clang -print-file-name=$$l); [ -f "$$f" ] && ln -sf "$$f" $(STATIC_LIBRARIES)/$$l; done; true

build: deps ## build the release executable: .build/release/amphis
	@$(MAKE) -s $(PROFILE)
	@$(MAKE) -s static-libraries
	@for f in Tools/startup.order Tools/thunks.ld; do if [ $$f -nt .build/release/amphis ]; then rm -f .build/release/amphis; fi; done
	$(SWIFT) build -c release $(RELEASE) $(PROFILED) --product amphis
	@if [ ! -f $(IMAGE) ] || [ .build/release/amphis -nt $(IMAGE) ]; then .build/release/amphis -E --write-image=$(IMAGE); fi

# swiftc does not look at the profile when it decides what is current.
$(PROFILE): Tools/profile/amphis.profdata.xz
	@mkdir -p .build; python3 -c "import lzma, sys; open(sys.argv[2], 'wb').write(lzma.open(sys.argv[1]).read())" $< $@
	@if [ -d .build/release/ ]; then find .build/release/ -name '*.swift.o' -delete; fi

profile: deps ## count anew what functions do in ordinary work: Tools/profile/amphis.profdata.xz (a build with counters, ten minutes)
	@$(MAKE) -s static-libraries
	$(SWIFT) build -c release --scratch-path .build/profile $(RELEASE) $(COUNTING) --product amphis
	Tools/profile/train.py --interp .build/profile/release/amphis --llvm-profdata $(TOOLCHAIN)llvm-profdata --write Tools/profile/amphis.profdata.xz

debug: deps ## build for debugging: .build/debug/amphis
	$(SWIFT) build $(FLAGS) --product amphis

run: build ## build, then run the main example
	.build/release/amphis --warn-lossy=summary examples/packages.py

test: deps ## run all tests: [SCRATCH=folder of the build, .build in the place of none]
	$(SWIFT) test $(if $(SCRATCH),--scratch-path $(SCRATCH)) $(FLAGS) --no-parallel

scripts: ## run the scripts of Tests/Python with AMPHIS=path, compared with CPython
	Tools/run_scripts.py --interp $${AMPHIS:-.build/debug/amphis} Tests/Python

smoke: build ## build the release executable and run all scripts and examples with it, some of them with each loop compiled at once and under heap stress
	Tools/run_scripts.py --interp .build/release/amphis Tests/Python
	Tools/run_scripts.py --interp .build/release/amphis examples
	Tools/run_scripts.py --interp .build/release/amphis --options "-X jit=always" Tests/Python/machine
	Tools/run_scripts.py --interp .build/release/amphis --options "-X jit=exits" Tests/Python/machine
	Tools/run_scripts.py --interp .build/release/amphis --options "-X gcstress -S" --timeout 400 Tests/Python/stress/allocations.py

stress: ## run a part of the scripts with a collection at every allocation and the heap checker
	Tools/run_scripts.py --interp $${AMPHIS:-.build/debug/amphis} --options "-X gcstress -X gccheck" --timeout 600 Tests/Python/evaluator

generate: ## write the generated parts of the evaluator and of the bridge anew
	Tools/evaluator/generate.py
	python3.11 Tools/bridge/generate.py

modules: ## write docs/modules.md: where each C module of CPython comes from
	Tools/modules.py --write docs/modules.md

twins: ## run the scripts of Tests/twins.tsv on native modules and on their twins in libpython
	Tools/twins.py --interp $${AMPHIS:-.build/release/amphis}

soak: ## work that allocates, for MINUTES=30, and watch the memory
	Tools/soak.py --interp $${AMPHIS:-.build/release/amphis} --minutes $(or $(MINUTES),30)

# Compiled with optimisation, or the run would take hours; with the Swift runtime as libraries and the system's GMP, expat and zlib.
sanitize: deps ## build with AddressSanitizer, run all scripts and modules of CPython's suite with it: [MODULES=test_dict,test_list]
	$(SWIFT) build -c release --sanitize=address --scratch-path .build/sanitized $(FLAGS) -Xswiftc -DSANITIZED --product amphis
	Tools/sanitize.py --interp .build/sanitized/release/amphis $(if $(MODULES),--modules $(MODULES))

lint: ## check the format of the sources and that generated ones are current
	Tools/evaluator/generate.py --check
	Tools/bridge/generate.py --check
	Tools/modules.py --check
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

format: ## format the sources
	$(SWIFT) format -i -r Package.swift Sources Tests

docs: debug ## print docs/lossy-conversions.md from the table of the bridge
	.build/debug/amphis -c "import sys, amphis._bridge; sys.stdout.write(amphis._bridge.lossy_page())" > docs/lossy-conversions.md

fuzz-bridge: build ## call C modules with odd values at random: make fuzz-bridge SEED=1
	Tools/fuzz_bridge.py --interp .build/release/amphis --seed $(or $(SEED),1) --control /usr/bin/python3

stress-bridge: build ## identity and lifetimes across the bridge at length, under heap stress and with CPython's collector at threshold 1
	Tools/stress_bridge.py --interp .build/release/amphis --seed $(SEED) $(PART)

extensions: build ## try third-party C extensions beside CPython, write their table of docs/extensions.md (needs an index for pip once)
	Tools/extensions.py --interp .build/release/amphis --write docs/extensions.md

numpy-tests: build ## run numpy's own core tests on both interpreters (needs an index for pip once; an hour)
	Tools/extensions.py --interp .build/release/amphis --numpy-tests

lossy-conformance: build ## class d of CPython's suite under --warn-lossy=summary, and what it lost
	Tools/conformance.py --interp ".build/release/amphis --warn-lossy=summary" --classes d -j 2 --timeout 1500 --stall 300 --logs .build/lossy
	@grep -h -A40 "^lossy conversions" .build/lossy/*.log | grep -E "^L[1-7]" || echo "nothing was lost"

fuzz-xml: build ## compare the XML modules with CPython's on random documents: make fuzz-xml SEED=1
	Tools/fuzz_xml.py --interp .build/release/amphis --seed $(SEED)

bench: build ## measure beside /usr/bin/python3, write docs/benchmarks.md
	Tools/bench.py --interp .build/release/amphis --write docs/benchmarks.md

bench-bridge: build ## measure crossings to C modules beside /usr/bin/python3, write their section of docs/benchmarks.md
	Tools/bench_bridge.py --interp .build/release/amphis --write docs/benchmarks.md

bench-flask: build ## measure requests a second of examples/flask_app beside /usr/bin/python3 (needs wrk; an index for pip once), write their section of docs/benchmarks.md: [MINUTES=5]
	Tools/bench_flask.py --interp .build/release/amphis --soak $(or $(MINUTES),5) --write docs/benchmarks.md

bench-growth: build ## measure how basic operations grow with their size beside /usr/bin/python3, write their section of docs/benchmarks.md
	Tools/bench_growth.py --interp .build/release/amphis --write docs/benchmarks.md

kernels: build ## measure one kernel for each mechanism of the evaluator beside /usr/bin/python3
	Tools/kernels.py --interp .build/release/amphis

conformance: ## run modules of CPython's own suite: make conformance [CLASSES=ab] [TEST="test_dict test_set"] [AMPHIS=path]
	Tools/conformance.py --interp $${AMPHIS:-.build/release/amphis} --classes $(or $(CLASSES),a) $(TEST)

stress-conformance: ## modules of CPython's own suite with the heap checker and collections at every Nth allocation: [TEST="test_dict"] [N=500]
	Tools/conformance.py --interp $${AMPHIS:-.build/release/amphis} --stress $(if $(N),--period $(N)) --timeout 1200 --stall 300 $(TEST)

applications: build ## run the test suites of applications on both interpreters, write docs/applications.md (needs an index for pip once)
	Tools/applications.py --interp .build/release/amphis --write docs/applications.md

fuzz-compiler: ## compare 50,000 made-up programs' code objects with CPython's: SEED= COUNT=
	$(FUZZ) code

fuzz-errors: ## the same for 20,000 broken programs' errors: SEED= COUNT=
	$(FUZZ) errors

compare-ast: ## compare ast.dump, ast.unparse and the code of trees with CPython's over the standard library: [AMPHIS=path]
	Tools/compare_ast.py --interp $${AMPHIS:-.build/release/amphis}

fuzz-warnings: ## the same for 20,000 programs that are warned about, and the standard library: SEED= COUNT=
	$(FUZZ) warnings

fuzz-parser: ## the same for 1,000,000 extreme, broken and random sources; none may kill or hang the compiler: SEED= COUNT=
	$(FUZZ) parser

fuzz-runtime: ## run 20,000 made-up programs over the builtin types under the heap checker, beside CPython: SEED= COUNT=
	Tools/fuzz/runtime.py --interp $${AMPHIS:-.build/release/amphis} --seed $(SEED) $(if $(COUNT),--count $(COUNT))

fuzz-loops: ## run 200 programs of made-up hot loops in each mode of -X jit, beside jit=off: SEED= COUNT=
	Tools/fuzz/loops.py --interp $${AMPHIS:-.build/release/amphis} --seed $(SEED) --count $(or $(COUNT),200)

bench-compile: build ## time and memory of compiling the standard library beside /usr/bin/python3, into docs/benchmarks.md
	Tools/bench_compile.py --interp .build/release/amphis --write docs/benchmarks.md

validate-lowering: deps ## verify, lower and validate every code object of the standard library
	AMPHIS_LOWERING_ALL=1 $(SWIFT) test $(FLAGS) --filter LoweringTests

startup-order: ## measure anew which functions a start runs (needs valgrind): Tools/startup.order
	Tools/startup_order.py --interp .build/release/amphis --write Tools/startup.order

install: build ## install to PREFIX (default /usr/local)
	install -D -m 755 .build/release/amphis $(DESTDIR)$(PREFIX)/bin/amphis
	@mkdir -p $(DESTDIR)$(PREFIX)/lib/amphis; .build/release/amphis -E --write-image=$(DESTDIR)$(PREFIX)/lib/amphis/amphis.image
	strip $(DESTDIR)$(PREFIX)/bin/amphis || true

clean: ## remove what was built
	rm -rf .build
