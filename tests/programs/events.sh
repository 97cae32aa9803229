#!/bin/sh
# events.sh SHIM CMSHIM
#
# Records the programs that say in their first comment which events are to be
# in their trace, and compares.  Prints TAP.
#	events: OP...     the operations that count; no others are looked at
#	event: LINE       as trace_events prints it; the lines are the whole
#	                  list, thread by thread, in order
shim=$1 cmshim=$2
case $shim in /*) ;; *) shim=$PWD/$shim ;; esac
case $cmshim in /*) ;; *) cmshim=$PWD/$cmshim ;; esac
sources=$(dirname "$0")
programs=${cmshim%/*}/tests/programs

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$sources" || exit 2

said() { # said WORD: what follows it in the source's comments
  sed -n "s/^ \* $1: //p" "$source"
}

check() {
  # shellcheck disable=SC2046 # several of them
  timeout -k 5 60 env $(said env) LD_PRELOAD="$shim" \
    CMSHIM_OUTPUT="$work/trace" "$programs/$name" >"$work/out" 2>&1
  said event >"$work/wanted"
  # shellcheck disable=SC2046
  "$programs/trace_events" "$work/trace" $(said events) >"$work/found" 2>&1 &&
    diff "$work/wanted" "$work/found" >"$work/diff"
}

number=0 failed=0
# shellcheck disable=SC2013 # our own names
for source in $(grep -l '^ \* events: ' ./*.c ./*.cc); do
  name=${source##*/}
  name=${name%.*}
  number=$((number + 1))
  rm -f "$work"/*
  if check; then
    echo "ok $number - $name"
  else
    failed=1
    echo "not ok $number - $name"
    head -40 "$work/diff" "$work/out" | sed 's/^/#   /'
  fi
done
echo "1..$number"
exit $failed
