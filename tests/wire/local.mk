# tests/wire: run by `make wire` and contrib/test; they need phones that `make check` does not.
EXTRA_DIST += tests/wire/run.py tests/wire/wire.py tests/wire/phone.py tests/wire/sipp.py \
	tests/wire/office.py tests/wire/test_calls.py tests/wire/test_causes.py \
	tests/wire/test_modules.py tests/wire/test_faults.py tests/wire/test_asterisk.py
