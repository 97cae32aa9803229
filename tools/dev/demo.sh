#!/bin/sh
# demo.sh SHIM CMSHIM
#
# Records a memcached of four threads while clients ask it for things, and
# shows what its locks did.  The server listens on loopback only, on a port
# that the kernel chooses, and is gone at the end; the trace stays in the
# working directory to be looked at.
cmshim=$2
seconds=${SECONDS_OF_LOAD:-3}
trace=demo.trace

work=$(mktemp -d) || exit 2
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# As root memcached wants to be told who to be.
echo "+ cmshim record -o $trace -- memcached -t 4 -m 64"
MEMCACHED_PORT_FILENAME=$work/port "$cmshim" record -o $trace -- \
  memcached -u "$(id -un)" -l 127.0.0.1 -p -1 -U 0 -t 4 -m 64 \
  2>"$work/said" &
server=$!

tries=0
until [ -s "$work/port" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ] || ! kill -0 $server 2>/dev/null; then
    echo "demo.sh: memcached did not start:" >&2
    cat "$work/said" >&2
    exit 1
  fi
  sleep 0.1
done
port=$(sed -n 's/^TCP INET: //p' "$work/port")

echo "+ memcaslap -s 127.0.0.1:$port --time=${seconds}s"
timeout $((seconds + 20)) memcaslap -s "127.0.0.1:$port" -T 2 -c 32 \
  --time="${seconds}s" 2>&1 | tail -n 1

kill -TERM $server
wait $server
status=$?
server=
cat "$work/said"
if [ $status -ne 0 ]; then
  echo "demo.sh: memcached ended with status $status" >&2
  exit 1
fi

echo "+ cmshim report $trace"
"$cmshim" report "$trace"
