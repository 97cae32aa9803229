#!/bin/sh
# run.sh SHIM CMSHIM PROGRAMS TSAN-PROGRAMS
#
# packages: valgrind
#
# What cmshim, Helgrind, DRD and ThreadSanitizer say of the same programs, as
# one table.  The programs are named in `programs`; PROGRAMS and TSAN-PROGRAMS
# are the folders where they were built, plainly and with -fsanitize=thread.
#
# What is expected of a program is what its own first comment says.  Every tool
# that says something else needs a line in `differences` that tells why, and
# every such line has to be needed: fails otherwise.
here=$(cd "$(dirname "$0")" && pwd)
shim=$(realpath "$1") cmshim=$(realpath "$2")
plain=$(realpath "$3") sanitized=$(realpath "$4")
tools='cmshim helgrind drd tsan'

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
unset LD_PRELOAD CMSHIM_STACKS CMSHIM_STAMPS TSAN_OPTIONS VALGRIND_OPTS
export CMSHIM_MAX_SIZE=100M

# Some of the programs deadlock, and end only if their first process sees
# every thread of theirs inside the futex call: ThreadSanitizer has one more.
limited() {
  { timeout -k 2 "$@" >/dev/null 2>&1; } 2>/dev/null
}

valgrind_says() { # valgrind_says TOOL PROGRAM: kinds of errors
  limited 60 valgrind "--tool=$1" --fair-sched=yes --xml=yes \
    "--xml-file=$work/said.%p" "--suppressions=$here/valgrind.supp" "$plain/$2"
  cat "$work"/said.* | sed -n 's,^ *<kind>\(.*\)</kind>.*,\1,p'
}

tsan_says() { # tsan_says PROGRAM: what its warnings begin with
  TSAN_OPTIONS="log_path=$work/said exitcode=0 atexit_sleep_ms=0" \
    limited 10 "$here/tsan.sh" "$sanitized/$1"
  cat "$work"/said.* 2>/dev/null | sed -n \
    '/^SUMMARY/d; s/^.*[A-Z]: ThreadSanitizer: *\([^(]*[^( ]\).*/\1/p' | tr ' ' -
}

cmshim_says() { # cmshim_says PROGRAM: rules
  CMSHIM_OUTPUT="$work/said." LD_PRELOAD=$shim limited 60 "$plain/$1"
  for trace in "$work"/said.*; do
    "$cmshim" report --format brief "$trace" | cut -d' ' -f2
  done
}

expected() { # expected PROGRAM: rules, as its source names them
  sed -n 's/^ \* expect: //p' "$here/../programs/$1".c* | grep -v '^nothing$'
}

says() { # says TOOL PROGRAM
  case $1 in
  expected) expected "$2" ;;
  cmshim) cmshim_says "$2" ;;
  tsan) tsan_says "$2" ;;
  *) valgrind_says "$1" "$2" ;;
  esac
  rm -f "$work"/said.*
}

: >"$work/said"
sed '/^#/d; /^$/d' "$here/programs" >"$work/programs"
while read -r program; do
  [ ! -t 2 ] || printf '\r%-40s\r' "$program" >&2
  for tool in expected $tools; do
    says "$tool" "$program" </dev/null | sed "s/^/$program $tool /"
  done
done <"$work/programs" >"$work/said"

awk -v tools="$tools" -f "$here/table.awk" "$work/programs" "$here/words" \
  "$here/differences" "$work/said"
