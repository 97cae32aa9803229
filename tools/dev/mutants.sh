#!/bin/sh
# mutants.sh LIST
#
# Breaks the code in each of the ways that LIST has, in a copy of the tree, and
# runs the unit tests that are to notice: each has to fail some, or to hang it.  A line of the
# list is
#	FILE | SUITE... | what is broken | sed script
# and a script that changes nothing is an error: the code has moved on.
list=$(realpath "$1")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp -r Makefile include shim reports tools tests "$work" || exit 2
cd "$work" || exit 2

build() {
  make -j"$(nproc)" build/unit >log 2>&1
}

build || {
  tail log
  exit 2
}
number=0 survived=0
while IFS='|' read -r file suites what script; do
  case $file in '#'* | '') continue ;; esac
  file=$(echo "$file" | tr -d ' ')
  number=$((number + 1))
  cp "$file" original
  sed -i "$script" "$file"
  if cmp -s "$file" original; then
    verdict='not ok' why='the script changes nothing'
  elif ! build; then
    verdict='not ok' why='does not compile'
  else
    verdict=ok why=
    # shellcheck disable=SC2086 # several words
    if timeout 60 build/unit $suites >log 2>&1; then
      verdict='not ok' why='no test noticed'
    fi
  fi
  [ "$verdict" = ok ] || survived=$((survived + 1))
  echo "$verdict $number - $file:$what${why:+: $why}"
  # Newer than what was made of the broken one.
  cp original "$file"
done <"$list"
echo "1..$number"
[ "$survived" -eq 0 ] && [ "$number" -gt 0 ]
