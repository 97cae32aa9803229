#!/bin/sh
# soak.sh UNIT
#
# What `make check` asks of random traces, of many more: TRACES of them on each
# core, from SEED on.  The same seed makes the same traces; it is printed, and
# a trace that is judged wrongly is, too.
unit=$1
traces=${TRACES:-2000000}
seed=${SEED:-$(date +%s)}
status=0 workers=

for i in $(seq "$(nproc)"); do
  echo "soak: $traces traces, seed $((seed + i))"
  CMSHIM_PREDICT_TRACES=$traces CMSHIM_PREDICT_SEED=$((seed + i)) \
    "$unit" predict_random &
  workers="$workers $!"
done
for worker in $workers; do
  wait "$worker" || status=1
done
exit $status
