#!/bin/sh
# record.sh SHIM CMSHIM
#
# The command that runs a program: status, signals, descriptors and
# environment are the program's; what it says at the end is true; what cannot
# be recorded it refuses before anything runs.  Prints TAP.
#
# packages: python3
cmshim=$2
case $cmshim in /*) ;; *) cmshim=$PWD/$cmshim ;; esac
shim=${cmshim%/*}/libcmshim.so

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/here" && cd "$work/here" || exit 2
unset CMSHIM_OUTPUT LD_PRELOAD

number=0 failed=0
good() {
  number=$((number + 1))
  echo "ok $number - $1"
}
bad() { # bad TEST WHAT
  number=$((number + 1)) failed=1
  echo "not ok $number - $1: $2"
  for file in "$work/out" "$work/err"; do
    [ -s "$file" ] && sed "s/^/# ${file##*/}: /" "$file"
  done
}

record() { # record ARGUMENT...: sets $status, leaves out and err
  timeout -k 5 60 "$cmshim" record "$@" >"$work/out" 2>"$work/err"
  status=$?
}

is() { # is TEST WHAT EXPECTED FOUND
  if [ "$3" = "$4" ]; then
    good "$1"
  else
    bad "$1" "$2: expected '$3', found '$4'"
  fi
}

has() { # has TEST PATTERN FILE
  if grep -qE -- "$2" "$3"; then
    good "$1"
  else
    bad "$1" "no '$2' in ${3##*/}"
  fi
}

# ---- the program's end is the command's

record sh -c 'exit 7'
is 'the exit status is passed on' status 7 $status

record sh -c 'echo out; echo err >&2; cat' <<!
in
!
is 'output and input are the program'\''s' output 'out in' \
  "$(tr '\n' ' ' <"$work/out" | sed 's/ $//')"

# A shell cannot tell death by a signal from an exit status of 128 and more.
python3 - "$cmshim" >"$work/out" 2>"$work/err" <<!
import subprocess, sys
run = subprocess.run([sys.argv[1], "record", "sh", "-c", "kill -TERM \$\$"])
print(run.returncode)
!
is 'a program killed by a signal: so is the command' status -15 \
  "$(cat "$work/out")"

# The kernel then keeps no status for a parent.  A shell cannot ignore it.
timeout -k 5 30 python3 - "$cmshim" >"$work/out" 2>"$work/err" <<!
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], ["cmshim", "record", "sh", "-c", "exit 3"])
!
is 'SIGCHLD may be ignored' status 3 $?

# ---- signals

# handed_on SIGNAL: sent to the command only, it reaches the program, even if
# the tests are run by nohup: a shell cannot catch what it was told to ignore
mkfifo "$work/ready"
handed_on() {
  # shellcheck disable=SC2016 # the program's
  env --default-signal="$1" "$cmshim" record sh -c '
    trap "kill \$!; echo got; exit 5" '"$1"'
    sleep 60 & echo >"$1"; wait' - "$work/ready" >"$work/out" 2>"$work/err" &
  read -r _ <"$work/ready"
  kill -"$1" $!
  wait $!
  is "SIG$1 is handed on" 'output and status' 'got 5' \
    "$(cat "$work/out") $?"
}
for signal in TERM HUP USR1 USR2 WINCH CONT; do
  handed_on $signal
done

# The terminal sends ^C to both: handed on as well, it would come twice.  The
# command sees SIGUSR1 after all of them, and so does the program.
cat >"$work/count.py" <<!
import signal
signals = {signal.SIGINT, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
n = 0
while signal.sigwaitinfo(signals).si_signo == signal.SIGINT:
    n += 1
    print("got", n, flush=True)
print("came", n, "times", flush=True)
!
python3 - "$cmshim" "$work/count.py" >"$work/out" 2>"$work/err" <<!
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ["cmshim", "record", "python3", sys.argv[2]])
signal.alarm(60)
said = b""
def until(what):
    global said
    while what not in said:
        said += os.read(terminal, 4096)
until(b"ready")
for i in range(1, 11):
    os.write(terminal, b"\x03")
    until(b"got %d\r" % i)
