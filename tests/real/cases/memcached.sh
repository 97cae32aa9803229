# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: memcached libmemcached-tools
MEMCACHED_PORT_FILENAME=port $RUN memcached -u "$(id -un)" -l 127.0.0.1 \
  -p -1 -U 0 -t 4 -m 64 &
server=$!
await '[ -s port ]'
address=127.0.0.1:$(sed -n 's/^TCP INET: //p' port)
timeout 60 memcaslap -s "$address" -T 2 -c 8 -x 60000 >out 2>&1
echo "memcaslap: status $?"
grep -E '^(cmd_|get_misses|written_bytes)' out
kill $server
wait $server
echo "server: status $?"
