#!/bin/sh
# lines.sh SHIM CMSHIM
#
# Millions of locks at ever new addresses: of those whose memory was given back
# none is lost; of those that stay the later ones are, and are counted.  Prints
# TAP.
shim=$(realpath "$1")
programs=$(dirname "$(realpath "$2")")/tests/programs

ulimit -f 1048576
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

number=0 failed=0
# loses WHAT LEAST MOST [ARGUMENT]: so many events
loses() {
  number=$((number + 1))
  rm -f "$work/trace"
  what=$1 least=$2 most=$3
  shift 3
  timeout -k 5 300 env LD_PRELOAD="$shim" CMSHIM_OUTPUT="$work/trace%p" \
    "$programs/lines_million" "$@"
  status=$?
  # The traces of env and timeout are small.
  trace=$(find "$work" -name 'trace*' -size +1024k)
  lost=$("$programs/trace_lost" "$trace")
  rm -f "$work"/trace*
  if [ $status -eq 0 ] && [ "${lost:-0}" -ge "$least" ] &&
    [ "${lost:-1}" -le "$most" ]; then
    echo "ok $number - $what"
  else
    echo "not ok $number - $what: status $status, lost ${lost:-unknown}"
    failed=1
  fi
}

loses 'locks that end, three million' 0 0
# Two threads with two events each at all but a million of the locks.
loses 'locks that stay, three million' 7800000 7900000 stay
echo "1..$number"
exit $failed
