# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: apache2-bin apache2-utils
mkdir root && seq 2000 >root/f.txt
m=/usr/lib/apache2/modules
cat >conf - <<END
ServerRoot "$PWD"
ServerName localhost
Listen 127.0.0.1:17383
PidFile "$PWD/pid"
LoadModule mpm_event_module $m/mod_mpm_event.so
LoadModule authz_core_module $m/mod_authz_core.so
DocumentRoot "$PWD/root"
ErrorLog "$PWD/error.log"
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
END
APACHE_RUN_DIR=$PWD $RUN apache2 -X -f "$PWD/conf" >log 2>&1 &
server=$!
await 'curl -s -o page http://127.0.0.1:17383/f.txt'
ab -q -n 5000 -c 12 http://127.0.0.1:17383/f.txt >ab.out 2>&1
echo "ab: status $?"
grep -E '^(Complete|Failed|HTML)' ab.out
kill "$(cat pid)"
wait $server
echo "server: status $?"
