#!/bin/sh
# run.sh SHIM CMSHIM PROGRAM...
#
# RAPID's text format: `cmshim analyze --std` on published traces and on bad
# input, `cmshim report --format std` on what the programs of this folder do,
# and back again.  Prints TAP.
#
# The .std files are traces of SPDOffline's artifact (PLDI 2023), as text.  What
# is expected of Deadlock, Bensalem, Transfer and StringBuffer was found by hand
# and is said at the check; of the others by tests/unit/slow_predict.c.
here=$(cd "$(dirname "$0")" && pwd)
shim=$(realpath "$1") cmshim=$(realpath "$2")
shift 2
programs=$(dirname "$(realpath "$1")")

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
unset CMSHIM_OUTPUT LD_PRELOAD

number=0 failed=0
check() { # check WHAT STATUS: 0 is good; shows out and err if it is not
  number=$((number + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $number - $1"
    return
  fi
  failed=1
  echo "not ok $number - $1"
  head -n 40 out err 2>/dev/null | sed 's/^/# /'
}

says() { # says TRACE KEY=NUMBER...: whether analyze does
  "$cmshim" analyze --std "$1" >out 2>err || return 1
  shift
  for wanted; do
    grep -q "^  \"${wanted%%=*}\": ${wanted#*=},\{0,1\}$" out || {
      echo "not $wanted" >>err
      return 1
    }
  done
}

refuses() { # refuses TEXT ARGUMENT...
  text=$1
  shift
  "$cmshim" "$@" >out 2>err </dev/null
  [ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
    grep -q '^cmshim: ' err && grep -qF -- "$text" err
}

record() { # record FILE PROGRAM [ARGUMENT]: as STD
  rm -f ./*.trace*
  CMSHIM_OUTPUT=$work/all.trace LD_PRELOAD=$shim "$programs/$2" ${3+"$3"} \
    >/dev/null || return 1
  # A child's trace has its number behind; the child is what is meant.
  trace=$(ls all.trace.* 2>/dev/null || echo all.trace)
  "$cmshim" report --format std -o "$1" "$trace" 2>err
}

# T2's r(V2) saw what T1 wrote inside both locks: no reordering gets T2 to its
# requests without T1 having made its own.  T2's first r and w of V2 come
# after nothing of T1: 2 writes for the r, 2 reads and 2 writes for the w.
says "$here/Deadlock.std" events=31 threads=3 locks=2 vars=3 hb_racy_events=2 \
  hb_racy_pairs=6 hb_racy_vars=1 lockgraph_edges=2 abstract_deadlocks=1 \
  sync_preserving_deadlocks=0 sync_preserving_racy_vars=1 violations=0
check 'Deadlock: refuted by what was read' $?

# T2 (L1, then L2) with T1's second section (L2, L1): after T2's by V3.  With
# T3 (L0, L2, then L1): nothing orders them.  T1's first section and T3: L0.
says "$here/Bensalem.std" events=55 threads=4 locks=4 vars=4 \
  lockgraph_edges=4 hb_racy_events=0 abstract_deadlocks=2 \
  sync_preserving_deadlocks=1 sync_preserving_racy_vars=0 violations=0
check 'Bensalem: one of two' $?

# T2's r(V1) under L1 saw T1's write, made after T1 asked for L1.
says "$here/Transfer.std" lockgraph_edges=2 abstract_deadlocks=1 \
  sync_preserving_deadlocks=0 violations=0
check 'Transfer: refuted by what was read' $?

# The trace ends in the deadlock.
says "$here/StringBuffer.std" lockgraph_edges=2 abstract_deadlocks=1 \
  sync_preserving_deadlocks=1 violations=0
check 'StringBuffer: happened' $?

# Of five philosophers only a cycle of five would be a deadlock.
says "$here/DiningPhil.std" threads=6 locks=5 vars=20 lockgraph_edges=5 \
  abstract_deadlocks=0 sync_preserving_deadlocks=0 hb_racy_vars=0 violations=0
check 'DiningPhil: five are too many' $?

says "$here/Account.std" hb_racy_events=20 hb_racy_pairs=57 hb_racy_vars=2 \
  lockgraph_edges=8 abstract_deadlocks=3 sync_preserving_deadlocks=0 \
  sync_preserving_racy_vars=2 violations=0
check 'Account' $?

says "$here/Bensalem_dlf.std" hb_racy_events=10 hb_racy_pairs=10 \
  hb_racy_vars=3 lockgraph_edges=4 abstract_deadlocks=2 \
  sync_preserving_deadlocks=2 sync_preserving_racy_vars=3 violations=0
check 'Bensalem_dlf' $?

says "$here/Dbcp1.std" events=2152 hb_racy_events=0 lockgraph_edges=3 \
  abstract_deadlocks=2 sync_preserving_deadlocks=1 \
  sync_preserving_racy_vars=0 violations=0
check 'Dbcp1: one of two' $?

says "$here/Dbcp2.std" events=2476 hb_racy_events=0 lockgraph_edges=8 \
  abstract_deadlocks=1 sync_preserving_deadlocks=0 \
  sync_preserving_racy_vars=0 violations=0
check 'Dbcp2: refuted' $?

# Two threads that write to each variable under its lock, in turn, then one pair
# of opposite orders: long, but nothing to search for long.
awk 'BEGIN {
  for (i = 0; i < 60000; i++) {
    t = i % 2; l = int(i / 2) % 6000
    printf "T%d|acq(L%d)|1\nT%d|w(V%d)|2\nT%d|rel(L%d)|3\n", t, l, t, l, t, l
  }
  print "T0|acq(A)|4\nT0|acq(B)|4\nT0|rel(B)|4\nT0|rel(A)|4"
  print "T1|acq(B)|4\nT1|acq(A)|4\nT1|rel(A)|4\nT1|rel(B)|4"
}' >long.std
says long.std events=180008 hb_racy_pairs=0 abstract_deadlocks=1 \
  sync_preserving_deadlocks=1 sync_preserving_racy_vars=0 violations=0
check 'a long trace is no trouble' $?

"$cmshim" analyze --max-steps 0 --std long.std >out 2>err &&
  grep -q '"sync_preserving_deadlocks": null' out &&
  grep -q '"hb_racy_pairs": 0' out && [ "$(wc -l <err)" -eq 1 ] &&
  grep -q '^cmshim: .*--max-steps' err
check 'a search that is given up says so' $?

# Accesses 1 to 3000 of T0 each race with 1 to 3000 of T1.
awk 'BEGIN { for (i = 0; i < 6000; i++)
  print "T" (i >= 3000) "|w(V)|1" }' >pairs.std
says pairs.std hb_racy_pairs=9000000 hb_racy_events=3000 hb_racy_vars=1
check 'every pair is counted' $?

says /dev/stdin events=1 <<EOF
T1|w(V1)|0
EOF
check 'a pipe is read too' $?

printf 'T1|w(V1)|0\nT1|lock(L1)|0\n' >bad.std
refuses 'line 2' analyze --std bad.std &&
  refuses "'none.std': No such file" analyze --std none.std &&
  refuses '--std' analyze --std && refuses "'--bogus'" analyze --bogus &&
  refuses 'bad.std' analyze bad.std && refuses 'analysed' analyze &&
  refuses 'line 1' analyze --std "$cmshim" &&
  refuses "'-1'" analyze --max-steps -1 --std long.std &&
  refuses "'1x'" analyze --max-steps 1x --std long.std &&
  refuses 'needs a value' analyze --std long.std --max-steps
check 'what cannot be read is refused in one line' $?

"$cmshim" analyze --std long.std >/dev/full 2>err
[ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q 'cannot write' err
check 'numbers that cannot be written are an error' $?

"$cmshim" analyze --help >out && grep -q '^Usage: cmshim analyze --std' out
check '--help' $?

record orders.std orders &&
  sed 's/|[0-9]*$//' orders.std | awk -F'[()]' '
    $1 !~ /fork|join/ {
      kind = substr($2, 1, 1)
      if (!($2 in name)) name[$2] = kind (++count[kind])
      $2 = name[$2]
    }
    { print $1 "(" $2 ")" }' >out &&
  diff - out >err <<EOF
T1|fork(T2)
T2|req(L1)
T2|acq(L1)
T2|req(L2)
T2|acq(L2)
T2|w(V1)
T2|rel(L2)
T2|rel(L1)
T1|join(T2)
T1|acq(L2)
T1|req(L1)
T1|acq(L1)
T1|r(V1)
T1|rel(L1)
T1|rel(L2)
EOF
check 'a program is written as it ran' $?

says orders.std events=15 threads=2 locks=2 vars=1 hb_racy_pairs=0 \
  lockgraph_edges=2 abstract_deadlocks=1 sync_preserving_deadlocks=0 \
  violations=0
check 'and read back' $?

record readers.std readers && says readers.std threads=3 locks=2 vars=1 \
  hb_racy_pairs=0 sync_preserving_racy_vars=0 violations=0
check 'readers do not exclude readers, but writers' $?

# The second reader's write and the first one's read.
record readers.std readers write && says readers.std hb_racy_pairs=1 \
  hb_racy_vars=1 sync_preserving_racy_vars=1 violations=0
check 'nor do they order them' $?

# Of the locks only the tree's is counted, of the inner calls none.
record calls.std calls recursive && says calls.std threads=3 locks=1 vars=1 \
  hb_racy_pairs=0 lockgraph_edges=0 sync_preserving_racy_vars=0 violations=0 &&
  [ "$(grep -c '|acq(' calls.std)" -eq 4 ]
check 'a recursive mutex is held until the last unlock' $?

record calls.std calls refused && says calls.std threads=5 locks=1 vars=1 \
  hb_racy_pairs=0 sync_preserving_racy_vars=0 violations=0 &&
  [ "$(grep -c '|rel(' calls.std)" -eq 2 ]
check 'calls that failed are not in it' $?

record calls.std calls contended && says calls.std threads=3 locks=1 vars=1 \
  hb_racy_pairs=0 sync_preserving_racy_vars=0 violations=0 &&
  [ "$(grep -c '|req(' calls.std)" -eq 2 ] &&
  [ "$(grep -c '|acq(' calls.std)" -eq 2 ]
check 'who had to wait has asked once' $?

# Its signals are under the mutex, what a wake reads nobody wrote.
record calls.std calls waited && says calls.std threads=3 lockgraph_edges=0 \
  hb_racy_pairs=0 sync_preserving_racy_vars=0 violations=0
check 'who waits for a condition has given up the mutex' $?

for how in semaphore barrier once signal; do
  record "$how.std" handed "$how" && says "$how.std" threads=3 \
    hb_racy_pairs=0 sync_preserving_racy_vars=0 lockgraph_edges=0 \
    violations=0
  check "what is handed over by a $how is ordered" $?
done

[ "$(grep -c '|req(' semaphore.std)" -eq 0 ]
check 'a semaphore that is waited for is no lock' $?

# Nothing that is recorded orders these, whatever else the two threads do.
record nothing.std handed nothing && says nothing.std threads=3 \
  hb_racy_pairs=1 hb_racy_vars=1 sync_preserving_racy_vars=1 violations=0
check 'what is handed over by nothing is a race' $?

record posted.std handed posted && says posted.std threads=3 \
  hb_racy_pairs=1 sync_preserving_racy_vars=1 violations=0
check 'nor does a semaphore order that nobody takes' $?

record stuck.std stuck && says stuck.std abstract_deadlocks=1 \
  sync_preserving_deadlocks=1 violations=0
check 'what waits for ever has asked' $?

CMSHIM_OUTPUT=two.trace LD_PRELOAD=$shim "$programs/orders" &&
  refuses 'one trace' report --format std two.trace two.trace &&
  refuses '--fail-on' report --format std --fail-on note two.trace &&
  refuses 'bad.std' report --format std bad.std &&
  "$cmshim" report --format std two.trace >out 2>err && [ ! -s err ] &&
  [ "$(wc -l <out)" -eq 15 ]
check 'it is one trace that is written, and nothing judged' $?

echo "1..$number"
exit $failed
