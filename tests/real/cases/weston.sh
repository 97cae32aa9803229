# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: weston
mkdir -m 700 run
export XDG_RUNTIME_DIR="$PWD/run"
$RUN weston --backend=headless-backend.so --socket=w --idle-time=0 >log 2>&1 &
server=$!
sleep 3
WAYLAND_DISPLAY=w timeout 2 weston-simple-shm >/dev/null 2>&1
kill $server
wait $server
echo "server: status $?"
