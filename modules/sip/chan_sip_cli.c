/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip_cli.c - sip show channelstats.
 */
#include <stdio.h>

#include "modules/sip/chan_sip.h"

#include <bellbird/bridge.h>

static double percent(uint64_t lost, uint64_t got)
{
	return lost + got ? 100.0 * (double)lost / (double)(lost + got) : 0;
}

static int show_stats(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = {
		{ "Bridge", .wide = true },
		{ "Channel", .flexible = true },
		{ "Up", BB_RIGHT },
		{ "Codec" },
		{ "Rx packets", BB_RIGHT },
		{ "Rx lost", BB_RIGHT, .wide = true },
		{ "Rx lost %", BB_RIGHT },
		{ "Rx jitter ms", BB_RIGHT, .wide = true },
		{ "Tx packets", BB_RIGHT, .wide = true },
		{ "Tx lost", BB_RIGHT, .wide = true },
		{ "Tx lost %", BB_RIGHT, .wide = true },
		{ "Tx jitter ms", BB_RIGHT, .wide = true },
		{ "RTT ms", BB_RIGHT },
		{ "MOS", BB_RIGHT },
	};
	unsigned n = 0;

	(void)args;
	bb_out_table(o, "channelstats", cols, BB_ARRAY_SIZE(cols));
	bb_list_each (node, &cs_all) {
		struct cs *c = bb_list_entry(node, struct cs, node);
		struct bb_bridge *br = bb_chan_bridge(c->ch);
		const struct bb_formats *fs = bb_chan_formats(c->ch);
		bb_time answered = bb_chan_answered(c->ch);
		struct bb_rtp_stats st;
		char bridge[9];

		if (!c->rtp)
			continue;
		cs_rtp->stats(c->rtp, &st);
		snprintf(bridge, sizeof(bridge), "%.8s", br ? bb_bridge_id(br) : "");
		bb_out_rowf(o, "sstsuuffuuffff", bridge, bb_chan_name(c->ch),
			    answered ? bb_now() - answered : (bb_time)0,
			    fs->n ? fs->v[0]->name : "", st.rx_packets, st.rx_lost,
			    percent(st.rx_lost, st.rx_packets), st.rx_jitter, st.tx_packets,
			    st.tx_lost, percent(st.tx_lost, st.tx_packets), st.tx_jitter, st.rtt,
			    st.rx_mos);
		n++;
	}
	bb_out_note(o, "%u channel%s", n, n == 1 ? "" : "s");
	return 0;
}

const struct bb_cli cs_cli_channelstats = {
	.words = "sip show channelstats",
	.aliases = (const char *const[]){ "pjsip show channelstats", NULL },
	.run = show_stats,
	.doc = { .summary = "Show how the media of SIP channels does", .since = "0.1" },
};
