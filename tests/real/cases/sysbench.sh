# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: sysbench
$RUN sysbench mutex --threads=4 --mutex-num=16 --mutex-locks=2000 \
  --mutex-loops=100 run >out
echo "status $?"
$RUN sysbench threads --threads=4 --thread-locks=4 --events=1000 --time=30 \
  run >out
echo "status $?"
