#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each public header compiles alone, twice over, as C11, C17 and C++17; a module also as C++20.
set -u
top=${BB_TOP_SRCDIR:-$(dirname "$0")/../../../..}
cc=${CC:-cc}
cxx=${CXX:-c++}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
warn="-Wall -Wextra -Wpedantic -Wno-unused-parameter -Wno-missing-field-initializers -Werror -fsyntax-only"
failed=0
has_cxx=
command -v "${cxx%% *}" >/dev/null 2>&1 && has_cxx=yes

# cxx_compiles STANDARD FILE WHAT
cxx_compiles()
{
	# shellcheck disable=SC2086
	$cxx -std="$1" $warn -I"$top/include" "$2" && return
	echo "$3 does not compile as $1"
	failed=1
}

for header in "$top"/include/bellbird/*.h; do
	name=$(basename "$header")
	# Included twice: the guard must hold.
	printf '#include <bellbird/%s>\n#include <bellbird/%s>\n' "$name" "$name" >"$dir/one.c"
	cp "$dir/one.c" "$dir/one.cc"
	for std in c11 c17; do
		# shellcheck disable=SC2086 # the compiler may be "ccache gcc", and the flags are many
		$cc -std=$std $warn -Wstrict-prototypes -I"$top/include" "$dir/one.c" || {
			echo "$name does not compile alone as $std"
			failed=1
		}
	done
	[ -z "$has_cxx" ] || cxx_compiles c++17 "$dir/one.cc" "$name"
	grep -q '#include "' "$header" && {
		echo "$name includes a private header"
		failed=1
	}
done

cat >"$dir/module.cc" <<'C'
#include <bellbird/app.h>

static int run(struct bb_chan *, const void *)
{
	return 0;
}

static const struct bb_app app = { .name = "Plus", .run = run, .doc = { .summary = "Do it" } };
static const struct bb_provide provides[] = { BB_APP(&app), {} };
BB_MODULE(app_plus, .provides = provides, .doc = { .summary = "Written in C++", .since = "0.1" });
C
[ -z "$has_cxx" ] || cxx_compiles c++20 "$dir/module.cc" "a module"
exit $failed
