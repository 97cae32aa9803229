# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: zstd
seq 6000000 >in
$RUN zstd -q -T4 -6 in -o in.zst
echo "status $?"
$RUN zstd -q -T4 -dc in.zst | cksum
