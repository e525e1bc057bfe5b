# tests/wire: run by `make wire` and contrib/test; they need phones that `make check` does not.
EXTRA_DIST += tests/wire
