#!/bin/sh
# total.sh FOLDER
#
# Adds up what part.sh kept of each part: the lines of TAP ("ok 1 - what") and
# the summary of Check ("100%: Checks: 12, Failures: 0, Errors: 0").  A part
# that printed neither counts as one test; one that failed without a failed
# test, as one failure.  A skipped test is neither.  The last line is the
# total; fails unless everything passed.
folder=$1
passed=0 failed=0 skipped=0

for status in "$folder"/*.status; do
  part=${status%.status}
  counts=$(awk -v status="$(cat "$status")" '
    /^ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
    /^ok / { passed++ }
    /^not ok .*# *[Tt][Oo][Dd][Oo]/ { skipped++; next }
    /^not ok / { failed++ }
    /^[0-9]+%: Checks: / {
      gsub(/,/, "")
      failed += $5 + $7
      passed += $3 - $5 - $7
    }
    END {
      if (status != 0 && !failed)
        failed = 1
      if (status == 0 && !passed && !skipped)
        passed = 1
      print passed + 0, failed + 0, skipped + 0
    }' "$part.log")
  # shellcheck disable=SC2086 # three numbers
  set -- $counts
  printf '%-12s %s passed, %s failed%s\n' "${part##*/}:" "$1" "$2" \
    "$([ "$3" -eq 0 ] || echo ", $3 SKIPPED")"
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
done

if [ $skipped -ne 0 ]; then
  echo "SKIPPED:"
  grep -ih '^\(not \)\{0,1\}ok .*# *\(skip\|todo\)' "$folder"/*.log
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -ne 0 ]
