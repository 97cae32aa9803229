#!/bin/sh
# Prints one X(name) line per source file, test_ and .c taken off.  The
# build makes its lists of analyses, renderers and test suites with it, so
# that a new file needs no second entry anywhere.
for file; do
  name=${file##*/}
  name=${name%.c}
  printf 'X(%s)\n' "${name#test_}"
done
