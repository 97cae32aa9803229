#!/bin/sh
# fuzz.sh FOLDER FLAG... -- SOURCE_OR_LIBRARY...
#
# Builds every tests/fuzz/fuzz_*.c with clang's libFuzzer and runs it for
# SECONDS_EACH seconds from the corpus.  New inputs stay in FOLDER; one that
# crashes is named by libFuzzer, and belongs into tests/fuzz/corpus/.
folder=$1
shift
mkdir -p "$folder" || exit 2

for entry in tests/fuzz/fuzz_*.c; do
  name=${entry##*/}
  name=${name%.c}
  flags=
  mkdir -p "$folder/$name"
  for word; do
    [ "$word" = -- ] || flags="$flags $word"
  done
  # shellcheck disable=SC2086 # words
  clang -O1 -g -fsanitize=fuzzer,address,undefined -o "$folder/$name.bin" \
    "$entry" $flags || exit 1
  "$folder/$name.bin" -max_total_time="${SECONDS_EACH:-60}" -timeout=10 \
    -artifact_prefix="$folder/$name-" "$folder/$name" tests/fuzz/corpus ||
    exit 1
done
