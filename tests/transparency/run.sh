#!/bin/bash
# packages: libglib2.0-tests dbus libpython3.11-testsuite stress-ng
#
# run.sh SHIM CMSHIM
#
# Whether other people's programs can tell: runs test suites that Debian
# packages, alone and with the shim, and compares how each of their tests came
# out (judge.sh).  Prints TAP, and a table of the suites.
#
# With WHOLE in the environment it is all of them, in ten minutes; else what
# is quick.
shim=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
glib=/usr/share/installed-tests/glib

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# A row of the list: SUITE KIND SECONDS NAME COMMAND.
program() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$@"
}

# GLib's own tests.  Left out is what measures speed for a minute.
glib_names() {
  if [ -n "${WHOLE-}" ]; then
    basename -s .test "$glib"/*.test | grep -vx performance
  else
    printf '%s\n' asyncqueue atomic bitlock cancellable completion cond \
      contexts dataset error gdbus-connection gdbus-loss gdbus-message \
      gdbus-peer gdbus-sasl giomodule hash list module-test-library mutex \
      notify-init object once onceinit pollable private rcbox refcount \
      resources singleton slice-concurrent socket-service \
      spawn-singlethread task testing thread thread-pool tree unix-streams
  fi
}

glib_tests() {
  [ -d "$glib" ] || return
  glib_names | while read -r name; do
    [ -e "$glib/$name.test" ] || continue
    program GLib tap 60 "$name" "$(sed -n 's/^Exec=//p' "$glib/$name.test")"
  done
}

# CPython's tests of threads, processes and signals.
python_tests() {
  local names='test_thread test_threading_local test_posix test_os'
  local python=/usr/bin/python3

  "$python" -c 'import test.test_thread' 2>/dev/null || return
  [ -z "${WHOLE-}" ] || names="$names test_threading test_threadsignals
    test_fork1 test_queue test_sched test_signal test_faulthandler
    test_subprocess test_interpreters test_logging test_ssl"
  for name in $names; do
    program CPython unittest 200 "$name" "$python -m test -v $name"
  done
}

# stress-ng's stressors check themselves; so many operations each.  mutex runs
# for its time instead: its first thread makes itself real-time, and if it does
# all operations before its creator is scheduled again the stressor says that
# it could not create any.
stress_tests() {
  local stressors='pthread:300 mutex:100000000 futex:10000 sem:20000
    fork:100 sigsegv:500 sigq:2000 timer:5000 eventfd:1000 tsearch:5'

  command -v stress-ng >/dev/null || return
  [ -z "${WHOLE-}" ] || stressors="$stressors vfork:300 sigsuspend:2000
    sigpending:5000 switch:5000 tee:2000 hsearch:20 tree:5 pipe:50000
    spawn:50 exec:100 clone:200 daemon:100 sigabrt:100 poll:2000 aio:500
    mq:5000 nanosleep:200 affinity:500"
  for s in $stressors; do
    program stress-ng plain 60 "${s%:*}" \
      "stress-ng --quiet --verify --timeout 3 --${s%:*} 2 --${s%:*}-ops ${s#*:}"
  done
}

{
  glib_tests
  python_tests
  stress_tests
} >"$work/programs"

# xargs takes each field as it is: none has a NUL in it.
tr '\t\n' '\0\0' <"$work/programs" |
  xargs -0 -r -n 5 -P "$(nproc)" "$here/judge.sh" "$shim" "$work"

number=0 failed=0
while IFS=$'\t' read -r suite _ _ name command; do
  base=$work/$suite.$name
  number=$((number + 1))
  case $(cat "$base.verdict" 2>/dev/null) in
  same) echo "ok $number - $suite $name" ;;
  varies) echo "ok $number - $suite $name # varies alone, too" ;;
  *)
    echo "not ok $number - $suite $name: comes out differently"
    diff "$base.alone.0" "$base.shim.0" | sed 's/^/#   /' | head -20
    echo "#   alone: $command"
    failed=1
    ;;
  esac
done <"$work/programs"
echo "1..$number"

verdicts() { # verdicts SUITE WORD: how many
  cat "$work/$1".*.verdict | grep -cx "$2"
}

seconds() { # seconds SUITE WAY
  cat "$work/$1".*."$2".ns | awk '{ s += $1 } END { printf "%.0f", s / 1e9 }'
}

for suite in GLib CPython stress-ng; do
  if ! cut -f1 "$work/programs" | grep -qx "$suite"; then
    echo "# $suite: its tests are not installed, nothing was compared"
    continue
  fi
  printf '# %-10s %3d programs: %3d the same, %d vary alone, %d different;' \
    "$suite" "$(cut -f1 "$work/programs" | grep -cx "$suite")" \
    "$(verdicts "$suite" same)" "$(verdicts "$suite" varies)" \
    "$(verdicts "$suite" different)"
  printf ' %s s alone, %s s with the shim\n' \
    "$(seconds "$suite" alone)" "$(seconds "$suite" shim)"
done
exit $failed
