# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: haproxy apache2-utils
cat >conf - <<END
global
  nbthread 4
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend f
  bind 127.0.0.1:17381
  stick-table type ip size 1k store http_req_rate(10s)
  http-request track-sc0 src
  http-request return status 200 content-type text/plain string hello
END
$RUN haproxy -db -f conf >log 2>&1 &
server=$!
await 'curl -s http://127.0.0.1:17381/ | grep -q hello'
ab -q -n 20000 -c 16 http://127.0.0.1:17381/ >ab.out 2>&1
echo "ab: status $?"
grep -E '^(Complete|Failed|HTML)' ab.out
kill $server
wait $server
echo "server: status $?"
