# make              the shim and the command, in build/
# make demo         records memcached under load and shows its report
# make check        every test; the last line says how many passed
# make check-unit   one part of them; also -programs, -record, -fuzz ...
# make lint         format, shell scripts, include layers, exported names
# make check-transparency   all of that part: other programs' test suites
# make peers        what other tools say of the same programs, in a table
# make bench        what a wrapped call costs
# make bench-compare BASE=REVISION   the same, beside another revision
# make fuzz         random input for whatever reads files, a minute each
# make soak         millions of random traces; TRACES, SEED
# make mutants      breaks the analyses on purpose: do the tests notice?
# make install      into prefix=/usr/local, below DESTDIR
# make clean        removes build/
# make help         this list
#
# Variables: CC, CXX, CFLAGS, CPPFLAGS, LDFLAGS; B=build is where everything
# made goes; SANITIZE=address,undefined for all but the shim; WERROR=-Werror.
#
# Lists of files come from the directories: to add a source, add the file.
# check, demo, bench and lint install the Debian packages they need; plain
# make does not.

CFLAGS   ?= -O2 -g
prefix   ?= /usr/local
B        := build
WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wwrite-strings -Wformat=2
C_ONLY   := -Wpedantic -Wstrict-prototypes -Wmissing-prototypes

comma    := ,
ifneq ($(SANITIZE),)
override B := $B/sanitize-$(subst $(comma),-,$(SANITIZE))
SANITIZER := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
             -fno-omit-frame-pointer
endif

COMMON   := -D_GNU_SOURCE -Iinclude
DEPENDS   = -MMD -MP -MF $@.d -MT $@
ALL      := -std=gnu11 $(COMMON) $(WARNINGS) $(C_ONLY) $(WERROR)

# The recorder walks to its caller's frame, hence the frame pointer, and no
# tail calls: a wrapper's frame has to be there while it is looked at.  TLS of
# any other model may allocate on first use, inside a wrapper.
SHIM_CFLAGS := -fPIC -fvisibility=hidden -ftls-model=initial-exec \
               -fno-omit-frame-pointer -fno-optimize-sibling-calls

# initfirst: libraries' constructors take locks.  No version script: with a
# named one the dynamic linker passes over our wrappers.
SHIM_LDFLAGS := -shared -Wl,-z,initfirst -Wl,-z,defs -Wl,-z,now \
                -Wl,-soname,libcmshim.so

# Tuned for nothing younger, gcc 12 zeroes a struct of a hundred bytes by a
# string instruction, thirty cycles each time: reading takes a tenth longer.
# The instructions remain those of any x86-64.
TUNE         := $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),-mtune=skylake)

# Asked when they are used, not before: `make check` installs pkg-config.
PC            = $(shell pkg-config $1)
REPORT_LIBS   = $(call PC,--libs libdw jansson zlib) -liberty -pthread
REPORT_CFLAGS = $(call PC,--cflags libdw jansson zlib)

objects  = $(patsubst %.c,$B/%.o,$(sort $(wildcard $1)))
SHIM    := $(call objects,shim/*.c)
REPORTS := $(call objects,reports/*.c reports/*/*.c)
TOOL    := $(call objects,tools/cmshim/*.c)
UNIT    := $(call objects,tests/unit/*.c)
FUZZ    := $(patsubst %.c,$B/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
CORPUS  := $(sort $(wildcard tests/fuzz/corpus/*))
LISTS   := $(patsubst %,$B/gen/%.inc,analyses renderers suites)

# A folder of tests/ with a run.sh is a part of `make check`.  run.sh is
# given the shim, the command and the programs made from its folder.  So is
# every other script of tests/programs/, given the shim and the command.
FOLDERS  := $(filter-out bench peers,$(patsubst tests/%/run.sh,%,$(sort \
              $(wildcard tests/*/run.sh))))
