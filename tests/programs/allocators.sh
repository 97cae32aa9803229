#!/bin/sh
# packages: libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0
# packages: redis-server redis-tools
#
# allocators.sh SHIM CMSHIM
#
# Programs with another malloc than libc's, preloaded before the shim and
# after it: they must do what they do without the shim, and leave a whole
# trace.  In front of the allocator the shim sees what is freed; behind it it
# sees nothing, and must not be in the way.  Redis is linked against jemalloc.
# Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
program=${shim%/*}/tests/programs/alloc_work

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
    [ ! -s "$file" ] || sed "s/^/# $file: /;20q" "$file"
  done
}

library() { # library SONAME: its path, or nothing
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n "s,^[[:space:]]*$1 .*=> ,,p" |
    sed 1q
}

# Nothing lost, nothing wrong.  Who waited for whom is chance.
check_trace() { # check_trace WHAT TRACE
  {
    timeout 60 "$cmshim" report --format brief "$2" | grep -vE ' (perf-[a-z-]*|lock-held-blocking) '
    timeout 60 "$cmshim" report --format json -o json "$2" || echo "status $?"
    grep -E '^    "(lost|gaps)": ' json | grep -v ': 0,'
    grep -E '^    "damaged": ' json | grep -v ': false,'
  } >why 2>&1
  [ ! -s why ]
  check "$1: a whole trace, nothing wrong in it" $? why
}

# run OUTPUT PRELOAD
run() {
  timeout -k 5 60 env CMSHIM_OUTPUT=trace LD_PRELOAD="$2" "$program" >"$1" 2>&1
  echo "status $?" >>"$1"
}

# The allocator's own operator delete ends what was in the block.
check_deleted() { # check_deleted NAME ALLOCATOR
  rm -f trace
  program=${program%/*}/alloc_deleted
  run traced "$shim $2"
  printf 'done\nstatus 0\n' | diff - traced >difference
  check "$1: every operator delete gives back" $? difference
  check_trace "$1, deleted" trace
  rm -f trace
  timeout -k 5 60 env CMSHIM_OUTPUT=trace LD_PRELOAD="$shim $2" \
    "$program" kept >/dev/null
  timeout 60 "$cmshim" report --format brief trace >found
  grep -q ' dl-potential ' found
  check "$1: what is not given back is the same lock" $? found
  program=${program%/*}/alloc_work
}

for name in jemalloc:libjemalloc.so.2 tcmalloc:libtcmalloc_minimal.so.4 \
  mimalloc:libmimalloc.so.2 libc:; do
  soname=${name#*:} name=${name%:*}
  allocator=${soname:+$(library "$soname")}
  if [ -n "$soname" ] && [ -z "$allocator" ]; then
    check "$name is installed" 1
    continue
  fi
  run plain "$allocator"
  for order in "$shim $allocator" "$allocator $shim"; do
    what="$name, the shim first"
    [ "${order#"$shim"}" != "$order" ] || what="$name, the shim second"
    [ -n "$soname" ] || what=$name
    rm -f trace
    run traced "$order"
    grep -q '^status 0$' plain && diff plain traced >difference
    check "$what: the same results" $? plain difference
    check_trace "$what" trace
    [ -n "$soname" ] || break
  done
  # libc's operator delete is the C++ library's, and seen to call free().
  [ -z "$soname" ] || check_deleted "$name" "$allocator"
done

# --- redis: a server of several threads, with jemalloc as Debian links it

ask() {
  timeout 20 redis-cli -s socket "$@"
}

# Prints what depends on the requests only.  What is unlinked is freed by
# another thread than the one that made it.
use_redis() {
  timeout 40 redis-benchmark -s socket -n 5000 -c 20 -P 4 -q \
    -t set,get,incr,lpush,sadd,zadd >out 2>&1
  echo "redis-benchmark: status $?"
  ask get counter:__rand_int__
  ask llen mylist
  seq 20000 | sed 's/.*/rpush long & &/' | ask --pipe | tail -1
  ask lrange long 0 -1 | cksum
  ask unlink long mylist
  ask flushall async
  ask dbsize
}

start_redis() { # start_redis NAME=VALUE...
  exec timeout -k 5 60 env "$@" redis-server --port 0 --unixsocket socket \
    --save '' --io-threads 3 --io-threads-do-reads yes
}

for run in plain traced; do
  set --
  [ $run = plain ] || set -- CMSHIM_OUTPUT="$work/redis.trace" LD_PRELOAD="$shim"
  (start_redis "$@") >redis.out 2>&1 &
  server=$!
  tries=0
  until [ -S socket ] && ask ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 $server 2>/dev/null; then
      break
    fi
    sleep 0.1
  done
  use_redis >$run 2>&1
  kill $server
  wait $server
  echo "server: status $?" >>$run
  server=
done
grep -q '^server: status 0$' plain && diff plain traced >difference
check 'redis: the same results' $? plain difference redis.out
check_trace redis redis.trace
grep -q '^    "program": ".*redis' json
check 'redis: the trace is the server'\''s' $? json
echo "1..$number"
exit $failed
