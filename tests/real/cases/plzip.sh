# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: plzip
seq 1500000 >in
$RUN plzip -n4 -2 -k in
echo "status $?"
$RUN plzip -n4 -dc in.lz | cksum
