# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: nbdkit qemu-utils
$RUN nbdkit -f -t 4 -i 127.0.0.1 -p 17395 --filter=cow memory 16M >log 2>&1 &
server=$!
sleep 1
qemu-img bench -q -c 3000 -d 16 -w -f raw nbd://127.0.0.1:17395 >bench
echo "bench: status $?"
kill $server
wait $server
echo "server: status $?"
