# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: redis-server redis-tools
port=17379
$RUN redis-server --port $port --bind 127.0.0.1 --io-threads 4 \
  --io-threads-do-reads yes --save '' --appendonly yes --daemonize no \
  --enable-debug-command yes >log &
server=$!
await 'redis-cli -p $port ping >pong 2>&1 && grep -q PONG pong'
redis-benchmark -p $port -n 8000 -c 60 -P 4 -t set,get,lpush,lpop -q >bench
echo "benchmark: status $?"
redis-cli -p $port dbsize
redis-cli -p $port flushall async
redis-cli -p $port bgrewriteaof >rewrite
redis-cli -p $port shutdown nosave
wait $server
echo "server: status $?"
