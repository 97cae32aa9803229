#!/bin/sh
# install.sh GROUP...
#
# Installs the Debian packages that are missing for the groups named:
#
#	build   to make the shim and the command
#	check   to test them; with what files of tests/ say that they need
#	peers   other tools to compare with, in tests/peers/
#	bench   the same for tests/bench/
#	demo    the program that `make demo` records
#	lint    formatter and shell checker
#	fuzz    libFuzzer
#	ci      the second compiler
#
# A test says what it needs in a line of its first comment:
#	packages: libglib2.0-dev
#
# Asks for nothing and is quick when nothing is missing.  Without root and
# sudo it prints the one command to run, and fails.  Services that a package
# brings are neither started nor enabled: a test or a demo is no reason for a
# server to run on somebody's machine.

said_in() { # packages that files below the folders say they need
  grep -rhE '^( \*|#) packages: ' "$@" 2>/dev/null |
    sed 's/^.*packages: //'
}

packages() { # packages GROUP
  case $1 in
  build) echo gcc libc6-dev make pkg-config libunwind-dev libdw-dev \
    libjansson-dev zlib1g-dev libiberty-dev ;;
  check)
    echo g++ check python3 python3-jsonschema libglib2.0-dev
    for folder in tests/*/; do
      case $folder in
      tests/bench/ | tests/peers/) ;;
      *) said_in "$folder" ;;
      esac
    done
    ;;
  peers) echo libglib2.0-dev && said_in tests/peers ;;
  bench)
    echo g++ libglib2.0-dev
    said_in tests/bench
    ;;
  demo) echo memcached libmemcached-tools ;;
  lint) echo clang-format shellcheck ;;
  fuzz | ci) echo clang ;;
  *)
    echo "install.sh: there is no group '$1'" >&2
    return 1
    ;;
  esac
}

cd "$(dirname "$0")/../.." || exit 2
wanted=
for group; do
  named=$(packages "$group") || exit 2
  wanted="$wanted $named"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install.sh: not a Debian system; needed is what Debian calls" \
    "$wanted" >&2
  exit 0
fi

# `make -j check lint` runs this twice at once.
exec 9<tools/dev/install.sh
flock 9

missing=
# shellcheck disable=SC2086 # words
for package in $(printf '%s\n' $wanted | sort -u); do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)
  [ "$state" = 'install ok installed' ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }
  then
    as_root=sudo
  else
    echo "install.sh: packages are missing; as root, run:" >&2
    echo "apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 1
  fi
fi

# Every start of a service asks this file first; its exit status 101 means
# that it is forbidden (invoke-rc.d(8)).  The owner's is kept aside meanwhile.
policy=/usr/sbin/policy-rc.d
aside=/usr/sbin/policy-rc.d.before-cmshim

deny_services() {
  if [ -e "$aside" ] || [ -L "$aside" ]; then
    echo "install.sh: '$aside' was left behind by one that was killed:" \
      "move it back to '$policy' first" >&2
    return 1
  fi
  if [ -e "$policy" ] || [ -L "$policy" ]; then
    $as_root mv "$policy" "$aside" || return 1
  fi
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null &&
    $as_root chmod 755 "$policy"
}

# shellcheck disable=SC2317 # the trap's
allow_services() {
  $as_root rm -f "$policy"
  if [ -e "$aside" ] || [ -L "$aside" ]; then
    $as_root mv "$aside" "$policy"
  fi
}

get() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o DPkg::Lock::Timeout=300 "$@"
}

install() {
  # shellcheck disable=SC2086 # words
  get install -y --no-install-recommends $missing
}

deny_services || exit 1
trap allow_services EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A fresh container has no lists of packages, an old machine may have stale
# ones: then the first try fails.
echo "install.sh: installing$missing"
if ! install >/dev/null 2>&1 && ! { get update && install; }; then
  echo "install.sh: apt-get could not install$missing" >&2
  exit 1
fi

command -v systemctl >/dev/null || exit 0
for package in $missing; do
  for unit in $(dpkg -L "$package" |
    sed -n 's,^.*/systemd/system/\([^/@]*\.service\)$,\1,p'); do
    $as_root systemctl --quiet disable "$unit" >/dev/null 2>&1
  done
done
exit 0
