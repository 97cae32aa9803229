# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: xz-utils
seq 3000000 >in
$RUN xz -T4 -2 --block-size=1MiB -k in
echo "status $?"
$RUN xz -T4 -dc in.xz | cksum
