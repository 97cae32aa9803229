# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: collectd-core
cat >conf - <<END
BaseDir "$PWD"
PIDFile "$PWD/pid"
Interval 0.2
ReadThreads 4
WriteThreads 4
LoadPlugin logfile
LoadPlugin cpu
LoadPlugin memory
LoadPlugin load
LoadPlugin csv
LoadPlugin df
LoadPlugin unixsock
<Plugin logfile>
  File "$PWD/log"
</Plugin>
<Plugin csv>
  DataDir "$PWD/csv"
</Plugin>
<Plugin unixsock>
  SocketFile "$PWD/s"
</Plugin>
END
$RUN collectd -f -C conf >out.log 2>&1 &
server=$!
sleep 4
kill $server
wait $server
echo "server: status $?"
ls csv | wc -l
