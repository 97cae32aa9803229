# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gdb
$RUN gdb -q -batch -ex 'break write' -ex run -ex 'info threads' -ex bt \
  -ex kill --args /bin/echo hello 2>&1 | grep -c .
echo "status $?"
