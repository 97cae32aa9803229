# PROGRAMS WORDS DIFFERENCES SAID: the table of what each tool said, and
# whether it is what `differences` tells.

function wrong(text) {
  complaints = complaints "\n" text
}

# Classes that a tool named, in one order, or "nothing".
function verdict(program, tool,    text, i) {
  for (i = 1; i <= n_classes; i++)
    if ((program, tool, classes[i]) in said)
      text = text (text ? "+" : "") classes[i]
  return text ? text : "nothing"
}

# Whether one of the |-separated alternatives is text.
function among(alternatives, text,    list, n, i) {
  n = split(alternatives, list, "|")
  for (i = 1; i <= n; i++)
    if (list[i] == text)
      return 1
  return 0
}

# How many of the programs with and without a mistake each tool was right on.
function total(title, faultless,    line, i) {
  line = sprintf("%-26s %-14s", title, programs_that[faultless] + 0)
  for (i = 1; i <= n_tools; i++)
    line = line sprintf(" %-16s", right[faultless, tool[i]] + 0)
  sub(/ *$/, "", line)
  return line "\n"
}

function judge(program, tool, wanted,    got, known) {
  got = verdict(program, tool)
  known = told[program, tool]
  delete told[program, tool]
  if (got == wanted && known && !among(known, wanted))
    wrong(program ", " tool ": as expected, but differences tells " known)
  if (got != wanted && !among(known, got))
    wrong(program ", " tool ": " got ", not told in differences")
  if (got == wanted)
    right[wanted == "nothing", tool]++
  return got (got == wanted ? "" : " *")
}

BEGIN {
  n_tools = split(tools, tool, " ")
  n_classes = split("race order misuse", classes, " ")
}

FILENAME ~ /programs$/ { programs[++n_programs] = $1; next }
/^#/ || !NF { next }
FILENAME ~ /words$/ { class[$1, $2] = $3; next }
FILENAME ~ /differences$/ {
  if (NF < 4)
    wrong("differences: no reason: " $0)
  told[$1, $2] = $3
  next
}
{
  from = $2 == "expected" ? "cmshim" : $2
  word = $3
  if (!((from, word) in class))
    sub(/-.*/, "-*", word)
  if (!((from, word) in class))
    wrong($1 ", " $2 ": " $3 " is not in words")
  said[$1, $2, class[from, word]] = 1
}

END {
  printf "%-26s %-14s", "", "expected"
  for (i = 1; i <= n_tools; i++)
    printf " %-16s", tool[i]
  print "\n"
  for (at = 1; at <= n_programs; at++) {
    program = programs[at]
    wanted = verdict(program, "expected")
    programs_that[wanted == "nothing"]++
    line = sprintf("%-26s %-14s", program, wanted)
    for (i = 1; i <= n_tools; i++)
      line = line sprintf(" %-16s", judge(program, tool[i], wanted))
    sub(/ *$/, "", line)
    lines = lines line "\n"
  }
  for (left in told) {
    sub(SUBSEP, ", ", left)
    wrong(left ": told in differences, but not run")
  }
  lines = lines "\n" total("mistakes, said as such", 0) \
          total("no mistake, none said", 1)
  printf "%s\n*: not what is expected; differences tells why\n", lines
  if (complaints) {
    print complaints
    exit 1
  }
}
