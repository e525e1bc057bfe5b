# modules/sip
# The lower half: messages, SDP, transports, transactions. What sip.so links, and tests and fuzzers.
noinst_LTLIBRARIES += modules/sip/libsip.la
modules_sip_libsip_la_SOURCES = \
	modules/sip/build.c modules/sip/build.h \
	modules/sip/chars.c modules/sip/chars.h \
	modules/sip/conn.c \
	modules/sip/ctrans.c modules/sip/ctrans.h \
	modules/sip/ctrans_invite.c modules/sip/ctrans_other.c \
	modules/sip/flow.c modules/sip/flow.h \
	modules/sip/hdr.c modules/sip/hdr.h \
	modules/sip/msg.c modules/sip/msg.h \
	modules/sip/parse.c \
	modules/sip/resolve.c modules/sip/resolve.h \
	modules/sip/sdp.c modules/sip/sdp.h modules/sip/sdp_print.c \
	modules/sip/stack.c modules/sip/stack.h \
	modules/sip/strans.c modules/sip/strans.h modules/sip/overload.c \
	modules/sip/strans_invite.c modules/sip/strans_other.c \
	modules/sip/tp_tcp.c modules/sip/tp_udp.c \
	modules/sip/trans_print.c modules/sip/trans.h \
	modules/sip/transport.c modules/sip/transport.h \
	modules/sip/uri.c modules/sip/uri.h \
	modules/sip/view.c
include modules/sip/high.mk
