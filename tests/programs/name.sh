#!/bin/sh
# packages: python3
#
# name.sh SHIM CMSHIM
#
# What a process is called in its trace's name and in the report: what it was
# started as, which may be a link, a script, or a descriptor; not the file
# that it turned out to be, nor what it calls itself.  Prints TAP.
shim=$(realpath "$1") cmshim=$(realpath "$2")
program=$(dirname "$cmshim")/tests/programs/uncontended_mutex

ulimit -f 1048576
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

number=0 failed=0
# is WHAT NAME CALL: a call of Python's that becomes the program; one trace of
# that name is left
is() {
  rm -f cmshim.*
  number=$((number + 1))
  PROGRAM=$program SHIM=$shim python3 -c "import os
program = os.environ['PROGRAM']
os.environ['LD_PRELOAD'] = os.environ['SHIM']
$3" >out 2>&1
  # shellcheck disable=SC2012 # names of ours
  left=$(ls cmshim.* 2>/dev/null | sed 's/\.[0-9]*\.trace$//')
  said=$("$cmshim" report cmshim.*.trace 2>&1 | sed -n '1s/ (pid .*//p')
  if [ "$left" = "cmshim.$2" ] && [ "$said" = "$2" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1: the trace is '$left', the report of '$said'"
    sed 's/^/# /' out
    failed=1
  fi
}

ln -s "$program" server
ln "$program" alias 2>/dev/null || cp "$program" alias
printf '#!%s\n' "$program" >script.run
chmod +x script.run

is 'a program by its path' uncontended_mutex 'os.execv(program, [program])'
is 'a link to one of another name' server 'os.execv("./server", ["server"])'
is 'a second name of the same file' alias 'os.execv("alias", ["alias"])'
is 'a script by its own name' script.run 'os.execv("./script.run", ["x"])'
is 'not by what its caller says it is' uncontended_mutex \
  'os.execv(program, ["-login"])'
is 'one from a descriptor by its file' uncontended_mutex \
  'os.execve(os.open(program, os.O_RDONLY), ["x"], os.environ)'

echo "1..$number"
exit $failed
