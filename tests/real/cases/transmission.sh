# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: transmission-daemon transmission-cli
mkdir conf data
seq 300000 >data/big
transmission-create -o t.torrent data/big >/dev/null
$RUN transmission-daemon -f -g conf -w data -r 127.0.0.1 -p 17391 \
  --no-portmap --no-dht --no-utp -P 17392 -i 127.0.0.1 -O \
  --log-error >log 2>&1 &
server=$!
remote="transmission-remote 127.0.0.1:17391"
await '$remote -l >/dev/null 2>&1'
$remote -a t.torrent -w "$PWD/data" >/dev/null
$remote -t1 -v >/dev/null
for _ in $(seq 10); do $remote -l >list; $remote -t1 -i >info; done
sleep 2
$remote -l | awk '/big/ { print $2 }'
kill $server
wait $server
echo "server: status $?"
