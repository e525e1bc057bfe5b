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
test_packages="check sip-tester clang libclang-rt-14-dev clang-format
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
	[ "$(id -u)" = 0 ] || sudo=sudo
	say "installing:$missing"
	$sudo apt-get -qq update >&2 || die "apt-get update failed"
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq -y --no-install-recommends install $missing \
		>/dev/null || die "could not install:$missing"
}

jobs=$(nproc 2>/dev/null || echo 2)

# build DIR CONFIGURE-ARGS...: configure once (again when the arguments change) and make.
build()
{
	dir=$1
	shift
	cd "$top" || exit 1
	if [ ! -x configure ] || [ configure.ac -nt configure ] ||
	   [ -n "$(find . -path ./build\* -prune -o \( -name 'local.mk' -o -name '*.mk' -o -name Makefile.am \) -newer Makefile.in -print 2>/dev/null)" ]; then
		mkdir -p build-aux m4
		autoreconf -fi >"$top/build-aux/autoreconf.log" 2>&1 ||
			die "autoreconf failed, see build-aux/autoreconf.log"
	fi
	mkdir -p "$dir"
	cc=${CC:-gcc}
	command -v ccache >/dev/null && cc="ccache $cc"
	if [ ! -f "$dir/Makefile" ] || [ "$(cat "$dir/.configured" 2>/dev/null)" != "$* $cc" ]; then
		(cd "$dir" && "$top/configure" -q CC="$cc" "$@") >"$dir/configure.log" 2>&1 ||
			{ tail -20 "$dir/configure.log" >&2; die "configure failed, see $dir/configure.log"; }
		printf '%s' "$* $cc" >"$dir/.configured"
	fi
	make -s -C "$dir" -j"$jobs" all >"$dir/make.log" 2>&1 ||
		{ grep -E 'error|Error' "$dir/make.log" | head -20 >&2; die "make failed, see $dir/make.log"; }
}
