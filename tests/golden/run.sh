#!/bin/sh
# run.sh SHIM COMMAND PROGRAM
#
# Checks `cmshim report`: its options, exit statuses, what it does where it
# cannot write or read, and that its JSON is what the schema says.  The traces
# are of PROGRAM, in which a thread waits for a lock.  Prints TAP.
here=$(cd "$(dirname "$0")" && pwd)
shim=$(realpath "$1") cmshim=$(realpath "$2") program=$(realpath "$3")

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
export HOME="$work" TERM=xterm
unset NO_COLOR PAGER LESS DEBUGINFOD_URLS

number=0 failed=0
check() { # check WHAT STATUS: 0 is good; shows out and err if it is not
  number=$((number + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $number - $1"
    return
  fi
  failed=1
  echo "not ok $number - $1"
  head -n 20 out err 2>/dev/null | sed 's/^/# /'
}

try() { # try STATUS ARGUMENT...: whether the report ends with it
  wanted=$1
  shift
  "$cmshim" report "$@" >out 2>err </dev/null
  status=$?
  [ $status -eq "$wanted" ] || echo "status $status, not $wanted" >>err
  [ $status -eq "$wanted" ]
}

one_line() { # one_line TEXT: err is one line, and has the text
  [ "$(wc -l <err)" -eq 1 ] && grep -q '^cmshim: ' err && grep -qF -- "$1" err
}

refuses() { # refuses TEXT ARGUMENT...
  text=$1
  shift
  try 2 "$@" && [ ! -s out ] && one_line "$text"
}

on_terminal() { # on_terminal COMMAND: out is what a terminal is sent
  script -qec "stty cols 90; $1" /dev/null </dev/null >out 2>err
}

refuses 'cmshim record'
check 'without a trace it says how to make one' $?

CMSHIM_OUTPUT=cmshim.old.1.trace LD_PRELOAD=$shim "$program" &&
  CMSHIM_OUTPUT=cmshim.story.2.trace LD_PRELOAD=$shim "$program" &&
  touch -d '2001-01-01' cmshim.old.1.trace &&
  echo no trace >cmshim.text && touch -d '2101-01-01' cmshim.text
check 'traces can be recorded' $?
trace=cmshim.story.2.trace

try 0 && [ ! -s err ] && cp out newest && try 0 $trace && cmp -s out newest
check 'the newest trace is the one that is meant' $?

try 0 --format brief $trace && grep -q '^[a-z]* perf-hot story!m$' out
check 'brief is severity, rule and name of the variable' $?

try 0 --format=json $trace && cp out json && "$here/validate.sh" json >>err
check 'JSON is as the schema says' $?

"$here/validate.sh" "$here/json" >out 2>err &&
  sed 's/"severity": "error"/"severity": "bad"/' "$here/json" >bad &&
  ! "$here/validate.sh" bad >out
check 'so is the golden one; the schema can tell' $?

try 0 -f json cmshim.old.1.trace $trace && cp out two &&
  "$here/validate.sh" two >>err &&
  python3 -c 'import json; d = json.load(open("two"))
assert len(d["run"]["processes"]) == 2
assert len({lock["pid"] for lock in d["locks"]}) == 2'
check 'two traces make one report' $?

mkdir aside && TMPDIR=$work/aside try 0 -f json --memory 1K $trace &&
  [ ! -s err ] && cmp -s out json && [ -z "$(ls aside)" ]
check 'what is put in a file for want of memory comes out the same' $?

TMPDIR=/nowhere try 0 -f json --memory 1K $trace && cmp -s out json &&
  one_line '/nowhere'
check 'where it cannot be put that is said' $?

cp $trace copy.trace && try 0 --format json copy.trace && cmp -s out json
check 'the same trace makes the same bytes' $?

try 0 $trace && cp out plain && try 0 --color=always $trace &&
  ! cmp -s out plain && sed 's/\x1b\[[0-9;]*m//g' out | cmp -s - plain
check 'colours are there where they are asked for' $?

on_terminal "'$cmshim' report --no-pager $trace" && grep -q "$(printf '\033')" out
check 'and on a terminal' $?

on_terminal "NO_COLOR=1 '$cmshim' report --no-pager $trace" &&
  grep -q story out && ! grep -q "$(printf '\033')" out
check 'but not there with NO_COLOR' $?

on_terminal "PAGER='sed s/^/paged:/' '$cmshim' report $trace" &&
  grep -q 'paged:.*story' out
check 'a terminal gets it through the pager' $?

on_terminal "PAGER=true '$cmshim' report $trace; echo status \$?" &&
  grep -q '^status 0' out
check 'leaving the pager early is no error' $?

try 0 --help && grep -q '^Usage: cmshim report' out && grep -q ' json ' out
check '--help lists the formats' $?

refuses "'--bogus'" --bogus $trace && refuses "'-x'" -x $trace
check 'unknown options are refused' $?

refuses "'xml'" --format xml $trace && refuses '--format' $trace --format &&
  refuses "'often'" --fail-on often $trace && refuses "'advice'" \
  --fail-on advice $trace && refuses "'red'" --color red $trace &&
  refuses "'0'" --memory 0 $trace && refuses "'1X'" --memory 1X $trace &&
  refuses "'-1'" --memory -1 $trace && refuses "'99999999999G'" \
  --memory 99999999999G $trace
check 'and so are unknown values' $?

try 1 --fail-on note $trace && [ -s out ] && try 0 --fail-on error $trace
check '--fail-on decides about the exit status' $?

cat >quiet <<'EOF'
perf-hot,lock-held-blocking : lock=story!m reason="it is meant to"
dl-self : lock=*
perf-hot : lock=* until=2001-01-01
EOF
try 0 -f brief --suppressions quiet $trace && [ ! -s out ] &&
  [ "$(cat err)" = "cmshim: quiet:2: the suppression matches nothing
cmshim: quiet:3: the suppression is over (until=)" ]
check '--suppressions leaves out what it names, and says what it need not' $?

try 0 --fail-on note --suppressions quiet $trace
check '--fail-on does not count what is suppressed' $?

try 0 -f json --suppressions quiet $trace && "$here/validate.sh" out >>err &&
  grep -q '"suppressed_by": "quiet:1: it is meant to"' out &&
  try 0 --suppressions quiet $trace && grep -q '^2 suppressed' out &&
  grep -q 'nothing wrong was seen' out
check 'the reports say what is suppressed, and by which line' $?

echo 'perf-hot lock=*' >wrong
refuses "'wrong': line 1: " --suppressions wrong $trace &&
  refuses "'none'" --suppressions none $trace
check 'suppressions that cannot be read are refused' $?

refuses "'none.trace'" none.trace && refuses 'cmshim.text' cmshim.text &&
  refuses "'/'" / && refuses 'empty' -o file "$(: >empty; echo empty)" &&
  [ ! -e file ]
check 'what is no trace is refused in one line' $?

head -c "$(($(stat -c %s $trace) - 5000))" $trace >cut.trace
try 0 --format json cut.trace; status=$?
[ $status -eq 0 ] && [ "$(wc -l <err)" -le 1 ] && cp out cut &&
  "$here/validate.sh" cut >>err
check 'a trace that was cut off is reported' $?

umask 027
try 0 --format json -o file.json $trace && [ ! -s out ] &&
  cmp -s file.json json && [ "$(stat -c %a file.json)" = 640 ]
check '-o writes a file as any program would' $?

ln -s file.json link && chmod 604 file.json && echo old >file.json
try 0 --format json -o link $trace && [ -L link ] && cmp -s file.json json &&
  [ "$(stat -c %a file.json)" = 604 ]
check 'it is replaced where a link leads, with its mode' $?

try 0 --format json -o /dev/stdout $trace && cmp -s out json &&
  try 0 -o /dev/null $trace && [ -c /dev/null ] && [ ! -s out ]
check '-o may name a device' $?

echo before >both && "$cmshim" report -o /dev/stdout -f brief $trace >>both &&
  [ "$(wc -l <both)" -eq 3 ] && grep -q '^before$' both
check 'and a file that standard output is appended to' $?

echo old >kept
refuses "'none.trace'" -o kept none.trace && [ "$(cat kept)" = old ]
check 'a file is kept if there is no report' $?

refuses "'missing/file'" -o missing/file $trace && try 2 -o /dev/full $trace &&
  one_line 'No space left on device'
check 'what cannot be written is said' $?

"$cmshim" report $trace >/dev/full 2>err
[ $? -eq 2 ] && one_line 'No space left on device'
check 'also of standard output' $?

# Nobody reads the pipe any more when the command begins.
python3 - "$cmshim" $trace 2>err <<'EOF'
import os, subprocess, sys
read, write = os.pipe()
os.close(read)
result = subprocess.run([sys.argv[1], "report", sys.argv[2]], stdout=write)
sys.exit(result.returncode)
EOF
[ $? -eq 2 ] && one_line 'Broken pipe'
check 'and of a closed pipe' $?

! find . -name '*.??????' | grep -v '\.trace$'
check 'no temporary file is left' $?

echo "1..$number"
exit $failed
