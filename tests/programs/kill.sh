#!/bin/sh
# kill.sh SHIM CMSHIM [TIMES]
#
# Kills a program 200 times, each at a random instant, and reads what it left.
# Each of its threads counts in a shared file the unlocks that have returned;
# the trace has one acquisition more at most, and not one less.  Prints TAP.
shim=$1 cmshim=$2 times=${3:-200}
case $shim in /*) ;; *) shim=$PWD/$shim ;; esac
program=${cmshim%/*}/tests/programs/killed_counter

# No trace here is larger than 512 MiB: a recorder that does not stop when
# it should must not fill the disk.
ulimit -f 1048576
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

failed=0
bad() {
  failed=$((failed + 1))
  echo "# kill $i after $delay s: $1"
  [ -s "$work/said" ] && sed 's/^/#   /' "$work/said"
}

# number_of FIELD: a figure of the whole run
number_of() {
  sed -n "s/^    \"$1\": \([a-z0-9]*\),*$/\1/p" "$work/json"
}

acquisitions_of() {
  awk -v name="!$1\"" '
    /"name": / { ours = index($0, name) }
    ours && /"acquisitions": / { gsub(/[^0-9]/, ""); n = $0; ours = 0 }
    END { print n + 0 }' "$work/json"
}

# compare LOCK COUNTER
compare() {
  n=$(acquisitions_of "$1")
  if [ "$n" -ne "$2" ] && [ "$n" -ne $(($2 + 1)) ]; then
    bad "$1: counted $2, traced $n"
  fi
}

kill_once() {
  rm -rf "$work/trace" "$work/counters"
  CMSHIM_OUTPUT=$work/trace LD_PRELOAD=$shim "$program" "$work/counters" \
    >"$work/said" 2>&1 &
  sleep "$delay"
  { kill -KILL $! && wait $!; } 2>/dev/null
  [ $? -eq 137 ] || bad 'ended by itself'

  first=0 second=0
  if [ -s "$work/counters" ]; then
    # shellcheck disable=SC2046 # two numbers
    set -- $(od -An -v -t u8 "$work/counters")
    first=$1 second=$2
  fi
  if ! "$cmshim" report --format json "$work/trace" >"$work/json" \
      2>"$work/said"; then
    # killed before the trace was begun: nothing has been counted either
    [ "$first$second" = 00 ] || bad 'no report'
    early=$((early + 1))
    return
  fi
  [ -s "$work/said" ] && bad 'the report complains'
  [ "$(number_of damaged)" = false ] || bad damaged
  [ "$(number_of lost)" = 0 ] || bad "lost: $(number_of lost)"
  [ "$(number_of gaps)" = 0 ] || bad "gaps: $(number_of gaps)"
  compare first_own "$first"
  compare second_own "$second"
  [ "$first" -gt 0 ] && [ "$second" -gt 0 ] && both=$((both + 1))
}

early=0 both=0
# random delays up to 25 ms: start-up, the first chunks, later ones
delays=$(awk -v n="$times" 'BEGIN {
  srand()
  for (i = 0; i < n; i++)
    printf "%.4f\n", rand() * 0.025
}')
i=0
for delay in $delays; do
  i=$((i + 1))
  kill_once
done

echo "# $times kills: $early before there was a trace," \
  "$both with both threads counting"
if [ $failed -eq 0 ]; then
  echo "ok 1 - nothing stored is lost by a kill"
else
  echo "not ok 1 - nothing stored is lost by a kill"
fi
if [ $both -gt $((times / 4)) ]; then
  echo "ok 2 - most kills hit a program at work"
else
  echo "not ok 2 - only $both of $times kills hit a program at work"
  failed=1
fi
echo 1..2
[ $failed -eq 0 ]
