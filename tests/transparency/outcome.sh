#!/bin/bash
# outcome.sh KIND FOLDER SECONDS COMMAND
#
# Runs the command, a line for sh, in a new folder of its own under FOLDER and
# prints how it came out: the exit status and what each of its tests said,
# without what differs from run to run (times, seeds, pids, names of files).
# KIND says whose output it is: tap, unittest or plain.  With PRELOAD in the
# environment the command runs under that library, and has to leave a trace.
kind=$1 folder=$2 seconds=$3 command=$4

work=$(mktemp -d "$folder/run.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
export HOME="$work" XDG_RUNTIME_DIR="$work" CMSHIM_OUTPUT="$work/cmshim/"
export CMSHIM_MAX_SIZE=300M
mkdir cmshim
# As a login has it.
ulimit -Sn 1024

timeout -k 5 "$seconds" env ${PRELOAD:+"LD_PRELOAD=$PRELOAD"} \
  sh -c "$command" >out 2>&1 </dev/null
echo "status $?"
case $kind in
tap) sed -n '/^ *\(not \)\{0,1\}ok /{ s/ # .*//; s/seed:[0-9]*/seed/; p; }' out ;;
unittest)
  sed -n '/^\(FAIL\|ERROR\): /p; /^Ran /s/ in .*//p; /^\(OK\|FAILED\)/p' out
  ;;
plain) ;;
esac
if [ -n "$PRELOAD" ] && ! ls cmshim/*.trace >/dev/null 2>&1; then
  echo "no trace"
fi
