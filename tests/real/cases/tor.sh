# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: tor
: >torrc
timeout -s INT 8 $RUN tor -f "$PWD/torrc" --DataDirectory "$PWD/d" --DisableNetwork 1 \
  --SocksPort 0 --NumCPUs 4 >log 2>&1
echo "status $?"
