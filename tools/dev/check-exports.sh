#!/bin/sh
# check-exports.sh SHIM
#
# The shim exports the names of its tables, and no others: a
# name too many would stand in front of a program's own function, a name too
# few is a call that is not recorded, silently.  No exported name has a
# version: the dynamic linker would pass over the wrapper.
shim=$1

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# The tables give names only when nothing but the name is asked of a row.
{
  echo '#define CALL(id, ret, name, ...) exported name'
  echo '#define ALIAS(alias, ...) exported alias'
  for table in shim/calls.def shim/maps.def; do
    [ ! -e "$table" ] || echo "#include \"$table\""
  done
} >"$work/names.c"
${CC:-cc} -E -P -I. -o "$work/names" "$work/names.c" || exit 2
grep -o 'exported [A-Za-z_0-9]*' "$work/names" | cut -d' ' -f2 |
  sort -u >"$work/wanted"

nm -D --defined-only "$shim" | awk '{ print $NF }' | sort -u >"$work/found"

if ! diff "$work/wanted" "$work/found" >"$work/diff"; then
  sed -n 's/^< /check-exports: not exported: /p
    s/^> /check-exports: exported, but in no table: /p' "$work/diff" >&2
  exit 1
fi
