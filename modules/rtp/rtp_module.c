/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_module.c - the module: rtp.conf and the service.
 */
#include <bellbird/rtp.h>

#include "modules/rtp/pool.h"
#include "modules/rtp/rtp_api.h"

static const char *const strict_words[] = { "no", "yes", NULL };

static const struct bb_field fields[] = {
	{ .name = "rtpstart",
	  .type = BB_T_INT,
	  .off = offsetof(struct rtp_settings, start),
	  .min = 0,
	  .max = 65534,
	  .def = "10000",
	  .doc = "First UDP port of RTP; 0 lets the system choose each port" },
	{ .name = "rtpend",
	  .type = BB_T_INT,
	  .off = offsetof(struct rtp_settings, end),
	  .min = 0,
	  .max = 65535,
	  .def = "20000",
	  .doc = "Last UDP port of RTP" },
	{ .name = "strictrtp",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct rtp_settings, strict),
	  .words = strict_words,
	  .def = "yes",
	  .doc = "Refuse packets from others than the source that was learned" },
	{ .name = "probation",
	  .type = BB_T_INT,
	  .off = offsetof(struct rtp_settings, probation),
	  .min = 1,
	  .max = 100,
	  .def = "4",
	  .doc = "Packets in sequence before a source at an unexpected address is believed" },
	{ .name = "rtcpinterval",
	  .type = BB_T_INT,
	  .off = offsetof(struct rtp_settings, rtcp_interval),
	  .min = 500,
	  .max = 60000,
	  .def = "5000",
	  .doc = "Milliseconds between RTCP reports, on average" },
	{ .name = "rtpchecksums",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct rtp_settings, checksums),
	  .def = "yes",
	  .doc = "Compute UDP checksums for RTP over IPv4" },
	{ 0 },
};

static const char *const known[] = { "dtmftimeout",
				     "icesupport",
				     "stunaddr",
				     "turnaddr",
				     "turnusername",
				     "turnpassword",
				     "stun_blacklist",
				     "stun_acl",
				     "stun_deny",
				     "stun_permit",
				     "stun_software_attribute",
				     "ice_blacklist",
				     "ice_acl",
				     "ice_deny",
				     "ice_permit",
				     "dtls_mtu",
				     "srtpreplayprotection",
				     NULL };

static const struct bb_conf_type conf[] = {
	{ .file = "rtp.conf",
	  .section = "general",
	  .fields = fields,
	  .size = sizeof(struct rtp_settings),
	  .known = known,
	  .doc = "How media streams are sent and received" },
	{ 0 },
};

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	const struct rtp_settings *s = bb_conf_next(next, &conf[0], NULL);
	struct bb_where at;

	if (!s)
		return 0;
	if (s->start && s->end <= s->start) {
		at = bb_conf_where(s, "rtpend");
		bb_diag_add(d, BB_MISTAKE, &at, "rtpend must be greater than rtpstart (%lld)",
			    (long long)s->start);
		return -EINVAL;
	}
	*ctx = (void *)(uintptr_t)bb_conf_hold(s);
	return 0;
}

/* Without a [general] section all is as the fields' defaults say. */
static const struct rtp_settings defaults = { .start = 10000,
					      .end = 20000,
					      .strict = RTP_STRICT_YES,
					      .probation = 4,
					      .rtcp_interval = 5000,
					      .checksums = true };

static void commit(struct bb_self *self, void *ctx)
{
	const struct rtp_settings *s = ctx ? ctx : &defaults;
	bool range = rtp_settings.start != s->start || rtp_settings.end != s->end ||
		     rtp_settings.checksums != s->checksums;

	rtp_settings = *s;
	if (range)
		rtp_pool_range((uint16_t)s->start, (uint16_t)s->end, s->checksums);
	if (ctx)
		bb_conf_drop(ctx);
}

static void give_up(struct bb_self *self, void *ctx)
{
	if (ctx)
		bb_conf_drop(ctx);
}

static unsigned busy(struct bb_self *self)
{
	return rtp_endpoints();
}

static void stop(struct bb_self *self)
{
	rtp_pool_close();
}

static const struct bb_service service = {
	.name = "rtp",
	.major = 1,
	.api = &rtp_api,
	.api_size = sizeof(rtp_api),
	.doc = { .summary = "Endpoints of RTP streams", .since = "0.1" },
};

BB_MODULE(rtp, .conf = conf, .provides = (const struct bb_provide[]){ BB_SERVICE(&service), { 0 } },
	  .prepare = prepare, .commit = commit, .abort = give_up, .busy = busy, .stop = stop,
	  .doc = { .summary = "RTP and RTCP (RFC 3550), telephone events (RFC 4733)",
		   .since = "0.1" });
