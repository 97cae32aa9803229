#!/bin/sh
# packages: python3
#
# held_samples.sh SHIM CMSHIM
#
# A thread that goes on taking locks has ever fewer of its holds timed, and
# each of them counts for more.  Of held_samples' lock, three holds of five are
# long; of the timed ones most are short, as those came first.  Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
program=${shim%/*}/tests/programs/held_samples

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

for period in '' 32; do
  timeout -k 5 60 env CMSHIM_OUTPUT="$work/$period.trace" \
    ${period:+CMSHIM_HOLD_PERIOD=$period} LD_PRELOAD="$shim" "$program" ||
    exit 2
  "$cmshim" report --format json -o "$work/$period.json" \
    "$work/$period.trace" || exit 2
done
python3 - "$work" <<'!'
import json, sys


def held(name):
    locks = json.load(open(f"{sys.argv[1]}/{name}.json"))["locks"]
    return max((l["hold_ns"] for l in locks), key=lambda h: h["sum"])


thinned, fixed = held(""), held("32")
checks = [
    ("half of the holds at least are long", thinned["p50"] >= 1000, thinned),
    ("that is so of a fixed period, too", fixed["p50"] >= 1000, fixed),
    ("a fixed period is one hold in so many",
     1400 < fixed["samples"] < 1725, fixed),
    ("fewer holds are timed otherwise",
     300 < thinned["samples"] < 1000, thinned),
]
for number, (what, is_good, found) in enumerate(checks, 1):
    print(f"{'ok' if is_good else 'not ok'} {number} - {what}")
    if not is_good:
        print(f"# found: {found}")
print(f"1..{len(checks)}")
sys.exit(not all(is_good for _, is_good, _ in checks))
!
