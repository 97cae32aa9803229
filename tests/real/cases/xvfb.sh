# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: xvfb
await '[ ! -e /tmp/.X11-unix/X97 ]'
$RUN Xvfb :97 -nolisten tcp -screen 0 640x480x24 >log 2>&1 &
server=$!
await '[ -e /tmp/.X11-unix/X97 ]'
kill $server
wait $server
echo "server: status $?"