os.kill(pid, signal.SIGUSR1)
until(b"times")
print(said[said.index(b"came"):].split(b"\r")[0].decode())
until(b"next:")
os.waitpid(pid, 0)
!
is '^C comes once' count 'came 10 times' "$(cat "$work/out")"

# ---- traces, and what is said of them

traces() {
  find . -maxdepth 1 -name "$1" | wc -l
}

rm -f ./*.trace
record sh -c 'exit 0'
is 'the default name' 'number of traces' 1 "$(traces 'cmshim.*sh.[0-9]*.trace')"
has 'events and losses are said' "'cmshim\..*\.trace': [0-9]+ events, 0 lost" \
  "$work/err"

record -o "a b'c.trace" true
is 'a name with odd characters' exists yes \
  "$([ -s "a b'c.trace" ] && echo yes)"
next=$(sed -n 's/^cmshim: next: //p' "$work/err")
if eval "$next" >"$work/out" 2>"$work/err"; then
  good 'what is said to come next works'
else
  bad 'what is said to come next works' "$next"
fi

record -o "a b'c.trace" true
is 'an older trace is replaced' 'number of them' 1 "$(traces 'a b*')"

record -o 'folder/' true
is 'a folder is made' 'number of traces' 1 \
  "$(find folder -name 'cmshim.true.*.trace' | wc -l)"
record -o folder true
is 'a folder is seen to be one' 'number of traces' 2 \
  "$(find folder -name 'cmshim.true.*.trace' | wc -l)"

mkdir '50%p' && cd '50%p' || exit 2
record true
is 'a percent sign in the working directory' 'number of traces' 1 \
  "$(traces '*.trace')"
has '... is not taken for a process' "'cmshim.true.[0-9]+.trace': " \
  "$work/err"
cd .. || exit 2

mkdir many && cd many || exit 2
record sh -c '(cd / && /bin/true) & /bin/true; wait'
is 'traces of all processes are named' 'number of them' "$(traces '*.trace')" \
  "$(grep -c "^cmshim: trace '" "$work/err")"
found=$(traces '*.trace')
if [ "$found" -ge 3 ]; then
  good 'also of those that went elsewhere'
else
  bad 'also of those that went elsewhere' "$found traces, of 3 processes"
fi

# Another run in the same folder, meanwhile.
mkfifo ../go
# shellcheck disable=SC2016 # the program's
"$cmshim" record sh -c 'echo >"$1"; read -r _ <../go' - "$work/ready" \
  2>"$work/err" &
read -r _ <"$work/ready"
"$cmshim" record /bin/true 2>/dev/null
echo >../go
wait $!
is 'traces of another run are not named' 'number of them' 1 \
  "$(grep -c "^cmshim: trace '" "$work/err")"
cd .. || exit 2

# ---- the environment

LD_PRELOAD='/nowhere/libcmshim.so:/elsewhere/libcmshim.so' record \
  -o x.trace --stacks=none --stamps all -m 64M -- env
grep -E '^(LD_PRELOAD|CMSHIM_.*)=' "$work/out" | sort >"$work/found"
sort >"$work/expected" <<!
LD_PRELOAD=$(realpath "$shim")
CMSHIM_STACKS=none
CMSHIM_STAMPS=all
CMSHIM_MAX_SIZE=64M
CMSHIM_OUTPUT=$(pwd -P)/x.trace
!
is 'options become variables; another shim is left out' environment \
  "$(cat "$work/expected")" "$(cat "$work/found")"

other=$(ldd "$(command -v env)" | sed -n 's/.*=> \(.*libc\.so[^ ]*\).*/\1/p')
LD_PRELOAD=$other record -o x.trace env
has 'what is preloaded already stays' "^LD_PRELOAD=.*libcmshim.so:$other\$" \
  "$work/out"

# ---- refused

refuses() { # refuses TEST REASON ARGUMENT...
  test=$1 reason=$2
  shift 2
  record "$@"
  if [ $status -ne 2 ]; then
    bad "$test" "status $status"
  elif [ -s "$work/out" ] || [ "$(wc -l <"$work/err")" -ne 1 ]; then
    bad "$test" 'not exactly one line'
  else
    has "$test" "^cmshim: .*$reason" "$work/err"
  fi
}

