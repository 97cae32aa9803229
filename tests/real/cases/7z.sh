# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: p7zip-full
seq 1000000 >in
$RUN 7z a -bd -mmt4 -mx3 -m0=lzma2:c=1m out.7z in >log
echo "status $?"
$RUN 7z x -bd -so out.7z | cksum
