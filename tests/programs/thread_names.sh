#!/bin/sh
# packages: python3
#
# thread_names.sh SHIM CMSHIM
#
# What a report says of threads: their names, however they were given, where
# they begin, who made them, and where.  Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
program=${shim%/*}/tests/programs/thread_names

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

timeout -k 5 60 env CMSHIM_OUTPUT="$work/trace" LD_PRELOAD="$shim" "$program" \
  >"$work/out" || exit 2
"$cmshim" report --format json -o "$work/json" "$work/trace" || exit 2
python3 - "$work/json" <<'!'
import json, sys

threads = json.load(open(sys.argv[1]))["threads"]
main = threads[0]
# By start routine: the name, and the function that made it.
expected = {
    "by_creator": ("by creator", "make"),
    "by_creator_at_once": ("at once", "make"),
    "by_itself": ("itself again", "make"),
    "by_prctl": ("by prctl, too l", "make"),
    "by_nobody": (None, "main"),
}
number = failed = 0


def check(what, is_good, found):
    global number, failed
    number += 1
    failed |= not is_good
    print(f"{'ok' if is_good else 'not ok'} {number} - {what}")
    if not is_good:
        print(f"# found: {found}")


check("the main thread has a name", main["name"] == "main", main)
for start, (name, maker) in expected.items():
    found = [t for t in threads
             if (t["start"] or "").split(" (")[0] == start]
    check(f"{start}: there is one", len(found) == 1, threads)
    for t in found:
        check(f"{start}: its name", t["name"] == name, t)
        check(f"{start}: its parent", t["parent"] == main["number"], t)
        functions = [f["function"] for f in t["created_at"]]
        # Small functions may be inlined where they are called.
        check(f"{start}: made in {maker}, by main",
              maker in functions and "main" in functions, t)
found = [t for t in threads if t["name"] == "by glib"]
check("glib's thread: there is one", len(found) == 1, threads)
for t in found:
    functions = [f["function"] for f in t["created_at"]]
    check("glib's thread: made by main", "main" in functions, t)
print(f"1..{number}")
sys.exit(failed)
!
