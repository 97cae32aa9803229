# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: pbzip2
seq 3000000 >in
$RUN pbzip2 -q -p4 -k in
echo "status $?"
$RUN pbzip2 -q -p4 -dc in.bz2 | cksum
