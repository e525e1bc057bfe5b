/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trans_print.c - transactions on the console.
 */
#include "modules/sip/ctrans.h"
#include "modules/sip/strans.h"

const char *sip_tstate_name(enum sip_tstate s)
{
	static const char *const names[] = {
		[SIP_CALLING] = "Calling",	 [SIP_TRYING] = "Trying",
		[SIP_PROCEEDING] = "Proceeding", [SIP_COMPLETED] = "Completed",
		[SIP_CONFIRMED] = "Confirmed",	 [SIP_ACCEPTED] = "Accepted",
		[SIP_TERMINATED] = "Terminated",
	};

	return (unsigned)s < BB_ARRAY_SIZE(names) ? names[s] : "?";
}

static void put_timer(struct bb_buf *b, const char *what, const struct bb_timer *t)
{
	if (bb_timer_active(t))
		bb_buf_printf(b, " %s %.1fs", what, (double)(t->at - bb_now()) / BB_SEC);
}

static void put_line(struct bb_buf *b, const char *kind, struct bb_str method, enum sip_tstate st,
		     const struct bb_addr *peer, struct bb_str call_id)
{
	char text[BB_ADDR_TEXT];

	bb_buf_printf(b, "%-13s %-10.*s %-10s %-24s %.*s", kind, BB_FMT(method),
		      sip_tstate_name(st), bb_addr_print(peer, text), BB_FMT(call_id));
}

void sip_trans_print(struct bb_buf *b, struct sip_stack *s)
{
	bb_list_each (n, &s->ctrans) {
		const struct sip_ctrans *ct = bb_list_entry(n, struct sip_ctrans, node);

		put_line(b, ct->machine->name, bb_strn(ct->wire.p, ct->method_len), ct->state,
			 &ct->flow.remote,
			 bb_strn(ct->wire.p + ct->wire.l - ct->cid_back, ct->cid_len));
		put_timer(b, "resend", &ct->retransmit);
		put_timer(b, "end", &ct->timeout);
		bb_buf_putc(b, '\n');
	}
	bb_list_each (n, &s->strans) {
		const struct sip_strans *st = bb_list_entry(n, struct sip_strans, node);

		put_line(b, st->machine->name, st->method_text, st->state, &st->flow.remote,
			 st->call_id);
		put_timer(b, "resend", &st->retransmit);
		put_timer(b, "end", &st->timeout);
		bb_buf_putc(b, '\n');
	}
}
