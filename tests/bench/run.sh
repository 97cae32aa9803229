#!/bin/sh
# run.sh SHIM CMSHIM TSAN-PROGRAMS PROGRAM...
#
# What recording costs: prints a table, and writes it as bench.json beside the
# shim.  Each figure is the median of ROUNDS rounds, 5 if the environment says
# nothing, with the least and the most in brackets.  In a round a program runs
# alone and then with each of what it is compared with; the ratio is that of
# one round, so that a machine that is slower for a while does not count.
#
# Peers that are installed are measured in the same rounds: mutrace; the pthread
# wrapper of lttng-ust with a session of its own; and ThreadSanitizer, by way of
# the programs as TSAN-PROGRAMS has them, which is a folder or empty.
shim=$(realpath "$1") cmshim=$(realpath "$2") sanitized=$3
programs=$(dirname "$(realpath "$4")")
run_tsan=$(dirname "$0")/../peers/tsan.sh
rounds=${ROUNDS-5}
result=${shim%/*}/bench.json

work=$(mktemp -d) || exit 2
daemon=
finish() {
  [ -z "$daemon" ] || kill "$daemon"
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
unset CMSHIM_STACKS CMSHIM_STAMPS CMSHIM_HOLD_PERIOD CMSHIM_MAX_SIZE
export CMSHIM_OUTPUT="$work/trace"
: >"$work/raw"
: >"$work/bytes"
: >"$work/missing"

progress() {
  [ ! -t 2 ] || printf '\r%-40s\r' "$1" >&2
}

# A row of the table: its key and metric, unit, decimals, and title.
row() {
  printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" >>"$work/rows"
}

library() { # library NAME: its path; fails if it is not installed
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n "s,^.*$1[^ ]* .*=> ,,p" |
    sed 1q | grep . || find /usr/lib /usr/local/lib -name "$1*" 2>/dev/null |
    sed 1q | grep .
}

# An LTTng session that records the wrapper's events; its daemon is ours,
# unless there was one.  It keeps the newest 128 MiB.
start_lttng() {
  command -v lttng >/dev/null && command -v lttng-sessiond >/dev/null ||
    return 1
  export LTTNG_HOME="$work"
  if ! lttng list >/dev/null 2>&1; then
    lttng-sessiond --no-kernel >/dev/null 2>&1 &
    daemon=$!
    tries=0
    until lttng list >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ $tries -lt 100 ] || return 1
      sleep 0.05
    done
  fi
  {
    lttng create cmshim-bench --output="$work/lttng" &&
      lttng enable-channel -u --subbuf-size=8M --num-subbuf=4 \
        --tracefile-size=16M --tracefile-count=4 all &&
      lttng enable-event -u -c all 'lttng_ust_pthread:*' &&
      lttng start
  } >/dev/null 2>&1
}

peers=
if mutrace=$(library libmutrace.so); then
  peers="$peers mutrace"
else
  echo mutrace >>"$work/missing"
fi
if lttng=$(library liblttng-ust-pthread-wrapper.so) && start_lttng; then
  peers="$peers lttng"
else
  echo lttng-ust >>"$work/missing"
fi
if [ -x "$sanitized/pairs" ] &&
  "$run_tsan" "$sanitized/pairs" same 1 >/dev/null 2>&1; then
  peers="$peers tsan"
else
  echo ThreadSanitizer >>"$work/missing"
fi

installed() { # installed PEER...: those of them that are
  for peer; do
    case "$peers " in *" $peer "*) printf ' %s' "$peer" ;; esac
  done
}

under() { # under VARIANT COMMAND...
  variant=$1
  shift
  case $variant in
  alone) "$@" ;;
  shim) LD_PRELOAD=$shim "$@" ;;
  no-stacks) CMSHIM_STACKS=none LD_PRELOAD=$shim "$@" ;;
  all-stamps) CMSHIM_STAMPS=all LD_PRELOAD=$shim "$@" ;;
  mutrace) LD_PRELOAD=$mutrace "$@" 2>/dev/null ;;
  lttng) LD_PRELOAD=$lttng "$@" ;;
  tsan)
    sanitized_program=$sanitized/${1##*/}
    shift
    "$run_tsan" "$sanitized_program" "$@"
    ;;
  esac
}

