#!/bin/sh
# judge.sh SHIM FOLDER SUITE KIND SECONDS NAME COMMAND
#
# Runs one program alone and with the shim and says in FOLDER/SUITE.NAME.verdict
# whether it came out "same", or "varies": differently, but with the shim in no
# way that was not also seen alone; else "different".  The outcomes stay beside
# it as .alone.N and .shim.N, the first runs' nanoseconds as .alone.ns, .shim.ns.
shim=$1 folder=$2 suite=$3 kind=$4 seconds=$5 name=$6 command=$7
outcome=$(dirname "$0")/outcome.sh
base=$folder/$suite.$name
again='1 2 3 4'

both_ways() { # both_ways N
  begun=$(date +%s%N)
  PRELOAD='' "$outcome" "$kind" "$folder" "$seconds" "$command" \
    >"$base.alone.$1"
  between=$(date +%s%N)
  PRELOAD=$shim "$outcome" "$kind" "$folder" "$seconds" "$command" \
    >"$base.shim.$1"
  end=$(date +%s%N)
}

seen_alone() { # seen_alone FILE
  for n in 0 $again; do
    ! cmp -s "$1" "$base.alone.$n" || return 0
  done
  return 1
}

verdict() {
  cmp -s "$base.alone.0" "$base.shim.0" && echo same && return
  for n in $again; do
    both_ways "$n"
  done
  for m in 0 $again; do
    seen_alone "$base.shim.$m" || {
      echo different
      return
    }
  done
  echo varies
}

both_ways 0
echo $((between - begun)) >"$base.alone.ns"
echo $((end - between)) >"$base.shim.ns"
verdict >"$base.verdict"
