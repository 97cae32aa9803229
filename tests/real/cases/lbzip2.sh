# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: lbzip2
seq 3000000 >in
$RUN lbzip2 -n4 -k in
echo "status $?"
$RUN lbzip2 -n4 -dc in.bz2 | cksum
