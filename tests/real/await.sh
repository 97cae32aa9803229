# shellcheck shell=sh
# Until a command succeeds, for 10 s at most; and the rest is not done.
await() { # await COMMAND
  tries=0
  until eval "$1"; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ]; then
      echo "waited for: $1"
      exit 1
    fi
    sleep 0.1
  done
}
