# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: postgresql postgresql-contrib
bin=$(echo /usr/lib/postgresql/*/bin)
mkdir db && chown -R postgres . && chmod 777 .
su postgres -c "$bin/initdb -D $PWD/db" >init 2>&1
su postgres -s /bin/sh -c "exec $RUN $bin/postgres -D $PWD/db \
  -c listen_addresses= -c unix_socket_directories=$PWD \
  -c max_parallel_workers=4" >log 2>&1 &
server=$!
sql="psql -h $PWD -U postgres -qAtX"
await '$sql -c "select 1" >/dev/null 2>&1'
$bin/pgbench -h "$PWD" -U postgres -i -s 2 -q postgres >init 2>&1
$RUN $bin/pgbench -h "$PWD" -U postgres -c 4 -j 4 -t 200 postgres >bench 2>&1
echo "pgbench: status $?"
$sql -c 'select count(*) from pgbench_history'
kill -INT "$(head -1 db/postmaster.pid)"
wait $server
echo "server: status $?"
