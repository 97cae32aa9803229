#!/bin/sh
# run.sh SHIM CMSHIM PROGRAM...
#
# Whether what is recorded of a hand-over orders what was handed over: see
# handover.h.  Each program runs without and with the shim, with the same
# output, and again with the argument "apart".  It says in its first comment
#
#	steps: N           how many trees two threads used
#	begun: N           how many initialisations callers were told to do
#	taken: TIMES NAME  how often a lock was taken; NAME is the report's
#	                   without program and place
#	thread: NAME START CREATOR
#	                   a thread of that name began in the function START and
#	                   was made by one called from CREATOR
#	only: ordered      it has no "apart"
#
# Prints TAP.
#
# packages: libglib2.0-dev python3
shim=$(realpath "$1") cmshim=$2
shift 2
sources=$(dirname "$0")
tool=$(dirname "$1")/ordered

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
number=0 failed=0

said() { # said WORD: what follows it in the source's comments
  sed -n "s/^ \* $1: //p" "$source"
}

# Steps that are not as WORD says, or are missing.  A step may have been
# ordered by chance only if something was recorded that should not be.
check_order() { # check_order WORD [ARGUMENT]
  word=$1
  shift
  timeout -k 5 60 "$program" "$@" >"$work/plain" 2>&1
  plain=$?
  timeout -k 5 60 env LD_PRELOAD="$shim" CMSHIM_OUTPUT="$work/trace" \
    CMSHIM_MAX_SIZE=200M "$program" "$@" >"$work/traced" 2>&1
  traced=$?
  [ $plain -eq 0 ] || echo "fails without the shim: status $plain"
  [ $traced -eq $plain ] || echo "status $traced, not $plain"
  cmp -s "$work/plain" "$work/traced" || diff "$work/plain" "$work/traced"
  "$tool" "$work/trace" >"$work/told" || echo 'no order found out'
  grep -v '^#' "$work/told" >"$work/found"
  begun=$(said begun)
  [ -z "$begun" ] || grep "^#" "$work/told" | grep -v "^# $begun begun"
  found=$(wc -l <"$work/found")
  [ "$found" -eq "$(said steps)" ] || echo "$found steps, not $(said steps)"
  grep -vn " $word\$" "$work/found" | sed "s/^/not $word: step /"
}

check_report() {
  "$cmshim" report --format json "$work/trace" >"$work/json" ||
    echo 'no report'
  { said taken | sed 's/^/taken /'; said thread | sed 's/^/thread /'; } |
    python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
if report["run"]["lost"] or report["run"]["gaps"]:
    print("events are missing")
for finding in report["findings"]:
    if not finding["rule"].startswith("perf-"):
        print("found", finding["rule"])
taken = {lock["name"].split("!")[-1].split(" at ")[0]: lock["acquisitions"]
         for lock in report["locks"]}
def name(thread):
    made = [frame["function"] for frame in thread["created_at"]]
    return (thread["name"], thread["start"], made[0] if made else None)
threads = {name(thread) for thread in report["threads"]}
for line in sys.stdin:
    what, rest = line.rstrip("\n").split(" ", 1)
    if what == "taken":
        times, lock = rest.split(" ", 1)
        if taken.get(lock) != int(times):
            print("not so:", line.rstrip(), "-", taken)
    elif tuple(rest.split(" ")) not in threads:
        print("not so:", line.rstrip(), "-", sorted(threads, key=str))
' "$work/json"
}

verdict() { # verdict TEST: good if $work/why is empty
  number=$((number + 1))
  if [ ! -s "$work/why" ]; then
    echo "ok $number - $1"
    return
  fi
  failed=1
  echo "not ok $number - $1"
  sed 's/^/#   /' "$work/why" | head -40
  echo "#   alone: $sources/run.sh $shim $cmshim $program"
}

for program; do
  name=${program##*/}
  source=$sources/$name.c
  [ -e "$source" ] || source=$sources/$name.cc
  [ -n "$(said steps)" ] || continue
  {
    check_order ordered
    check_report
  } >"$work/why" 2>&1
  verdict "$name"
  [ "$(said only)" = ordered ] && continue
  check_order unordered apart >"$work/why" 2>&1
  verdict "$name, apart"
done
echo "1..$number"
exit $failed
