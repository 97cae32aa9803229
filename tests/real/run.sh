#!/bin/sh
# packages: memcached libmemcached-tools python3 python3-jsonschema
# packages: gstreamer1.0-tools gstreamer1.0-plugins-base
#
# run.sh SHIM CMSHIM
#
# Programs that nobody wrote for this purpose: memcached of four threads under
# memcslap and memcaslap, and a GStreamer pipeline whose queues hand buffers
# from thread to thread.  Each runs alone and under the shim and must do the
# same; its trace must be whole, and the report say what is known of the
# program.  The server listens on loopback, on a port that the kernel chooses,
# and is gone at the end.  Prints TAP.
validate=$(cd "$(dirname "$0")/../golden" && pwd)/validate.sh
shim=$(realpath "$1") cmshim=$(realpath "$2")

ulimit -f 1048576 # 512 MiB, should a trace grow without end
work=$(mktemp -d) || exit 2
server=
# shellcheck disable=SC2317 # the trap's
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work" || exit 2
unset DEBUGINFOD_URLS GST_DEBUG

number=0 failed=0
check() { # check WHAT STATUS FILE...: 0 is good; shows the files if it is not
  number=$((number + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $number - $1"
    return
  fi
  failed=1
  echo "not ok $number - $1"
  shift 2
  for file; do
    [ ! -s "$file" ] || sed "s/^/# $file: /;40q" "$file"
  done
}

# Becomes the program, for 40 s at most.  timeout(1) passes signals on.
become() { # become plain|traced PROGRAM ARGUMENT...
  run=$1
  shift
  if [ "$run" = traced ]; then
    set -- env CMSHIM_OUTPUT="$work/$name.trace" LD_PRELOAD="$shim" "$@"
  fi
  exec timeout -k 5 40 "$@"
}

check_same() { # what the two runs printed of themselves
  diff $name.plain $name.traced >$name.diff
  check "$name does what it does alone" $? $name.plain $name.diff
}

# Of the one trace: the report for people, and the one for programs.
check_report() {
  {
    # shellcheck disable=SC2012 # names of ours
    traces=$(ls $name.trace $name.trace.* 2>/dev/null | wc -l)
    [ "$traces" -eq 1 ] || echo "left $traces traces"
    timeout 60 "$cmshim" report $name.trace >$name.report ||
      echo "status $?"
    timeout 60 "$cmshim" report -f json $name.trace >$name.json &&
      "$validate" $name.json || echo "JSON: status $?"
  } >$name.why 2>&1
  [ ! -s $name.why ]
  check "$name leaves a trace, its JSON is as the schema says" $? $name.why
}

# What must be true of the report, as assertions in Python.
check_facts() { # check_facts WHAT PYTHON
  cat >facts - <<'EOF2'
import json, sys
report = json.load(open(sys.argv[1]))
run, locks, maps = report["run"], report["locks"], report["maps"]
threads = [thread["name"] for thread in report["threads"]]
found = {(f["severity"], f["rule"]) for f in report["findings"]}
EOF2
  echo "$2" >>facts
  timeout 60 python3 facts $name.json 2>$name.why
  check "$name: $1" $? $name.why $name.report
}

check_whole() {
  check_facts 'nothing is lost' '
assert run["lost"] == 0 and run["gaps"] == 0, run
assert not run["damaged"] and not run["truncated"], run
assert [p["state"] for p in run["processes"]] == ["exited"], run
# Stacks in constructors of libraries are cut short.
assert run["lost_by"]["frames"] * 100 <= run["events"], run["lost_by"]
assert run["lost_by"]["stacks"] == 0, run["lost_by"]'
}

# --- memcached ---

requests=20000

start_server() { # start_server plain|traced
  rm -f port
  # As root it wants to be told who to be.
  MEMCACHED_PORT_FILENAME=port become "$1" memcached -u "$(id -un)" \
    -l 127.0.0.1 -p -1 -U 0 -t 4 -m 64 >server.out 2>&1 &
  server=$!
  tries=0
  until [ -s port ]; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 $server 2>/dev/null; then
      echo "did not start, $1"
      return
    fi
    sleep 0.1
  done
  address=127.0.0.1:$(sed -n 's/^TCP INET: //p' port)
}

# Prints what depends on the requests only: counts and contents, no times.
use_server() {
  timeout 20 memcaslap -s "$address" -T 2 -c 8 -x $requests >out 2>&1
  echo "memcaslap: status $?"
  grep -E '^(cmd_|get_misses|written_bytes|read_bytes)' out
  timeout 20 memcslap --servers="$address" --concurrency=4 \
    --execute-number=500 --test=get --flush >out 2>&1
  echo "memcslap: status $?"
  grep -oE '^Time to [gs]et .* keys' out
  for item in one two three; do
    seq 1000 | sed "s/^/$item /" >$item
  done
  timeout 20 memccp --servers="$address" one two three
  echo "memccp: status $?"
  for item in three two one; do
    timeout 20 memccat --servers="$address" $item | cksum
  done
  timeout 20 memcstat --servers="$address" |
    grep -E '\<(cmd_[gs]et|get_(hits|misses)|(curr|total)_items|threads):'
}

stop_server() {
  kill $server
  wait $server
  echo "server: status $?"
  server=
  cat server.out
}

name=memcached
for mode in plain traced; do
  {
    start_server $mode
    use_server
    stop_server
  } >$name.$mode 2>&1
done

for line in 'memcaslap: status 0' 'cmd_get: 18000' 'memcslap: status 0' \
  'threads: 4' 'get_misses: 0' 'server: status 0'; do
  grep -q "$line" $name.plain || echo "no '$line'"
done >$name.why
[ ! -s $name.why ]
check 'memcached works' $? $name.why $name.plain
check_same
check_report
check_whole
check_facts 'its threads and locks are known' '
# A request takes and releases the lock of its item, at least.
assert run["events"] > 2 * '$requests', run["events"]
assert sum(lock["acquisitions"] for lock in locks) > '$requests'
assert all(lock["kind"] == "mutex" for lock in locks)
assert threads.count("mc-worker") == 4 and "mc-log" in threads, threads
# Waiting is all that there is to be seen in it.
assert all(rule.startswith("perf-") or rule == "lock-held-blocking"
           for _, rule in found), found'

# --- GStreamer ---

# Five queues and two sources, each with a thread of its own.  What is written
# depends on the number of buffers only.
pipeline() { # pipeline plain|traced
  become "$1" gst-launch-1.0 -q \
    videotestsrc num-buffers=200 ! \
    video/x-raw,format=I420,width=160,height=120 ! tee name=video ! \
    queue name=copy ! filesink location=video.raw \
    video. ! queue name=convert ! videoconvert ! video/x-raw,format=RGB ! \
    filesink location=rgb.raw \
    video. ! queue name=drop ! fakesink sync=false \
    audiotestsrc num-buffers=300 ! audio/x-raw,channels=1 ! tee name=audio ! \
    queue name=listen ! filesink location=audio.raw \
    audio. ! queue name=double ! audioconvert ! audio/x-raw,channels=2 ! \
    filesink location=stereo.raw
}

name=gstreamer
# Made once, by a process of its own, not in one of the runs to be compared.
export GST_REGISTRY="$work/registry"
timeout 60 gst-inspect-1.0 tee >/dev/null 2>&1
for mode in plain traced; do
  {
    (pipeline $mode)
    echo "status $?"
    cksum video.raw rgb.raw audio.raw stereo.raw
    rm -f video.raw rgb.raw audio.raw stereo.raw
  } >$name.$mode 2>&1
done

# An image of 160 x 120 has 28800 bytes in I420, and 57600 in RGB.
{
  grep -qx 'status 0' $name.plain || echo failed
  grep -q " $((200 * 28800)) video.raw" $name.plain || echo 'video.raw'
  grep -q " $((200 * 57600)) rgb.raw" $name.plain || echo 'rgb.raw'
} >$name.why
[ ! -s $name.why ]
check 'GStreamer works' $? $name.why $name.plain
check_same
check_report
check_whole
check_facts 'its threads, locks and maps are known' '
# The kernel keeps 15 characters of a name.
streaming = {"copy:src", "convert:src", "drop:src", "listen:src",
             "double:src", "videotestsrc0:s", "audiotestsrc0:s"}
assert streaming <= set(threads), threads
assert run["events"] > 10000, run["events"]
assert {"mutex", "rwlock"} <= {lock["kind"] for lock in locks}
# Streaming threads look their types up in a table that the main thread made.
shared = [m for m in maps if m["threads"] > 1]
assert shared and all(m["api"] == "GLib GHashTable" for m in shared), maps
# Streaming threads hold the lock of their stream while they wait; meant so.
assert {f for f in found if not f[1].startswith("perf-")} <= {
    ("note", "cv-wait-holding-other"),
    ("warning", "lock-held-blocking")}, found'

echo "1..$number"
exit $failed
