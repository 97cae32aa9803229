#!/bin/sh
# run.sh SHIM CMSHIM PROGRAM...
#
# Whether the stacks of a trace are those that the program had: compare_stacks
# holds the trace of walk_often against what that saw itself.  MILLIONS, of
# acquires, may be in the environment.  Prints TAP.
shim=$(realpath "$1")
folder=$(dirname "$3")
millions=${MILLIONS-2}

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

echo 1..1
if timeout -k 5 300 env CMSHIM_OUTPUT="$work/trace" LD_PRELOAD="$shim" \
  "$folder/walk_often" "$work/samples" "$millions" &&
  "$folder/compare_stacks" "$work/trace" "$work/samples" >"$work/out" 2>&1
then
  echo "ok 1 - stacks are right: $(tail -n 1 "$work/out")"
else
  cat "$work/out"
  echo "not ok 1 - stacks are right"
  echo "#   alone: MILLIONS=$millions $0 $*"
  exit 1
fi
