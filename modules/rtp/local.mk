# modules/rtp
noinst_HEADERS += modules/rtp/dtmf.h modules/rtp/latch.h modules/rtp/pool.h modules/rtp/rtcp.h \
	modules/rtp/rtp_api.h modules/rtp/rtp_packet.h modules/rtp/rtp_port.h
pkglib_LTLIBRARIES += modules/rtp/rtp.la
RTP_SOURCES = modules/rtp/dtmf.c modules/rtp/latch.c modules/rtp/pool.c modules/rtp/rtcp.c \
	modules/rtp/rtp_api.c modules/rtp/rtp_packet.c modules/rtp/rtp_recv.c \
	modules/rtp/rtp_send.c modules/rtp/rtp_time.c
modules_rtp_rtp_la_SOURCES = $(RTP_SOURCES) modules/rtp/rtp_module.c
modules_rtp_rtp_la_LDFLAGS = $(LDFLAGS_MODULE)
