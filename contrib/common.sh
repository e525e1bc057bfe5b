# SPDX-License-Identifier: BSD-3-Clause
# Shared by the scripts of this folder: packages, and building only what changed.

top=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

build_packages="build-essential autoconf automake libtool pkg-config
	libuv1-dev libxml2-dev libjansson-dev libsqlite3-dev libedit-dev libssl-dev
	libspandsp-dev libtiff-dev libspeexdsp-dev"
sound_packages="asterisk-core-sounds-en-wav asterisk-moh-opsound-wav"
phone_packages="baresip-core python3-minimal python3"
test_packages="check sip-tester linphone-cli clang libclang-rt-14-dev clang-format
	$phone_packages"

# install PACKAGE...: those that are missing, by apt.
install_packages()
{
	missing=
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || die "this is not Debian: install these yourself:$missing"
	sudo=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "packages are missing, and there is no sudo. As root:
  apt-get install --no-install-recommends$(printf '%s' "$missing" | tr '\n\t' '  ')"
		sudo=sudo
	fi
	say "installing:$missing"
	$sudo apt-get -qq update >&2 || die "apt-get update failed"
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq -y --no-install-recommends install $missing \
		>/dev/null || die "could not install:$missing"
}

jobs=$(nproc 2>/dev/null || echo 2)

# alone FILE COMMAND...: run it while holding FILE, so that two scripts in one checkout take turns.
alone()
{
	lock=$1
	shift
	mkdir -p "$(dirname "$lock")"
	if command -v flock >/dev/null; then
		(
			flock -n 9 || { say "waiting for another run in this checkout"; flock 9; }
			"$@" 9>&-
		) 9>"$lock"
	else
		"$@"
	fi
}

# configure is made again when something it is made from has changed.
make_configure()
{
	cd "$top" || return 1
	[ -x configure ] && [ -f Makefile.in ] && [ -f config.h.in ] && [ ! configure.ac -nt configure ] &&
		[ -z "$(find . -path './build*' -prune -o -name .git -prune -o \( -name '*.mk' -o -name Makefile.am \) \
			-newer Makefile.in -print 2>/dev/null)" ] && return 0
	mkdir -p build-aux m4
	autoreconf -fi >build-aux/autoreconf.log 2>&1 && touch config.h.in Makefile.in && return 0
	say "autoreconf failed, see build-aux/autoreconf.log"
	return 1
}

# configure_and_make DIR CONFIGURE-ARGS...: DIR is a folder of the checkout. Configure is called by a path without
# the checkout's own, which may have blanks in it.
configure_and_make()
{
	dir=$1
	shift
	if [ ! -f "$dir/Makefile" ] || [ "$(cat "$dir/.configured" 2>/dev/null)" != "$*" ]; then
		rm -f "$dir/.configured"
		(cd "$dir" && ../configure -q "$@") >"$dir/configure.log" 2>&1 || {
			tail -20 "$dir/configure.log" >&2
			say "configure failed, see $dir/configure.log"
			return 1
		}
		printf '%s' "$*" >"$dir/.configured"
	fi
	make -s -C "$dir" -j"$jobs" all >"$dir/make.log" 2>&1 || {
		grep -E 'error|Error' "$dir/make.log" | head -20 >&2
		say "make failed, see $dir/make.log"
		return 1
	}
}

# build DIR CONFIGURE-ARGS...: configure once (again when the arguments change) and make what changed.
build()
{
	alone "$top/build-aux/.lock" make_configure || return 1
	dir=$1
	shift
	cc=${CC:-gcc}
	if command -v ccache >/dev/null; then
		cc="ccache $cc"
	fi
	alone "$dir/.lock" configure_and_make "$dir" "$@" CC="$cc"
}