programs  = $(patsubst %,$B/%,$(basename $(sort \
              $(wildcard tests/$1/*.c tests/$1/*.cc))))
libraries = $(patsubst %.c,$B/%.so,$(sort $(wildcard tests/$1/lib/*.c)))
made      = $(call programs,$1) $(call libraries,$1)
PRODUCTS := $B/libcmshim.so $B/cmshim
SCRIPTS  := $(filter-out run,$(patsubst tests/programs/%.sh,%,$(sort \
              $(wildcard tests/programs/*.sh))))
PARTS    := unit $(FOLDERS) $(SCRIPTS) $(if $(FUZZ),fuzz)

RUN_unit := $B/unit
RUN_fuzz := tools/dev/run-corpus.sh $(FUZZ) -- $(CORPUS)
$(foreach f,$(FOLDERS),$(eval RUN_$f := \
  tests/$f/run.sh $(PRODUCTS) $(call programs,$f)))
$(foreach s,$(SCRIPTS),$(eval RUN_$s := tests/programs/$s.sh $(PRODUCTS)))

# Packages that a goal needs are there before anything is compiled for it.
NEEDS := $(addprefix need-,$(sort $(patsubst check-%,check,\
           $(patsubst bench-compare,bench,\
           $(filter demo check check-% peers bench bench-compare lint fuzz,\
             $(MAKECMDGOALS))))))
NEEDS += $(if $(filter soak mutants,$(MAKECMDGOALS)),need-check)

.PHONY: all check demo peers bench bench-compare lint tidy fuzz install clean help $(NEEDS)
.PHONY: soak mutants
.PHONY: $(addprefix check-,$(PARTS))
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PRODUCTS)

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

need-%:
	@tools/dev/install.sh build $*

# Every part runs, whatever became of the one before.
check: $(PRODUCTS) $B/unit $(FUZZ) $(foreach f,$(FOLDERS),$(call made,$f))
	@rm -rf $B/check
	@$(foreach p,$(PARTS),tools/dev/part.sh $B/check $p $(RUN_$p);) true
	@tools/dev/total.sh $B/check

check-unit: $B/unit
$(addprefix check-,$(SCRIPTS)): $(PRODUCTS) $(call made,programs)
check-fuzz: $(FUZZ)
check-transparency: export WHOLE = yes
$(foreach f,$(FOLDERS),$(eval check-$f: $(PRODUCTS) $(call made,$f)))
$(addprefix check-,$(PARTS)): check-%:
	$(RUN_$*)

demo: $(PRODUCTS)
	tools/dev/demo.sh $(PRODUCTS)

PEERS = $(shell sed '/^\#/d' tests/peers/programs)

peers: $(PRODUCTS) $(PEERS:%=$B/tests/programs/%) $(PEERS:%=$B/tsan/programs/%)
	tests/peers/run.sh $(PRODUCTS) $B/tests/programs $B/tsan/programs

# None where the compiler came without ThreadSanitizer's library.
BENCH_PEERS := $(if $(filter bench,$(MAKECMDGOALS)),$(shell \
  echo 'int main(void) { return 0; }' | \
  $(CC) -fsanitize=thread -x c -o /dev/null - 2>/dev/null && \
  echo pairs threads maps))

bench: $(PRODUCTS) $(call made,bench) $(BENCH_PEERS:%=$B/tsan/bench/%)
	tests/bench/run.sh $(PRODUCTS) $B/tsan/bench $(call programs,bench)

bench-compare: $(PRODUCTS) $(call made,bench)
	tests/bench/against.sh "$(BASE)" $(PRODUCTS) $(call programs,bench)

$B/libcmshim.so: $(SHIM) | $(NEEDS)
	$(CC) $(LDFLAGS) $(SHIM_LDFLAGS) -o $@ $(SHIM) -pthread

$B/cmshim: $(TOOL) $B/libreports.a
	$(CC) $(LDFLAGS) $(SANITIZER) -o $@ $^ $(REPORT_LIBS)

$B/libreports.a: $(REPORTS)
	@rm -f $@
	$(AR) rcs $@ $^

# The shim's modules for their unit tests: without its wrappers, which would
# stand in front of the test's own calls, and without its constructor.
$B/libshim.a: $(filter-out $B/shim/wrap%.o $B/shim/start.o,$(SHIM))
	@rm -f $@
	$(AR) rcs $@ $^

$B/unit: $(UNIT) $B/libreports.a $B/libshim.a
	$(CC) $(LDFLAGS) $(SANITIZER) -o $@ $^ \
		$(call PC,--libs check libunwind) $(REPORT_LIBS)

$(FUZZ): $B/tests/fuzz/%: $B/tests/fuzz/%.o $B/tests/fuzz/run_corpus.o \
		$B/libreports.a
	$(CC) $(LDFLAGS) $(SANITIZER) -o $@ $^ $(REPORT_LIBS)

# A test program may say in its first comment how it is built:
#	build: -pthread $(pkg-config --cflags --libs glib-2.0)
said_in   = $(shell sed -n 's/^ \* $1: //p;/\*\//{/SPDX/!q}' $<)
how_built = $(or $(call said_in,build),-pthread) $(call said_in,link)
program_c   = $(CC) -std=gnu11 $(COMMON) $(DEPENDS) $(WARNINGS) $(WERROR) \
              $(CPPFLAGS) $(CFLAGS)
program_cxx = $(CXX) $(COMMON) $(DEPENDS) $(WARNINGS) $(WERROR) $(CPPFLAGS) \
              $(CFLAGS)

# Of a program of several sources the compiler tells what the last one needs.
$B/tests/bench/make_trace $B/tests/bench/trace_size: \
	$(wildcard reports/*.[ch] reports/trace/*.[ch] tests/unit/trace_writer.[ch])

$B/tests/%.so: tests/%.c Makefile | $(NEEDS)
	@mkdir -p $(@D)
	$(program_c) -shared -fPIC -o $@ $< $(how_built)

$B/tests/%: tests/%.c Makefile | $(NEEDS)
	@mkdir -p $(@D)
	$(program_c) -o $@ $< $(how_built)

$B/tests/%: tests/%.cc Makefile | $(NEEDS)
	@mkdir -p $(@D)
	$(program_cxx) -o $@ $< $(how_built)

# The same for a peer that has to be built in; some libraries are loaded.
$B/tsan/%: tests/%.c Makefile | $(NEEDS)
	@mkdir -p $(@D)
	$(program_c) -fsanitize=thread -o $@ $< $(how_built)

# Not programs under test: what the others' traces are looked at with.
READERS := $B/tests/programs/trace_events $B/tests/bench/read_parts
$(READERS): %: %.o $B/libreports.a
	$(CC) $(LDFLAGS) $(SANITIZER) -o $@ $^ $(REPORT_LIBS)

# The wrappers have no prototypes of ours: the system's headers have them,
# or, for a map library, nobody does.
$B/shim/wrap%.o: ALL += -Wno-missing-prototypes
$B/shim/%.o: ALL += $(SHIM_CFLAGS)
$B/reports/%.o: ALL += -Ireports -I$B/gen $(REPORT_CFLAGS) $(SANITIZER) $(TUNE)
# Reading is a twentieth faster so.  What else was asked for stays as it is.
$B/reports/%.o: CFLAGS := $(patsubst -O2,-O3,$(CFLAGS))
$B/tools/%.o: ALL += -Ireports -I$B/gen $(SANITIZER)
$(addsuffix .o,$(READERS)): ALL += -Ireports -I$B/gen $(SANITIZER)
$B/tests/unit/%.o $B/tests/fuzz/%.o: \
	ALL += -I. -Ireports -I$B/gen $(REPORT_CFLAGS) $(SANITIZER)

$B/%.o: %.c Makefile | $(LISTS) $(NEEDS)
	@mkdir -p $(@D)
	$(CC) $(ALL) $(DEPENDS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Made anew each time, replaced when different: a source may also be gone.
$B/gen/analyses.inc: $(sort $(wildcard reports/analyses/*.c)) FORCE
$B/gen/renderers.inc: $(sort $(wildcard reports/renderers/*.c)) FORCE
$B/gen/suites.inc: $(sort $(wildcard tests/unit/test_*.c)) FORCE
$(LISTS):
	@mkdir -p $(@D)
	@tools/dev/registry.sh $(filter %.c,$^) >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

lint: $B/libcmshim.so
	find include shim reports tests tools -name '*.[ch]' | \
		xargs clang-format --dry-run --Werror
	find tests tools -name '*.sh' | xargs shellcheck .ci/run
	tools/dev/check-layers.sh
	tools/dev/check-exports.sh $B/libcmshim.so

# Slow, and of two minds about some things: not part of lint.
tidy: $(LISTS)
	clang-tidy --quiet $(wildcard shim/*.c reports/*.c reports/*/*.c \
		tools/cmshim/*.c) -- -std=gnu11 $(COMMON) -Ireports -I$B/gen

fuzz: $(LISTS)
	tools/dev/fuzz.sh $B/fuzz $(ALL) -Ireports -I$B/gen $(REPORT_CFLAGS) \
		-- $(wildcard reports/*.c reports/*/*.c) $(REPORT_LIBS)

soak: $B/unit
	tools/dev/soak.sh $B/unit

mutants: | $(NEEDS)
	tools/dev/mutants.sh $(wildcard tests/unit/*.mutants)

install: all
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib/cmshim \
		$(DESTDIR)$(prefix)/include/cmshim
	install $B/cmshim $(DESTDIR)$(prefix)/bin
	install -m 644 $B/libcmshim.so $(DESTDIR)$(prefix)/lib/cmshim
	install -m 644 $(wildcard include/cmshim/*.h) \
		$(DESTDIR)$(prefix)/include/cmshim

clean:
	rm -rf $B

-include $(shell find $B -name '*.d' 2>/dev/null)
