# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: bind9 bind9-dnsutils dnsperf
cat >zone - <<'END'
$TTL 60
@ SOA ns.test. hostmaster.test. 1 60 60 60 60
@ NS ns.test.
ns A 127.0.0.1
END
for i in $(seq 2000); do echo "h$i A 127.0.0.1"; done >>zone
cat >conf - <<END
options { directory "$PWD"; pid-file "$PWD/pid"; recursion no;
  session-keyfile "$PWD/key"; listen-on port 17355 { 127.0.0.1; };
  listen-on-v6 { none; }; dnssec-validation no; };
controls { };
zone "test" { type master; file "$PWD/zone"; };
END
$RUN named -f -n 4 -c "$PWD/conf" >log 2>&1 &
server=$!
await 'dig -p 17355 @127.0.0.1 h1.test +short 2>/dev/null | grep -q 127'
for i in $(seq 2000); do echo "h$i.test A"; done >queries
dnsperf -m tcp -s 127.0.0.1 -p 17355 -d queries -n 5 >perf 2>&1
grep -E 'Queries sent|Queries completed' perf
kill $server
wait $server
echo "server: status $?"
