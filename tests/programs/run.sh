#!/bin/sh
# run.sh SHIM CMSHIM PROGRAM...
#
# Runs each program without and with the shim: output and status must be the
# same.  Then reports every trace it left and compares the rules with the
# "expect:" lines of the program's source.  Prints TAP.
#
# A program says in its first comment what is to be expected:
#	expect: RULE      one finding; the lines are the whole list
#	expect: nothing   written out
#	allow: RULE       more of these, or any, may be there: it depends on
#	                  who waited for whom, which is chance in this program;
#	                  perf-hot stands for all that waiting may lead to
#	traces: N         so many processes leave a trace, if not 1
#	loss: may         events may be lost, or not be recorded at all; in
#	                  other programs nothing may be missing
#	env: NAME=VALUE   for both runs
#	trace-max-bytes: N
#	says: TEXT        a line in the report for people
#	locks: N          so many locks in all traces, each life of an address
#	                  one
# One without "expect:" belongs to another script.
shim=$1 cmshim=$2
shift 2
case $shim in /*) ;; *) shim=$PWD/$shim ;; esac
sources=$(dirname "$0")

# No trace here is larger than 512 MiB: a recorder that does not stop when
# it should must not fill the disk.
ulimit -f 1048576
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

number=0 failed=0
good() {
  number=$((number + 1))
  echo "ok $number - $name"
}

# bad WHAT [FILE TO SHOW]...
bad() {
  number=$((number + 1)) failed=1
  echo "not ok $number - $name: $1"
  shift
  for file; do
    head -40 "$file" | sed 's/^/#   /'
  done
  echo "#   alone: $0 $shim $cmshim $program"
}

said() { # said WORD: what follows it in the source's comments
  sed -n "s/^ \* $1: //p" "$source"
}

# A thread that hangs must not hang the tests; what it started is killed with
# it, as it has a process group of its own.
run() { # run OUTPUT NAME=VALUE...
  out=$1
  shift
  # shellcheck disable=SC2046 # several of them
  { timeout -k 5 60 env $(said env) "$@" "$program" >"$out" 2>&1; } 2>/dev/null
}

# Prints what is wrong with the number of findings of each rule.
compare() {
  awk -v list="$work/expected" -v allowed="$(said allow | tr '\n' ' ')" '
    BEGIN {
      n = split(allowed, names, " ")
      for (i = 1; i <= n; i++)
        more[names[i]] = 1
    }
    function may(rule) {
      return more[rule] || rule ~ /^perf-/ && more["perf-hot"]
    }
    { seen[$1] = 1 }
    FILENAME == list { expected[$1]++; next }
    { reported[$1]++ }
    END {
      for (rule in seen)
        if (reported[rule] < expected[rule] ||
            (reported[rule] > expected[rule] && !may(rule)))
          printf "%s: expected %d, reported %d\n", rule, expected[rule],
                 reported[rule]
    }' "$work/expected" "$work/reported" | sort
}

# number_of FIELD: a figure of the whole run, from the JSON on stdin
number_of() {
  sed -n "s/^    \"$1\": \([a-z0-9]*\),*$/\1/p" "$work/json"
}

# Reports one trace; on failure says why in $work/why.
check_trace() {
  "$cmshim" report --format brief "$1" >"$work/brief" 2>"$work/why" ||
    return 1
  [ -s "$work/why" ] && return 1
  cut -d' ' -f2 "$work/brief" >>"$work/reported"
  "$cmshim" report --format json "$1" >"$work/json" 2>"$work/why" || return 1
  "$cmshim" report --format json --memory 1K "$1" >"$work/spilled" \
    2>"$work/why" || return 1
  if ! cmp "$work/json" "$work/spilled" >>"$work/why"; then
    echo 'the report is another one with little memory' >>"$work/why"
    return 1
  fi
  for field in lost gaps; do
    [ "$(number_of $field)" = 0 ] || echo "$field: $(number_of $field)"
  done >"$work/why"
  [ "$(said loss)" = may ] && : >"$work/why"
  [ "$(number_of damaged)" = false ] || echo damaged >>"$work/why"
  limit=$(said trace-max-bytes)
  if [ -n "$limit" ] && [ "$(wc -c <"$1")" -gt "$limit" ]; then
    echo "a trace of $(wc -c <"$1") bytes" >>"$work/why"
  fi
  [ -z "$(said says)" ] || "$cmshim" report "$1" >>"$work/report"
  # Those that are not listed are in a sum, in which "locks" comes first.
  awk '/^ *"locks": [0-9]/ { n += $2; is_sum = 1 }
       /^ *"acquisitions": / { n += !is_sum; is_sum = 0 }
       END { print n + 0 }' "$work/json" >>"$work/locks"
  [ ! -s "$work/why" ]
}

# What all traces together say; on failure says why in $work/why.
check_all() {
  wanted=$(said says)
  if [ -n "$wanted" ] && ! grep -qF -- "$wanted" "$work/report"; then
    echo "does not say '$wanted'" | cat - "$work/report" >"$work/why"
    return 1
  fi
  wanted=$(said locks)
  found=$(awk '{ n += $1 } END { print n + 0 }' "$work/locks")
  if [ -n "$wanted" ] && [ "$found" -ne "$wanted" ]; then
    echo "$found locks" >"$work/why"
    return 1
  fi
}

check() {
  run "$work/plain"
  plain=$?
  if [ $plain -eq 99 ] || [ $plain -eq 124 ]; then
    bad "fails without the shim (status $plain)" "$work/plain"
    return
  fi
  run "$work/traced" LD_PRELOAD="$shim" CMSHIM_OUTPUT="$work/traces/trace"
  traced=$?
  if [ $plain -ne $traced ] || ! cmp -s "$work/plain" "$work/traced"; then
    diff -a "$work/plain" "$work/traced" >"$work/diff"
    bad "could tell (status $plain, $traced)" "$work/diff"
    return
  fi

  wanted=$(said traces)
  # shellcheck disable=SC2012 # names of ours
  found=$(ls "$work/traces" | wc -l)
  if [ "$found" -ne "${wanted:-1}" ]; then
    bad "left $found traces, not ${wanted:-1}"
    return
  fi
  rm -f "$work/reported" "$work/report" "$work/locks"
  touch "$work/reported" "$work/report" "$work/locks"
  for trace in "$work/traces"/*; do
    if ! check_trace "$trace"; then
      bad "report of ${trace##*/}" "$work/why"
      return
    fi
  done
  if ! check_all; then
    bad report "$work/why"
    return
  fi

  said expect | sed '/^nothing$/d' >"$work/expected"
  compare >"$work/diff"
  if [ -s "$work/diff" ]; then
    bad findings "$work/diff" "$work/brief"
  else
    good
  fi
}

for program; do
  name=${program##*/}
  source=$sources/$name.c
  [ -e "$source" ] || source=$sources/$name.cc
  [ -n "$(said expect)" ] || continue
  rm -rf "$work/traces"
  mkdir "$work/traces"
  check
done
echo "1..$number"
exit $failed
