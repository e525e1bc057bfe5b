/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_local.c - Local/exten@context: dial plan that calls dial plan.
 *
 * A Local channel is two channels back to back. ";1" is the one that is
 * dialed and talks to whoever dialed it; ";2" enters the dial plan like an
 * incoming call. What one end is told, the other one says; frames cross
 * through a small ring, since the ends may live on different media threads.
 */
#include <stdatomic.h>

#include <bellbird/chan.h>
#include <bellbird/device.h>
#include <bellbird/dialplan.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>
#include <bellbird/port.h>

#define SLOTS 8u /* frames that may wait: 160 ms of ordinary audio */
#define MAX_BYTES 2048u

/* One direction: one end writes, the other one reads. */
struct ring {
	atomic_uint head, tail;
	size_t slot;
	struct {
		size_t len;
		uint32_t samples, ts;
		uint16_t flags;
	} meta[SLOTS];
	uint8_t *data; /* SLOTS of head room, slot bytes, tail room */
};

/* What the two ports share; freed by the later of them, both on the control thread. */
struct pair {
	unsigned refs;
	const struct bb_format *format;
	struct ring ring[2];
};

struct end {
	struct pair *pair;
	unsigned side;
	uint16_t seq;
};

struct local {
	struct bb_chan *other; /* held until one of the two hangs up */
	struct bb_port *port;
	bool second; /* ";2" */
};

static struct bb_self *module;
static const struct bb_chan_driver driver;

/* --- media --- */

static void pair_drop(struct pair *p)
{
	if (!p || --p->refs)
		return;
	bb_free(p->ring[0].data);
	bb_free(p->ring[1].data);
	bb_free(p);
}

static size_t stride(const struct ring *r)
{
	return BB_HEADROOM + r->slot + BB_TAILROOM;
}

static int pair_new(struct pair **pp, const struct bb_format *f)
{
	struct pair *p = bb_zalloc(sizeof(*p));

	*pp = p;
	if (!p)
		return -ENOMEM;
	p->refs = 1;
	p->format = f;
	for (unsigned i = 0; i < 2; i++) {
		/* Three packet times at once, or what a variable rate may need. */
		p->ring[i].slot = f->bytes_per_ms ? f->bytes_per_ms * 60u : MAX_BYTES;
		if (p->ring[i].slot > MAX_BYTES)
			p->ring[i].slot = MAX_BYTES;
		p->ring[i].data = bb_zalloc(SLOTS * stride(&p->ring[i]));
		if (!p->ring[i].data) {
			pair_drop(p);
			return -ENOMEM;
		}
	}
	return 0;
}

static int end_create(void *state, const void *init)
{
	struct end *e = state;

	*e = *(const struct end *)init;
	e->pair->refs++;
	return 0;
}

static void end_destroy(void *state)
{
	struct end *e = state;

	pair_drop(e->pair);
}

/* A frame for this end: it waits for the other one's next tick. A full ring loses it. */
static void end_write(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	struct end *e = state;
	struct ring *r = &e->pair->ring[e->side];
	unsigned head = atomic_load_explicit(&r->head, memory_order_relaxed);
	unsigned i = head % SLOTS;

	if (head - atomic_load_explicit(&r->tail, memory_order_acquire) >= SLOTS ||
	    f->len > r->slot)
		return;
	memcpy(r->data + i * stride(r) + BB_HEADROOM, f->data, f->len);
	r->meta[i].len = f->len;
	r->meta[i].samples = f->samples;
	r->meta[i].ts = f->ts;
	r->meta[i].flags = f->flags;
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
}

static void end_tick(struct bb_mport *mp, void *state, bb_time now)
{
	struct end *e = state;
	struct ring *r = &e->pair->ring[!e->side];
	unsigned tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	while (tail != atomic_load_explicit(&r->head, memory_order_acquire)) {
		unsigned i = tail % SLOTS;
		struct bb_frame f = {
			.format = e->pair->format,
			.data = r->data + i * stride(r) + BB_HEADROOM,
			.len = r->meta[i].len,
			.cap = r->slot,
			.samples = r->meta[i].samples,
			.ts = r->meta[i].ts,
			.seq = e->seq++,
			.flags = r->meta[i].flags,
			.at = now,
		};

		bb_mport_push(mp, &f);
		atomic_store_explicit(&r->tail, ++tail, memory_order_release);
	}
}

