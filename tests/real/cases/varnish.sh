# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: varnish apache2-utils gcc
printf 'vcl 4.1; backend default none; sub vcl_recv { return (synth(200)); }' \
  >c.vcl
$RUN varnishd -F -n "$PWD/v" -j none -a 127.0.0.1:17382 -f "$PWD/c.vcl" \
  -s malloc,64m >log 2>&1 &
server=$!
for _ in $(seq 100); do
  curl -s -o page http://127.0.0.1:17382/ && break
  sleep 0.2
done
ab -q -n 3000 -c 8 http://127.0.0.1:17382/ >ab.out 2>&1
echo "ab: status $?"
grep '^Complete' ab.out
kill $server
wait $server
echo "server: status $?"
