#!/bin/sh
# compare.sh OLD.json NEW.json
#
# Two results of run.sh beside each other, by their ratios: what is marked has
# no round in common, so it is more than noise.
[ $# -eq 2 ] || {
  echo "usage: compare.sh OLD.json NEW.json" >&2
  exit 2
}

# One row is one line there.
awk '
  function text(name,    at) {
    at = $0
    sub(".*\"" name "\": \"", "", at)
    sub("\".*", "", at)
    return at
  }
  # What has no program alone beside it is compared as it is.
  function keep(file,    key, of) {
    key = sprintf("%-22s %-10s", text("row"), text("with"))
    of = /"ratio"/ ? "ratio" : "value"
    least[file, key] = first($0, of, "min")
    most[file, key] = first($0, of, "max")
    middle[file, key] = first($0, of, "median")
    if (file == 2)
      keys[++n] = key
  }
  function first(line, of, name) {
    sub(".*\"" of "\": [{]", "", line)
    sub("[}].*", "", line)
    sub(".*\"" name "\": ", "", line)
    return line + 0
  }
  FNR == 1 { file++ }
  /"row":/ { keep(file) }
  END {
    for (i = 1; i <= n; i++) {
      key = keys[i]
      if (!((1, key) in middle))
        continue
      apart = least[2, key] > most[1, key] || most[2, key] < least[1, key]
      printf "%s %8.2f %8.2f %+6.1f %%%s\n", key, middle[1, key],
             middle[2, key],
             middle[1, key] ? 100 * (middle[2, key] / middle[1, key] - 1) : 0,
             apart ? "  *" : ""
    }
  }' "$1" "$2"
