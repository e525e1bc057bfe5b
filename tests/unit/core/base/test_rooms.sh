#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The rooms of core/ stand on one another: none calls a function or reads a variable of a room above
# it. What a lower room needs of a higher one it gets through a table that the higher one hands in.
set -u
builddir=${1:-.}
order="base loop report config registry store media channel sound dialplan features console"

# "room symbol" of all that is defined, and "room file symbol" of all that is used.
list()
{
	for room in $order; do
		for object in "$builddir/core/$room"/libbbcore_a-*.o; do
			file=${object##*/libbbcore_a-}
			# An object of a file that has moved is no part of the program.
			[ -f "${srcdir:?}/core/$room/${file%.o}.c" ] || continue
			nm "$object" | awk -v room="$room" -v file="${file%.o}.c" '
				NF == 2 && $1 == "U" { print "use", room, file, $2 }
				NF == 3 && $2 ~ /[A-TV-Z]/ { print "def", room, file, $3 }'
		done
	done
}

list | awk -v order="$order" '
	BEGIN { n = split(order, names, " "); for (i = 1; i <= n; i++) floor[names[i]] = i }
	$1 == "def" { room[$4] = $2; defs++ }
	$1 == "use" { used[++uses] = $2 " " $3 " " $4 }
	END {
		if (!defs)
			exit 77 # link-time optimisation: nm sees nothing
		if (defs < 500 || uses < 500) {
			print "only " defs + 0 " definitions and " uses + 0 " uses were found"
			exit 1
		}
		for (i = 1; i <= uses; i++) {
			split(used[i], u, " ")
			if (u[3] in room && floor[room[u[3]]] > floor[u[1]]) {
				print "core/" u[1] "/" u[2] " uses " u[3] " of core/" room[u[3]] ", which stands above it"
				bad = 1
			}
		}
		exit bad
	}'
