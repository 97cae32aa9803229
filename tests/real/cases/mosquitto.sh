# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: mosquitto mosquitto-clients
printf 'listener 17384 127.0.0.1\nallow_anonymous true\n' >conf
mosquitto -c conf >log 2>&1 &
server=$!
sleep 0.5
$RUN mosquitto_sub -p 17384 -t t -C 200 >got &
sub=$!
sleep 1
seq 200 | $RUN mosquitto_pub -p 17384 -t t -l -q 1
wait $sub
echo "sub: status $?"
cksum got
kill $server