static const struct bb_port_driver port_driver = {
	.name = "local",
	.state_size = sizeof(struct end),
	.ticks = true,
	.create = end_create,
	.write = end_write,
	.tick = end_tick,
	.destroy = end_destroy,
};

static int open_port(struct bb_chan *ch, struct pair *p, unsigned side, struct bb_port *near)
{
	struct local *l = bb_chan_pvt(ch);
	const struct end init = { .pair = p, .side = side };
	struct bb_formats fs = { 0 };
	int err;

	err = bb_port_new(&l->port, &(struct bb_port_params){ .driver = &port_driver,
							      .init = &init,
							      .near = near,
							      .rx = p->format,
							      .tx = p->format });
	if (err)
		return err;
	bb_formats_add(&fs, p->format);
	bb_chan_set_formats(ch, &fs);
	bb_chan_set_port(ch, 0, l->port);
	return 0;
}

/* The caller's best format, so that nothing has to be translated on the way. */
static const struct bb_format *choose(const struct bb_chan_request *rq)
{
	const struct bb_format *f;

	if (rq->formats && rq->formats->n)
		return rq->formats->v[0];
	f = bb_format_find(BB_STR("ulaw"));
	return f ? f : bb_format_linear(8000);
}

static int open_media(const struct bb_chan_request *rq, struct bb_chan *one, struct bb_chan *two)
{
	const struct bb_format *f = choose(rq);
	struct bb_port *near = rq->caller ? bb_chan_port(rq->caller, 0) : NULL;
	struct pair *p;
	int err;

	if (!f)
		return 0; /* no codec is loaded: signalling alone */
	err = pair_new(&p, f);
	if (err)
		return err;
	err = open_port(one, p, 0, near);
	if (!err)
		err = open_port(two, p, 1, near);
	pair_drop(p);
	return err;
}

/* --- the driver --- */

static int make(const struct bb_chan_request *rq, struct bb_str exten, struct bb_str context,
		struct bb_chan **one, struct bb_chan **two)
{
	struct bb_str device = rq->target;
	struct bb_chan_params p = { .outgoing = true, .suffix = ";1", .parent = rq->caller };
	ptrdiff_t slash = bb_str_chr(device, '/');
	struct local *l1, *l2;
	int err;

	p.device = slash < 0 ? device : bb_str_sub(device, 0, (size_t)slash);
	*two = NULL;
	err = bb_chan_new(one, module, &driver, &p);
	if (err)
		return err;
	p.outgoing = false;
	p.suffix = ";2";
	p.parent = *one;
	p.context = context;
	p.exten = exten;
	err = bb_chan_new(two, module, &driver, &p);
	if (err)
		return err;
	l1 = bb_chan_pvt(*one);
	l2 = bb_chan_pvt(*two);
	l2->second = true;
	l1->other = *two; /* with the reference that making it gave */
	l2->other = bb_chan_ref(*one);
	return 0;
}

static int request(const struct bb_chan_request *rq, void (*add)(struct bb_chan *ch, void *arg),
		   void *arg, unsigned *cause)
{
	struct bb_str context = rq->target, exten;
	struct bb_chan *one = NULL, *two = NULL;
	ptrdiff_t slash;
	int err;

	bb_str_split(&context, '@', &exten);
	slash = bb_str_chr(context, '/');
	if (slash >= 0)
		context = bb_str_sub(context, 0, (size_t)slash);
	if (!context.l)
		context = BB_STR("default");
	if (!exten.l || !bb_exten_exists(context, exten, bb_strz(NULL))) {
		bb_notice("Local/%.*s: there is no extension %.*s in the context %.*s",
			  BB_FMT(rq->target), BB_FMT(exten), BB_FMT(context));
		*cause = BB_CAUSE_UNALLOCATED;
		return -ENOENT;
	}
	err = make(rq, exten, context, &one, &two);
	if (!err)
		err = open_media(rq, one, two);
	if (err) {
		if (one)
			bb_chan_hangup(one, BB_CAUSE_SWITCH_CONGESTION);
		bb_chan_unref(one);
		return err;
	}
	add(one, arg);
	return 0;
}