# Keeps every line that the program prints as KEY.WHAT, and with OPERATIONS
# what one takes in the trace.
measure() { # measure KEY VARIANTS OPERATIONS PROGRAM ARGUMENT...
  key=$1 variants=$2 operations=$3 program=$programs/$4
  shift 4
  round=1
  progress "$key"
  while [ $round -le "$rounds" ]; do
    for variant in alone $variants; do
      under "$variant" "$program" "$@" >"$work/out" || {
        echo "run.sh: $program $* fails with $variant" >&2
        exit 1
      }
      sed "s/^/$key $variant $round /" "$work/out" >>"$work/raw"
      if [ $round -eq 1 ] && [ "$operations" -ne 0 ] &&
        [ -e "$work/trace" ]; then
        "$programs/trace_size" "$work/trace" |
          sed -n "s/^bytes \([^ ]*\) .*/$key $variant $operations \1/p" \
            >>"$work/bytes"
      fi
      rm -f "$work"/trace*
    done
    round=$((round + 1))
  done
}

ways='shim no-stacks all-stamps'

row same.pair ns 1 'mutex, one place'
measure same "$ways$peers" 3020000 pairs same 3000000
row varied.pair ns 1 'mutex, 16 stacks, 64 locks'
measure varied "$ways$peers" 3019968 pairs varied 3000000
row own.pair ns 1 'mutex, own one in 2 threads'
measure own "shim$peers" 4040000 threads own 2 2000000
row many.pair ns 1 '64 mutexes, 4 threads'
measure many shim 4000000 threads many 4 1000000
row read.pair ns 1 'rwlock, as a reader'
measure read "shim$(installed mutrace tsan)" 2020000 pairs read 2000000
row spin.pair ns 1 'spinlock'
measure spin "shim$(installed tsan)" 2020000 pairs spin 2000000
row semaphore.pair ns 1 'semaphore, post and wait'
measure semaphore "shim$(installed tsan)" 2020000 pairs semaphore 2000000
row signal.pair ns 1 'condition, signal to nobody'
measure signal shim 2020000 pairs signal 2000000

row lookup-locked.call ns 1 'GHashTable lookup, mutex'
measure lookup-locked "shim no-stacks$peers" 1020000 maps lookup-locked 1000000
row insert-locked.call ns 1 'GHashTable insert, mutex'
measure insert-locked "shim no-stacks$peers" 1020000 maps insert-locked 1000000
row lookup.call ns 1 'GHashTable lookup'
measure lookup 'shim no-stacks' 1020000 maps lookup 1000000
row tfind.call ns 1 'tfind'
measure tfind 'shim no-stacks' 1020000 maps tfind 1000000

for depth in 1 10 25; do
  row "hit-$depth.pair" ns 1 "mutex, $((depth + 6)) frames, memo hit"
  measure "hit-$depth" 'shim no-stacks' 0 pairs one-place 1000000 $depth
  row "missed-$depth.pair" ns 1 "mutex, $((depth + 6)) frames, missed"
  measure "missed-$depth" 'shim no-stacks' 0 \
    pairs other-callers 1000000 $depth
done

row two.section ns 0 'one mutex, 2 threads, 100 ns'
row two.share % 1 '  least share of a thread'
row two.handed % 3 '  handed over'
measure two "shim$peers" 0 threads one 2 250 100 normal
row eight.section ns 0 'one mutex, 8 threads, 1 us'
row eight.share % 1 '  least share of a thread'
row eight.handed % 3 '  handed over'
measure eight "shim$peers" 0 threads one 8 250 1000 normal
for kind in adaptive recursive inherits; do
  row "$kind.section" ns 0 "mutex, $kind, 2 threads, 100 ns"
  row "$kind.share" % 1 '  least share of a thread'
  row "$kind.handed" % 3 '  handed over'
  measure "$kind" shim 0 threads one 2 250 100 "$kind"
