#!/bin/sh
# against.sh BASE SHIM CMSHIM PROGRAM...
#
# The bench of a shim and of that of another revision, BASE, which is built
# for it beside the shim; then both beside each other.
[ -n "$1" ] || {
  echo "usage: make bench-compare BASE=REVISION" >&2
  exit 2
}
revision=$(git rev-parse --verify --quiet "$1^{commit}") || {
  echo "against.sh: there is no revision '$1'" >&2
  exit 2
}
shift
here=$(dirname "$0")
base=$(dirname "$(realpath "$1")")/base
shim=$1 cmshim=$2
shift 2

rm -rf "$base"
mkdir -p "$base" || exit 2
git archive "$revision" | tar -x -C "$base" || exit 2
make -C "$base" -j"$(nproc)" all >"$base/make.log" 2>&1 || {
  cat "$base/make.log" >&2
  exit 2
}
"$here/run.sh" "$base/build/libcmshim.so" "$base/build/cmshim" '' "$@" || exit
"$here/run.sh" "$shim" "$cmshim" '' "$@" || exit
"$here/compare.sh" "$base/build/bench.json" "$(dirname "$shim")/bench.json"
