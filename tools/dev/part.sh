#!/bin/sh
# part.sh FOLDER PART COMMAND...
#
# Runs one part of `make check`, shows what it prints and keeps that and its
# exit status in FOLDER, where total.sh finds them.  Always succeeds, so that
# the next part runs.
folder=$1 part=$2
shift 2

mkdir -p "$folder" || exit 2
echo "== $part"
{
  "$@" 2>&1
  echo $? >"$folder/$part.status"
} | tee "$folder/$part.log"
exit 0
