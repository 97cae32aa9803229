# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: syslog-ng-core
cat >conf - <<END
@version: 3.38
options { threaded(yes); stats-freq(1); };
source s { network(ip("127.0.0.1") port(17390) transport("tcp")
  max-connections(20) flags(no-parse)); };
parser p { csv-parser(columns("A", "B") delimiters("-")); };
destination d { file("$PWD/out.log" template("\$MSG\n")); };
destination e { file("$PWD/out2.\$A" template("\$B\n") create-dirs(yes)); };
log { source(s); parser(p); destination(d); destination(e); };
END
$RUN syslog-ng -F -f conf --no-caps -R "$PWD/persist" -c "$PWD/ctl" \
  -p "$PWD/pid" >log 2>&1 &
server=$!
await '[ -S ctl ]'
sleep 1
for job in 1 2 3 4; do
  python3 - $job <<'END' &
import socket, sys
s = socket.create_connection(("127.0.0.1", 17390))
for i in range(3000):
    s.sendall(b"m%s-%d\n" % (sys.argv[1].encode(), i))
s.close()
END
done
for _ in 1 2 3 4 5; do sleep 0.5; syslog-ng-ctl stats -c "$PWD/ctl" >stats; done
syslog-ng-ctl reload -c "$PWD/ctl" >reload
sleep 1
kill "$(cat pid)"
wait $server
echo "server: status $?"
sort out.log | cksum
sort out2.* | cksum
