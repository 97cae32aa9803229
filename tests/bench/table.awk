# What run.sh measured, as a table and as JSON, one row a line.

# The middle one of the n values in list; also sets least and most.
function median(list, n,    i, j, keep) {
  for (i = 2; i <= n; i++)
    for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
      keep = list[j]
      list[j] = list[j - 1]
      list[j - 1] = keep
    }
  least = list[1]
  most = list[n]
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function spread(value, decimals,    format) {
  format = "%." decimals "f [" "%." decimals "f %." decimals "f]"
  return sprintf(format, value, least, most)
}

function numbers(name, value) {
  return sprintf(", \"%s\": {\"median\": %.6g, \"min\": %.6g, \"max\": %.6g}",
                 name, value, least, most)
}

function collect(key, variant,    round, n) {
  n = 0
  for (round = 1; round <= last_round; round++)
    if ((key, variant, round) in value)
      values[++n] = value[key, variant, round]
  return n
}

# Ratios to the program alone, round by round; sets values.
function ratios(key, variant,    round, n) {
  n = 0
  for (round = 1; round <= last_round; round++)
    if ((key, variant, round) in value && value[key, "alone", round] > 0)
      values[++n] = value[key, variant, round] / value[key, "alone", round]
  return n
}

# What a row costs with the peers: columns in the table, rows in JSON.
function beside(at,    i, n, text, ratio) {
  for (i = first_peer; i <= n_variants; i++) {
    n = ratios(keys[at], variants[i])
    ratio = n ? sprintf("x%.2f", median(values, n)) : ""
    text = text sprintf(" %7s", ratio)
  }
  return text
}

function show(at, variant,    key, title, alone_text, text, ratio_text, n,
              bytes_text, line, alone, with, ratio, added, shown) {
  key = keys[at]
  line = sprintf("    {\"row\": \"%s\", \"with\": \"%s\", \"unit\": \"%s\"",
                 key, variant, unit[at])
  shown = variant in said
  if (shown)
    title = variant == "shim" ? titles[at] : "  " said[variant]
  n = collect(key, variant)
  with = median(values, n)
  text = spread(with, decimals[at])
  line = line numbers("value", with)
  n = collect(key, "alone")
  if (n) {
    alone = median(values, n)
    alone_text = spread(alone, decimals[at])
    line = line numbers("alone", alone)
    added = sprintf("%+." decimals[at] "f", with - alone)
    n = ratios(key, variant)
    if (n) {
      ratio = median(values, n)
      ratio_text = "x" spread(ratio, 2)
      line = line numbers("ratio", ratio)
    }
  }
  if ((at_bytes = key) && sub(/\..*/, "", at_bytes) &&
      (at_bytes, variant) in bytes) {
    bytes_text = sprintf("%.2f", bytes[at_bytes, variant])
    line = line ", \"trace_bytes\": " bytes_text
  }
  if (shown)
    printf "%-33s %-3s %-21s %-22s %-19s %7s %6s%s\n", title, unit[at],
           variant == "shim" ? alone_text : "", text, ratio_text, added,
           bytes_text, variant == "shim" ? beside(at) : ""
  return line "}"
}

BEGIN {
  said["shim"]
  said["no-stacks"] = "CMSHIM_STACKS=none"
  said["all-stamps"] = "CMSHIM_STAMPS=all"
  n_variants = split("shim no-stacks all-stamps mutrace lttng tsan", variants,
                     " ")
  first_peer = 4
}

FILENAME ~ /machine$/ {
  split($0, part, "|")
  machine = machine sprintf("  \"%s\": \"%s\",\n", part[1], part[2])
  head = head (head ? ", " : "") part[1] " " part[2]
}
FILENAME ~ /missing$/ {
  missing = missing (missing ? ", " : "") "\"" $0 "\""
}
FILENAME ~ /rows$/ {
  split($0, part, "|")
  keys[++n_rows] = part[1]
  unit[n_rows] = part[2]
  decimals[n_rows] = part[3]
  titles[n_rows] = part[4]
}
FILENAME ~ /bytes$/ { bytes[$1, $2] = $4 / $3 }
FILENAME ~ /raw$/ {
  value[$1 "." $4, $2, $3] = $5
  if ($3 > last_round)
    last_round = $3
}

END {
  print head
  print "median [least most] of the rounds; bytes: in the trace, for each;"
  print "mutrace, lttng-ust and ThreadSanitizer: their ratios\n"
  printf "%-33s %-3s %-21s %-22s %-19s %7s %6s %7s %7s %7s\n", "", "", "alone",
         "traced", "ratio", "added", "bytes", "mutrace", "lttng", "TSan"
  printf "{\n%s  \"missing\": [%s],\n  \"rows\": [\n", machine, missing >json
  for (at = 1; at <= n_rows; at++)
    for (i = 1; i <= n_variants; i++)
      if ((keys[at], variants[i], 1) in value) {
        printf "%s%s", separator, show(at, variants[i]) >json
        separator = ",\n"
      }
  print "\n  ]\n}" >json
  gsub(/"/, "", missing)
  if (missing)
    print "\nnot installed, so not compared: " missing
}
