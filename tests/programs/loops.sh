#!/bin/sh
# packages: python3
#
# loops.sh SHIM CMSHIM
#
# What a thread does again and again from one place is a byte in the trace now
# and then: nothing of it may be lost, or become something else, whatever
# interrupts it.  Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
programs=${shim%/*}/tests/programs

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

for name in loops loops_left; do
  timeout -k 5 60 env CMSHIM_OUTPUT="$work/$name.trace" LD_PRELOAD="$shim" \
    "$programs/$name" >"$work/$name.out" || exit 2
  "$cmshim" report --format json -o "$work/$name.json" "$work/$name.trace" ||
    exit 2
done
python3 - "$work" <<'!'
import json, sys

def result(name):
    report = json.load(open(f"{sys.argv[1]}/{name}.json"))
    locks = {l["name"].split("!")[1]: l for l in report["locks"]}
    said = open(f"{sys.argv[1]}/{name}.out").read().split()
    return report, locks, [int(n) for n in said]


report, locks, (interrupted,) = result("loops")
run = report["run"]
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
check("so are its handler's locks",
      locks["inside"]["acquisitions"], 20 * interrupted)
check("of which not all holds are timed",
      8 * locks["inside"]["hold_ns"]["samples"] < 20 * interrupted, True)
check("nothing is lost or damaged",
      [run["lost"], run["gaps"], run["damaged"], run["truncated"]],
      [0, 0, False, False])
check("nothing was wrong",
      [f["rule"] for f in report["findings"]
       if not f["rule"].startswith("perf-")], [])

# A jump may leave a pair recorded that did not end, but changes nothing that
# follows.
report, locks, (a, b, left) = result("loops_left")
for name, taken in ("a", a), ("b", b):
    found = locks[name]["acquisitions"]
    check(f"{name} was taken as often as it was, but for what was left",
          taken if 2 * abs(found - taken) <= left else found, taken)
check("nothing is damaged by what was left", report["run"]["damaged"], False)
print(f"1..{number}")
sys.exit(failed)
!