static int dial(struct bb_chan *ch)
{
	struct local *l = bb_chan_pvt(ch);
	unsigned cause = 0;
	int err;

	if (!l->other)
		return -ENOTCONN;
	*bb_chan_caller(l->other) = *bb_chan_connected(ch);
	/* One leg in two: what was set on this end, by a subroutine before the call too. */
	err = bb_var_copy(l->other, ch);
	if (err)
		return err;
	err = bb_chan_run(l->other, &cause);
	if (err)
		bb_chan_set_cause(ch, cause);
	return err;
}

static void say(struct bb_chan *to, enum bb_event_type type)
{
	bb_chan_emit(to, &(struct bb_event){ .type = type });
}

static int answer(struct bb_chan *ch)
{
	struct local *l = bb_chan_pvt(ch);

	say(ch, BB_EV_ANSWERED);
	if (l->other)
		say(l->other, BB_EV_ANSWERED);
	return 0;
}

static int signal_(struct bb_chan *ch, enum bb_signal sig)
{
	struct local *l = bb_chan_pvt(ch);
	struct bb_party *p = bb_chan_connected(ch);

	if (!l->other)
		return -ENOTCONN;
	switch (sig) {
	case BB_SIG_RINGING:
		say(l->other, BB_EV_RINGING);
		break;
	case BB_SIG_PROGRESS:
		say(l->other, BB_EV_PROGRESS);
		break;
	case BB_SIG_BUSY:
	case BB_SIG_CONGESTION:
		bb_chan_emit(l->other, &(struct bb_event){
					       .type = BB_EV_HANGUP,
					       .cause = sig == BB_SIG_BUSY ? BB_CAUSE_BUSY
									   : BB_CAUSE_CONGESTION });
		break;
	case BB_SIG_HOLD:
		say(l->other, BB_EV_HOLD);
		break;
	case BB_SIG_UNHOLD:
		say(l->other, BB_EV_UNHOLD);
		break;
	case BB_SIG_CONNECTED_LINE:
		bb_chan_emit(l->other, &(struct bb_event){ .type = BB_EV_CONNECTED,
							   .text = bb_strz(p->name),
							   .text2 = bb_strz(p->number) });
		break;
	}
	return 0;
}

static int dtmf(struct bb_chan *ch, char digit, unsigned ms)
{
	struct local *l = bb_chan_pvt(ch);

	if (!l->other)
		return -ENOTCONN;
	bb_chan_emit(l->other, &(struct bb_event){ .type = BB_EV_DTMF, .digit = digit, .ms = ms });
	return 0;
}

static int text(struct bb_chan *ch, struct bb_str words)
{
	struct local *l = bb_chan_pvt(ch);

	if (!l->other)
		return -ENOTCONN;
	bb_chan_emit(l->other, &(struct bb_event){ .type = BB_EV_TEXT, .text = words });
	return 0;
}

static void hangup(struct bb_chan *ch, unsigned cause)
{
	struct local *l = bb_chan_pvt(ch);
	struct bb_chan *other = l->other;

	l->other = NULL;
	bb_chan_set_port(ch, 0, NULL);
	bb_port_close(l->port);
	l->port = NULL;
	if (!other)
		return;
	bb_chan_emit(other, &(struct bb_event){ .type = BB_EV_HANGUP, .cause = cause });
	bb_chan_unref(other);
}

/* A number that exists can be dialed at any time. */
static int device_state(struct bb_str device)
{
	struct bb_str context = device, exten;

	bb_str_split(&context, '@', &exten);
	return bb_exten_exists(context, exten, bb_strz(NULL)) ? BB_DEV_NOT_INUSE : BB_DEV_INVALID;
}

static const struct bb_chan_driver driver = {
	.tech = "Local",
	.pvt_size = sizeof(struct local),
	.request = request,
	.dial = dial,
	.answer = answer,
	.signal = signal_,
	.dtmf = dtmf,
	.text = text,
	.hangup = hangup,
	.device_state = device_state,
	.doc = { .summary = "Call an extension of the dial plan",
		 .since = "0.1",
		 .text = "Dial(Local/100@internal) rings whatever the extension 100 of the context "
			 "internal does; the context may be left out and is then default. /n after "
			 "it, as in Local/100@internal/n, is accepted: the two halves always "
			 "stay." },
};

static int start(struct bb_self *self, struct bb_diag *d)
{
	module = self;
	return 0;
}

BB_MODULE(chan_local, .version = "0.1",
	  .doc = { .summary = "Local channels: dial plan that calls dial plan", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_CHAN(&driver), { 0 } }, .start = start);