done

row idle.thread KiB 1 'memory of an idle thread'
measure idle "shim$peers" 0 threads idle 100

# The program that starts it is not traced.
row true.run ms 2 'start-up of /bin/true'
progress true
round=1
while [ $round -le "$rounds" ]; do
  "$programs/spawn" 100 /bin/true | sed "s/^/true alone $round /"
  "$programs/spawn" 100 "LD_PRELOAD=$shim" /bin/true |
    sed "s/^/true shim $round /"
  rm -f "$work"/trace*
  round=$((round + 1))
done >>"$work/raw"

# Reading: CPU time of the command itself on one core, or with all of them the
# time that passes, and the most memory that it has.
read_trace() { # read_trace KEY TITLE; the trace is there
  key=$1
  row "$key.million" M/s 2 "$2"
  row "$key.wall" M/s 2 '  on all cores'
  row "$key.memory" MiB 0 '  memory'
  progress "$key"
  events=$("$programs/trace_size" "$work/trace" |
    sed -n 's/^events \([^ ]*\) .*/\1/p')
  round=1
  while [ $round -le 3 ]; do
    for on in one all; do
      cores=
      [ $on = all ] || cores='taskset -c 0'
      # shellcheck disable=SC2086 # several words, or none
      "$programs/spawn" 1 $cores "$cmshim" report --format brief \
        "$work/trace" |
        awk -v key="$key" -v round=$round -v events="$events" -v on=$on '
          $1 == "user" && on == "one" {
            print key, "shim", round, "million", events / $2 / 1000, "M/s"
          }
          $1 == "run" && on == "all" {
            print key, "shim", round, "wall", events / $2 / 1000, "M/s"
          }
          $1 == "memory" && on == "all" {
            print key, "shim", round, "memory", $2, "MiB"
          }' >>"$work/raw"
    done
    round=$((round + 1))
  done
}

read_recorded() { # read_recorded KEY TITLE PROGRAM ARGUMENT...
  key=$1 title=$2
  program=$programs/$3
  shift 3
  LD_PRELOAD=$shim "$program" "$@" >/dev/null
  read_trace "$key" "$title"
  rm -f "$work"/trace*
}
read_recorded read-varied 'events read: 64 locks, 1 thread' \
  pairs varied 10000000
read_recorded read-own 'events read: own locks, 2 threads' \
  threads own 2 5000000
read_recorded read-many 'events read: 64 locks, 4 threads' \
  threads many 4 2500000

for threads in 16 64; do
  "$programs/make_trace" "$work/trace" 10000000 $threads 2048 1024
  read_trace read-$threads "events read: locks, maps, $threads threads"
  rm -f "$work"/trace*
done

# What it takes of an event's time; see read_parts.c.
progress read-parts
"$programs/make_trace" "$work/trace" 1000000 16 2048 1024
"$programs/read_parts" "$work/trace" >"$work/out"
while read -r part _; do
  row "read-parts.$part" ns 1 "  $part"
done <"$work/out"
sed 's/^/read-parts shim 1 /' "$work/out" >>"$work/raw"
rm -f "$work"/trace*
progress ''

{
  sed -n 's/^model name[^:]*: */processor|/p' /proc/cpuinfo | sed 1q
  echo "cores|$(nproc)"
  echo "kernel|$(uname -r)"
  echo "file system|$(stat -f -c %T "$work")"
  echo "date|$(date -u +%Y-%m-%d)"
  echo "revision|$(git -C "$(dirname "$0")" describe --always --dirty 2>/dev/null)"
  echo "rounds|$rounds"
  if [ -n "$(installed lttng)" ]; then
    lttng list cmshim-bench |
      sed -n 's/^ *Discarded events: */events that lttng-ust lost|/p'
    lttng destroy cmshim-bench >/dev/null 2>&1
  fi
} >"$work/machine"

awk -v json="$result" -f "$(dirname "$0")/table.awk" \
  "$work/machine" "$work/missing" "$work/rows" "$work/bytes" "$work/raw"
