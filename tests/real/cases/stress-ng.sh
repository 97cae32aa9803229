# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: stress-ng
$RUN stress-ng -q --pthread 2 --pthread-ops 2000 --mutex 2 --mutex-ops 20000 \
  --timeout 20
echo "status $?"
