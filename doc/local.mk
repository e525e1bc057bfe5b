# doc
EXTRA_DIST += README.md doc
doc_DATA = README.md doc/manual.md doc/module-guide.md doc/options.md
examplesdir = $(docdir)/examples
examples_DATA = contrib/examples/app_repeat.c contrib/examples/chan_timer.c contrib/examples/cli_legs.c \
	contrib/examples/codec_l16.c contrib/examples/func_reverse.c
