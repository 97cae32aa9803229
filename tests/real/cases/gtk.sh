# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: libgtk-3-0 gnome-calculator gedit geeqie xvfb dbus at-spi2-core
export XDG_RUNTIME_DIR="$PWD/run" XDG_CONFIG_HOME="$PWD/config"
export XDG_DATA_HOME="$PWD/data" DISPLAY=:96
mkdir -m 700 run config data
await "[ ! -e /tmp/.X11-unix/X96 ]"
Xvfb :96 -nolisten tcp -screen 0 800x600x24 >xvfb.log 2>&1 &
server=$!
await '[ -e /tmp/.X11-unix/X96 ]'
cat >session.sh - <<'END'
for p in gnome-calculator 'gedit -s session.sh' geeqie; do
  timeout -s TERM 4 $p >/dev/null 2>&1
done
echo done
END
timeout 60 $RUN dbus-run-session -- sh session.sh
echo "status $?"
kill $server
wait $server
