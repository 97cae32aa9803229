# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: unbound dnsperf
cat >conf - <<END
server:
  num-threads: 4
  interface: 127.0.0.1
  port: 17354
  chroot: ""
  username: ""
  directory: "$PWD"
  pidfile: "$PWD/pid"
  use-syslog: no
  local-zone: "test." redirect
  local-data: "test. A 127.0.0.1"
remote-control:
  control-enable: no
END
$RUN unbound -d -c conf >log 2>&1 &
server=$!
await 'dig -p 17354 @127.0.0.1 h1.test +short 2>/dev/null | grep -q 127'
for i in $(seq 2000); do echo "h$i.test A"; done >queries
dnsperf -m tcp -s 127.0.0.1 -p 17354 -d queries -n 5 >perf 2>&1
grep -E 'Queries sent|Queries completed' perf
kill $server
wait $server
echo "server: status $?"
