#!/bin/sh
# run-corpus.sh FUZZER... -- FILE...
#
# Gives every file of the corpus to every entry that takes bytes from
# outside, one process each so that a crash names its file.  Prints TAP.  An
# input that takes longer than a minute counts as endless.
fuzzers=
while [ "$1" != -- ]; do
  fuzzers="$fuzzers $1"
  shift
done
shift

# shellcheck disable=SC2086 # one word each
set -- $fuzzers -- "$@"
number=0 failed=0
said=$(mktemp) || exit 2
trap 'rm -f "$said"' EXIT
for fuzzer in $fuzzers; do
  past=
  for file; do
    if [ -z "$past" ]; then
      [ "$file" = -- ] && past=1
      continue
    fi
    number=$((number + 1))
    timeout 60 "$fuzzer" "$file" >"$said" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
      echo "ok $number - ${fuzzer##*/} ${file##*/}"
      continue
    fi
    failed=1
    echo "not ok $number - ${fuzzer##*/} ${file##*/}"
    sed 's/^/# /' "$said"
    echo "# status $status; alone: $fuzzer $file"
  done
done
echo "1..$number"
exit $failed
