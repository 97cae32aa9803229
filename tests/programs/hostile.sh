#!/bin/sh
# hostile.sh SHIM CMSHIM
#
# Places where no trace can be written, disks that fill up, and files that are
# no trace or no longer one.  The program must come to no harm and say no
# more than one line; the command must tell a file it cannot use from one that
# is only damaged (status 2, or 0 and a report).  Prints TAP.  What needs root
# is skipped without it, and says so.
shim=$1 cmshim=$2
case $shim in /*) ;; *) shim=$PWD/$shim ;; esac
program=${cmshim%/*}/tests/programs/locks_many
recorded=${cmshim%/*}/tests/programs/contended_mutex

# No trace here is larger than 512 MiB: a recorder that does not stop when
# it should must not fill the disk.
ulimit -f 1048576
work=$(mktemp -d) || exit 2
nobody='setpriv --reuid 65534 --clear-groups'
prefix= # of the command
disk=
# shellcheck disable=SC2317 # the trap's
clean_up() {
  [ -n "$disk" ] && umount "$disk" 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT

number=0 failed=0
ok() {
  number=$((number + 1))
  echo "ok $number - $1"
}
not_ok() { # not_ok TEST WHAT [FILE]...
  number=$((number + 1)) failed=1
  echo "not ok $number - $1: $2"
  shift 2
  for file; do
    [ -e "$file" ] && head -c 2000 "$file" | head -10 | sed 's/^/#   /'
  done
}
skip() {
  number=$((number + 1))
  echo "ok $number - $1 # SKIP needs root"
}

# has_lines FILE N
has_lines() {
  [ "$(wc -l <"$1")" -eq "$2" ]
}

# ---- no trace can be written

run_with() { # run_with OUTPUT [NAME=VALUE]...
  output=$1
  shift
  timeout -k 5 60 env "$@" LD_PRELOAD="$shim" CMSHIM_OUTPUT="$output" \
    "$program" >"$work/out" 2>"$work/err"
  status=$?
}

# is_unharmed TEST: sees to the output and the status of the last run
is_unharmed() {
  if [ $status -ne 6 ] || [ "$(cat "$work/out")" != unharmed ]; then
    not_ok "$1" "status $status" "$work/out" "$work/err"
    return 1
  fi
}

refuses() { # refuses TEST OUTPUT
  run_with "$2"
  is_unharmed "$1" || return
  if has_lines "$work/err" 1 && grep -q '^cmshim: ' "$work/err"; then
    ok "$1"
  else
    not_ok "$1" 'not exactly one line' "$work/err"
  fi
}

mount_disk() { # mount_disk OPTIONS
  disk=$work/disk
  mkdir -p "$disk"
  mount -t tmpfs -o "$1" cmshim-test "$disk" 2>/dev/null && return
  disk=
  return 1
}

unmount_disk() {
  umount "$disk" && disk=
}

no_trace() {
  mkdir "$work/folder"
  echo precious >"$work/precious"
  mkfifo "$work/fifo"
  long=$(printf '%0300d' 0)

  refuses 'a folder that does not exist' /nowhere/at/all/trace
  refuses 'a folder that takes no files' /proc/trace
  refuses 'a full device' /dev/full
  refuses 'the null device' /dev/null
  refuses 'a folder by that name' "$work/folder"
  refuses 'a pipe by that name' "$work/fifo"
  refuses 'a name that is too long' "$work/$long"
  refuses 'a file that is no trace' "$work/precious"
  if [ "$(cat "$work/precious")" = precious ]; then
    ok 'it is still there'
  else
    not_ok 'it is still there' 'it was written to'
  fi
}

no_room() {
  if ! mount_disk size=64k; then
    skip 'a full disk'
    skip 'nothing is left on a full disk'
    skip 'a disk with 64 KiB'
    skip 'a disk that fills up'
    skip 'loss on a disk that fills up'
    skip 'a read-only disk'
    return
  fi
  dd if=/dev/zero of="$disk/zeros" bs=4k 2>/dev/null
  refuses 'a full disk' "$disk/trace"
  if [ -e "$disk/trace" ]; then
    not_ok 'nothing is left on a full disk' "$(ls -l "$disk/trace")"
  else
    ok 'nothing is left on a full disk'
  fi
  rm "$disk/zeros"

  # Room for something, or not: at most the one line.
  run_with "$disk/trace"
  if is_unharmed 'a disk with 64 KiB'; then
    if has_lines "$work/err" 0 || has_lines "$work/err" 1; then
      ok 'a disk with 64 KiB'
    else
      not_ok 'a disk with 64 KiB' 'more than one line' "$work/err"
    fi
  fi
  unmount_disk

  mount_disk size=1m
  run_with "$disk/trace"
  fills_up 'a disk that fills up' "$disk/trace"
  unmount_disk

  mount_disk ro
  refuses 'a read-only disk' "$disk/trace"
  unmount_disk
}

# fills_up TEST TRACE: the last run is unharmed and its loss is known
fills_up() {
  is_unharmed "$1" && ok "$1"
  "$cmshim" report --format json "$2" >"$work/json" 2>"$work/err"
  status=$?
  lost=$(sed -n 's/^    "lost": \([0-9]*\),*$/\1/p' "$work/json")
  if [ $status -eq 0 ] && [ "${lost:-0}" -gt 0 ]; then
    ok "loss: $1"
  else
    not_ok "loss: $1" "status $status, lost ${lost:-?}" "$work/err"
  fi
}

bounded() {
  run_with "$work/bounded" CMSHIM_MAX_SIZE=1M
  fills_up 'a limit on the size' "$work/bounded"
  if [ "$(wc -c <"$work/bounded")" -le 1048576 ]; then
    ok 'the limit is kept'
  else
    not_ok 'the limit is kept' "$(wc -c <"$work/bounded") bytes"
  fi
}

# ---- files given to the report

report() {
  # shellcheck disable=SC2086 # a prefix of several words, or none
  timeout -k 5 20 $prefix "$cmshim" report --format json "$@" \
    >"$work/json" 2>"$work/err" </dev/null
  status=$?
}

# cannot_be_read TEST FILE [PATTERN]
cannot_be_read() {
  report "$2"
  if [ $status -ne 2 ]; then
    not_ok "$1" "status $status, not 2" "$work/err"
  elif ! has_lines "$work/err" 1 || ! grep -q '^cmshim: ' "$work/err"; then
    not_ok "$1" 'not exactly one line' "$work/err"
  elif [ -s "$work/json" ]; then
    not_ok "$1" 'a report all the same'
  elif ! grep -q -- "${3:-.}" "$work/err"; then
    not_ok "$1" "nothing about $3" "$work/err"
  else
    ok "$1"
  fi
}

# Prints what is wrong with a report of a file of which anything may be whole.
wrong_report() {
  case $status in
    0)
      tail -1 "$work/json" | grep -q '}' || echo 'no whole report'
      if grep -q '^    "\(truncated\|damaged\)": true' "$work/json"; then
        has_lines "$work/err" 1 || echo 'damaged, but not one line about it'
      elif [ -s "$work/err" ]; then
        echo 'a complaint, but nothing damaged'
      fi
      ;;
    2)
      has_lines "$work/err" 1 || echo 'status 2 without one line'
      ;;
    *) echo "status $status" ;;
  esac
}

# whole_or_refused TEST FILE
whole_or_refused() {
  report "$2"
  wrong=$(wrong_report)
  if [ -n "$wrong" ]; then
    not_ok "$1" "$wrong" "$work/err"
  else
    ok "$1"
  fi
}

# shown_as TEST FILE FIELD: a report, with run.FIELD true
shown_as() {
  report "$2"
  wrong=$(wrong_report)
  if [ $status -ne 0 ] || [ -n "$wrong" ]; then
    not_ok "$1" "status $status $wrong" "$work/err"
  elif ! grep -q "^    \"$3\": true" "$work/json"; then
    not_ok "$1" "not $3" "$work/err"
  else
    ok "$1"
  fi
}

# put FILE OFFSET ESCAPES: overwrites bytes
put() {
  # shellcheck disable=SC2059 # the escapes are the point
  printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

good_trace() {
  LD_PRELOAD=$shim CMSHIM_OUTPUT=$work/good "$recorded"
  report "$work/good"
  if [ $status -eq 0 ] && [ ! -s "$work/err" ] &&
    grep -q '^    "damaged": false' "$work/json" &&
    grep -q '^    "truncated": false' "$work/json"; then
    ok 'a good trace'
  else
    not_ok 'a good trace' "status $status" "$work/err"
  fi
}

other_files() {
  : >"$work/empty"
  cannot_be_read 'a file that is not there' "$work/missing"
  cannot_be_read 'an empty file' "$work/empty"
  cannot_be_read 'a folder' "$work/folder"
  cannot_be_read 'a script' "$0"
  cannot_be_read 'a program' "$cmshim"
  cannot_be_read 'a device that has no end' /dev/zero
  cannot_be_read 'the null device, read' /dev/null
  cannot_be_read 'a pipe nobody writes to' "$work/fifo"

  cp "$work/good" "$work/secret"
  chmod 000 "$work/secret"
  if [ "$(id -u)" -ne 0 ]; then
    cannot_be_read 'no permission' "$work/secret"
  elif chmod 755 "$work" && $nobody "$cmshim" --help >/dev/null 2>&1; then
    prefix=$nobody
    cannot_be_read 'no permission' "$work/secret"
    prefix=
  else
    number=$((number + 1))
    echo "ok $number - no permission # SKIP the command is out of reach"
  fi
}

changed() {
  size=$(wc -c <"$work/good")
  header=$(od -An -t u4 -j 16 -N 4 "$work/good" | tr -d ' ')

  cp "$work/good" "$work/changed"
  put "$work/changed" 8 '\377\000\000\000'
  cannot_be_read 'another version' "$work/changed" version
  cp "$work/good" "$work/changed"
  put "$work/changed" 12 '\001\002\003\004'
  cannot_be_read 'another byte order' "$work/changed"
  cp "$work/good" "$work/changed"
  put "$work/changed" 0 'XX'
  cannot_be_read 'another magic' "$work/changed"

  for n in 1 8 100 3295 "$((header - 1))"; do
    head -c "$n" "$work/good" >"$work/changed"
    cannot_be_read "the first $n bytes" "$work/changed"
  done
  for n in "$header" $((header + 63)) $((header + 64)) $((header + 70)) \
    $((size / 4)) $((size / 3)) $((size / 2)) $((size - 1)); do
    head -c "$n" "$work/good" >"$work/changed"
    whole_or_refused "the first $n of $size bytes" "$work/changed"
  done
  head -c $((size - 64)) "$work/good" >"$work/changed"
  shown_as 'the end is missing' "$work/changed" truncated

  cp "$work/good" "$work/changed"
  put "$work/changed" $((header + 64)) '\377\377\377\377\377\377\377'
  shown_as 'a first record of nonsense' "$work/changed" damaged
  { cat "$work/good" && head -c 10000 /dev/urandom; } >"$work/changed"
  whole_or_refused 'something behind the end' "$work/changed"
}

# The same bits in every run, so that a failure can be seen again.
flipped() {
  n=0
  : >"$work/wrong"
  # shellcheck disable=SC2013 # numbers
  for at in $(awk -v size="$(wc -c <"$work/good")" 'BEGIN {
    srand(1)
    for (i = 0; i < 100; i++)
      print int(rand() * size) * (i % 2) + int(rand() * 16384) * !(i % 2)
  }'); do
    n=$((n + 1))
    byte=$(od -An -t u1 -j "$at" -N 1 "$work/good" | tr -d ' ')
    [ -n "$byte" ] || continue
    byte=$(printf '\\%03o' $((byte ^ 1 << n % 8)))
    cp "$work/good" "$work/changed"
    put "$work/changed" "$at" "$byte"
    report "$work/changed"
    wrong=$(wrong_report)
    [ -z "$wrong" ] || echo "bit $((n % 8)) of byte $at: $wrong" >>"$work/wrong"
  done
  if [ -s "$work/wrong" ]; then
    not_ok 'one bit turned over, a hundred times' 'see below' "$work/wrong"
  else
    ok 'one bit turned over, a hundred times'
  fi
}

no_trace
no_room
bounded
good_trace
other_files
changed
flipped
echo "1..$number"
exit $failed
