# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: knot knot-dnsutils dnsperf
mkdir run db
cat >zone - <<'END'
$ORIGIN test.
$TTL 60
@ SOA ns hostmaster 1 60 60 60 60
@ NS ns
ns A 127.0.0.1
END
for i in $(seq 2000); do echo "h$i A 127.0.0.1"; done >>zone
cat >conf - <<END
server: { rundir: $PWD/run, listen: 127.0.0.1@17353, udp-workers: 3,
  tcp-workers: 2, background-workers: 3 }
END
cat >conf - <<END
server:
    rundir: "$PWD/run"
    listen: 127.0.0.1@17353
    udp-workers: 3
    tcp-workers: 2
    background-workers: 3
database:
    storage: "$PWD/db"
zone:
  - domain: test.
    file: "$PWD/zone"
    zonefile-sync: -1
END
$RUN knotd -c conf >log 2>&1 &
server=$!
await 'dig -p 17353 @127.0.0.1 h1.test +short 2>/dev/null | grep -q 127'
for i in $(seq 2000); do echo "h$i.test A"; done >queries
dnsperf -m tcp -s 127.0.0.1 -p 17353 -d queries -n 5 >perf 2>&1
for _ in 1 2 3; do knotc -c conf zone-reload >reload 2>&1; done
grep -E 'Queries sent|Queries completed' perf
kill $server
wait $server
echo "server: status $?"
