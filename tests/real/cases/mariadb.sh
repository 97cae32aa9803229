# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: mariadb-server-core mariadb-client sysbench
mkdir db
mariadb-install-db --no-defaults --datadir="$PWD/db" \
  --auth-root-authentication-method=normal --user=root >install 2>&1
$RUN mariadbd --no-defaults --user=root --datadir="$PWD/db" \
  --socket="$PWD/s" --skip-networking --thread-handling=pool-of-threads \
  --innodb-buffer-pool-size=64M --lc-messages-dir=/usr/share/mysql/english \
  >log 2>&1 &
server=$!
await 'mariadb -S "$PWD/s" -e "select 1" >/dev/null 2>&1'
mariadb -S "$PWD/s" -e 'create database sbtest'
load="sysbench oltp_read_write --db-driver=mysql --mysql-socket=$PWD/s
  --mysql-user=root --tables=2 --table-size=2000 --threads=4 --time=60
  --events=600 --rand-seed=1"
$load prepare >prepare 2>&1
echo "prepare: status $?"
$load run >bench 2>&1
echo "run: status $?"
mariadb -S "$PWD/s" -e 'select count(*) from sbtest.sbtest1'
mariadb-admin -S "$PWD/s" shutdown
wait $server
echo "server: status $?"