refuses 'an unknown option' "no option '--fast'" --fast true
refuses 'an unknown letter' "no option '-x'" -x true
refuses 'an option without its argument' 'needs an argument' -o
refuses 'a value that is none' 'full\|none' --stacks=some true
refuses 'a size that is none' 'number' --max-size=much true
refuses 'nothing to run' 'missing' -o x.trace
refuses 'a program that is not there' 'cannot find' no-such-program
refuses 'a path that is not there' 'No such file' ./no-such-program
refuses 'a folder' 'directory' ./folder

# A copy with the bytes at an offset replaced: offset, then octal digits.
copy_of_true() {
  cp "/bin/true" "$work/$1" && chmod 755 "$work/$1"
}
poke() {
  # shellcheck disable=SC2059 # octal
  printf "$3" | dd of="$work/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

copy_of_true closed && chmod 644 "$work/closed"
refuses 'a file that is not executable' 'Permission denied' "$work/closed"

copy_of_true setuid && chmod u+s "$work/setuid"
refuses 'a set-user-ID program' 'set-user-ID' "$work/setuid"
copy_of_true setgid && chmod g+s "$work/setgid"
refuses 'a set-group-ID program' 'set-group-ID' "$work/setgid"

copy_of_true capable
if python3 -c 'import os, struct, sys
os.setxattr(sys.argv[1], "security.capability",
            struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))' \
    "$work/capable" 2>/dev/null; then
  refuses 'a program with capabilities' 'capabilities' "$work/capable"
else
  number=$((number + 1))
  echo "ok $number - a program with capabilities # SKIP needs root"
fi

# ELF header: class at 4, machine at 18.
copy_of_true machine && poke machine 18 '\267\0'
refuses 'a program of another machine' 'aarch64' "$work/machine"
copy_of_true class && poke class 4 '\1'
refuses 'a program of another word size' 'x32|built for' "$work/class"

LC_ALL=C sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-musl-x86_64.so.1\x00,' \
  "/bin/true" >"$work/musl" && chmod 755 "$work/musl"
refuses 'a program that uses musl' 'musl' "$work/musl"
LC_ALL=C sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-uClibc.so.0\x00\x00\x00\x00\x00\x00,' \
  "/bin/true" >"$work/uclibc" && chmod 755 "$work/uclibc"
refuses 'a program of another C library' 'another C library' "$work/uclibc"

echo 'int main(void) { return 0; }' >"$work/static.c"
${CC:-cc} -static -o "$work/static" "$work/static.c"
refuses 'a static program' 'static' "$work/static"
${CC:-cc} -static-pie -o "$work/static-pie" "$work/static.c"
refuses 'a static program that can be moved' 'static' "$work/static-pie"

script() { # script NAME FIRST_LINE
  printf '%s\nexit 4\n' "$2" >"$work/$1" && chmod 755 "$work/$1"
}
script script-static "#!$work/static"
refuses 'a script that a static program runs' 'static' "$work/script-static"
script script-twice "#! $work/script-static"
refuses '... also by way of another script' 'static' "$work/script-twice"

echo precious >letter
refuses 'a file that is no trace as output' 'no trace' -o letter true
is '... which stays' contents precious "$(cat letter)"
refuses 'a folder that is not there as output' 'No such file' \
  -o nowhere/x.trace true

# ---- and not refused

for first in '#!/bin/sh' ':'; do
  script script-plain "$first"
  record -o x.trace "$work/script-plain"
  is "a script that begins with '$first'" status 4 $status
done

mkdir bin1 bin2
script inner '#!/bin/sh'
cp "$work/inner" bin1/found && chmod 644 bin1/found
cp "$work/inner" bin2/found
PATH=$PWD/bin1:$PWD/bin2:$PATH record -o x.trace found
is 'PATH is searched for what can be executed' status 4 $status

echo "1..$number"
exit $failed
