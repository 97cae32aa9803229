# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: pigz
seq 4000000 >in
$RUN pigz -p 4 -k in
echo "status $?"
$RUN pigz -p 4 -dc in.gz | cksum
