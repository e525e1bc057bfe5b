#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each public header compiles alone, twice over, as C and as C++.
set -u
top=${BB_TOP_SRCDIR:-$(dirname "$0")/../../../..}
cc=${CC:-cc}
cxx=${CXX:-c++}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
warn="-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror -fsyntax-only"
failed=0
for header in "$top"/include/bellbird/*.h; do
	name=$(basename "$header")
	# Included twice: the guard must hold.
	printf '#include <bellbird/%s>\n#include <bellbird/%s>\n' "$name" "$name" >"$dir/one.c"
	cp "$dir/one.c" "$dir/one.cc"
	# shellcheck disable=SC2086 # the compiler may be "ccache gcc", and the flags are many
	$cc -std=gnu11 $warn -Wstrict-prototypes -I"$top/include" "$dir/one.c" || {
		echo "$name does not compile alone as C"
		failed=1
	}
	# shellcheck disable=SC2086
	if command -v ${cxx%% *} >/dev/null 2>&1; then
		$cxx -std=gnu++17 $warn -I"$top/include" "$dir/one.cc" || {
			echo "$name does not compile alone as C++"
			failed=1
		}
	fi
	grep -q '#include "' "$header" && {
		echo "$name includes a private header"
		failed=1
	}
done
exit $failed
