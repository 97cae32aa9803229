#!/bin/sh
# packages: python3
#
# loops.sh SHIM CMSHIM
#
# What a thread does again and again from one place is a byte in the trace now
# and then: nothing of it may be lost, or become something else, whatever
# interrupts it.  Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
program=${shim%/*}/tests/programs/loops

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

timeout -k 5 60 env CMSHIM_OUTPUT="$work/trace" LD_PRELOAD="$shim" "$program" \
  >"$work/out" || exit 2
"$cmshim" report --format json -o "$work/json" "$work/trace" || exit 2
python3 - "$work" <<'!'
import json, sys

report = json.load(open(f"{sys.argv[1]}/json"))
interrupted = int(open(f"{sys.argv[1]}/out").read())
run = report["run"]
locks = {l["name"].split("!")[1]: l for l in report["locks"]}
number = failed = 0


def check(what, found, expected):
    global number, failed
    number += 1
    failed |= found != expected
    print(f"{'ok' if found == expected else 'not ok'} {number} - {what}")
    if found != expected:
        print(f"# found: {found}, not {expected}")


for name in ("same", "outer", "inner", "recursive", "places", "spin", "rwlock",
             "both"):
    check(f"{name} was taken as often as it was",
          locks[name]["acquisitions"], 100000)
check("the rwlock was taken shared as often as it was",
      locks["rwlock"]["shared"], sum(i // 7 % 2 for i in range(100000)))
check("each interruption is there",
      locks["interrupted"]["acquisitions"], interrupted)
check("nothing is lost or damaged",
      [run["lost"], run["gaps"], run["damaged"], run["truncated"]],
      [0, 0, False, False])
check("nothing was wrong",
      [f["rule"] for f in report["findings"]
       if not f["rule"].startswith("perf-")], [])
print(f"1..{number}")
sys.exit(failed)
!
