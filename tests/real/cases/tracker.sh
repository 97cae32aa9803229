# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: tracker-miner-fs dbus
export XDG_RUNTIME_DIR="$PWD/run" XDG_CONFIG_HOME="$PWD/config"
export XDG_DATA_HOME="$PWD/data" XDG_CACHE_HOME="$PWD/cache"
mkdir -m 700 run config data cache docs
for i in $(seq 200); do echo "text $i" >docs/$i.txt; done
cat >session.sh - <<'END'
for i in 1 2 3; do
  tracker3 index --add --recursive "$PWD/docs" >/dev/null 2>&1
  sleep 2
  tracker3 search text >/dev/null 2>&1
done
tracker3 daemon -t >/dev/null 2>&1
echo done
END
timeout 60 $RUN dbus-run-session -- sh session.sh
echo "status $?"
