#!/bin/sh
# futex_rust.sh SHIM CMSHIM
#
# A Rust program, whose locks are futexes: waiting for a std::sync::Mutex is
# reported, handing over is not, nor is parking; and the program cannot tell.
# Skipped, and said so, where there is no rustc.  Prints TAP.
shim=$1 cmshim=$2
case $shim in /*) ;; *) shim=$PWD/$shim ;; esac
source=$(dirname "$0")/futex_rust.rs

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

if ! rustc -O -g -o "$work/program" "$source" >"$work/why" 2>&1; then
  echo 'ok 1 - a contended Mutex # SKIP needs rustc'
  echo 'ok 2 - Mutexes of their own # SKIP needs rustc'
  echo 'ok 3 - threads that park # SKIP needs rustc'
  echo '1..3'
  command -v rustc >/dev/null || exit 0
  cat "$work/why"
  exit 1
fi

number=0 failed=0
check() { # check WHAT EXPECTED [ARGUMENT]
  number=$((number + 1))
  what=$1 expected=$2
  shift 2
  rm -f "$work/trace"
  timeout 60 "$work/program" "$@" >"$work/plain" 2>&1
  timeout 60 env LD_PRELOAD="$shim" CMSHIM_OUTPUT="$work/trace.%e" \
    "$work/program" "$@" >"$work/traced" 2>&1
  "$cmshim" report --format brief "$work/trace.program" >"$work/brief" 2>&1
  if cmp -s "$work/plain" "$work/traced" &&
    [ "$(cut -d' ' -f2 "$work/brief")" = "$expected" ]; then
    echo "ok $number - $what"
  else
    failed=1
    echo "not ok $number - $what"
    head -20 "$work/plain" "$work/traced" "$work/brief" | sed 's/^/#   /'
  fi
}

check 'a contended Mutex' perf-futex
check 'Mutexes of their own' '' alone
check 'threads that park' '' park
echo "1..$number"
exit $failed
