/* SPDX-License-Identifier: BSD-3-Clause */
/* chan_test.c - the channel driver for tests: see chan_test.h. */
#include <bellbird/loop.h>
#include <bellbird/mem.h>
#include <bellbird/port.h>

#include "tests/modules/chan_test.h"

#define MAX_FAR 64
#define MAX_ACTIONS 24

struct far {
	char name[40], script[200], formats[40];
};

struct action {
	struct bb_timer timer;
	struct bb_chan *ch;
	char what[16], arg[60];
	int64_t number;
};

struct test_chan {
	char name[40], formats[40];
	struct bb_port *port;
	struct action *actions[MAX_ACTIONS];
	unsigned n;
};

static struct far fars[MAX_FAR];
static unsigned n_fars;
static char trace[16384];
static struct bb_self *module;

static void note(struct bb_chan *ch, const char *fmt, ...) BB_PRINTF(2, 3);
static void note(struct bb_chan *ch, const char *fmt, ...)
{
	struct test_chan *tc = bb_chan_pvt(ch);
	struct bb_buf b = { 0 };
	va_list ap;

	bb_buf_printf(&b, "%s%s%s ", trace, trace[0] ? ", " : "", tc->name);
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	bb_str_copy(trace, sizeof(trace), bb_buf_str(&b));
	bb_buf_free(&b);
}

static struct far *find(struct bb_str name)
{
	for (unsigned i = 0; i < n_fars; i++)
		if (bb_str_is(name, fars[i].name))
			return &fars[i];
	return NULL;
}

static struct far *get(const char *name)
{
	struct far *f = find(bb_strz(name));

	if (f || n_fars == MAX_FAR)
		return f;
	f = &fars[n_fars++];
	*f = (struct far){ .script = "" };
	bb_str_copy(f->name, sizeof(f->name), bb_strz(name));
	return f;
}

void chan_test_far(const char *name, const char *script)
{
	struct far *f = get(name);

	bb_str_copy(f->script, sizeof(f->script), bb_strz(script));
}

void chan_test_formats(const char *name, const char *formats)
{
	struct far *f = get(name);

	bb_str_copy(f->formats, sizeof(f->formats), bb_strz(formats));
}

void chan_test_reset(void)
{
	n_fars = 0;
	trace[0] = '\0';
}

const char *chan_test_log(void)
{
	return trace;
}

void chan_test_log_clear(void)
{
	trace[0] = '\0';
}

/* --- media: a port that takes frames and makes none --- */

static void swallow(struct bb_mport *mp, void *state, struct bb_frame *f)
{
}

static const struct bb_port_driver null_port = { .name = "null", .write = swallow };

static void open_media(struct bb_chan *ch)
{
	struct test_chan *tc = bb_chan_pvt(ch);
	struct bb_formats fs = { 0 };
	struct bb_str bad;
	struct bb_port_params p = { .driver = &null_port };

	if (tc->port || !tc->formats[0] ||
	    bb_formats_parse(&fs, bb_strz(tc->formats), true, &bad) || !fs.n)
		return;
	p.rx = p.tx = fs.v[0];
	bb_chan_set_formats(ch, &fs);
	if (bb_port_new(&tc->port, &p) == 0)
		bb_chan_set_port(ch, 0, tc->port);
}

/* --- what the far end does --- */

void chan_test_emit(struct bb_chan *ch, enum bb_event_type type)
{
	bb_chan_emit(ch, &(struct bb_event){ .type = type });
}

void chan_test_digits(struct bb_chan *ch, const char *digits)
{
	for (; *digits; digits++)
		bb_chan_emit(ch,
			     &(struct bb_event){ .type = BB_EV_DTMF, .digit = *digits, .ms = 80 });
}

void chan_test_hangup(struct bb_chan *ch, unsigned cause, const char *why)
{
	bb_chan_emit(ch, &(struct bb_event){
				 .type = BB_EV_HANGUP, .cause = cause, .text = bb_strz(why) });
}

static void act(void *arg)
{
	struct action *a = arg;
	struct bb_chan *ch = a->ch;
	struct bb_str what = bb_strz(a->what);

	if (bb_str_is(what, "try"))
		chan_test_emit(ch, BB_EV_TRYING);
	else if (bb_str_is(what, "ring"))
		chan_test_emit(ch, BB_EV_RINGING);
	else if (bb_str_is(what, "media"))
		open_media(ch);
	else if (bb_str_is(what, "progress"))
		open_media(ch), chan_test_emit(ch, BB_EV_PROGRESS);
	else if (bb_str_is(what, "answer"))
		open_media(ch), chan_test_emit(ch, BB_EV_ANSWERED);
	else if (bb_str_is(what, "busy"))
		chan_test_hangup(ch, BB_CAUSE_BUSY, "486 Busy Here");
	else if (bb_str_is(what, "hangup"))
		chan_test_hangup(ch, (unsigned)a->number, "");
	else if (bb_str_is(what, "redirect"))
		bb_chan_emit(ch,
			     &(struct bb_event){ .type = BB_EV_REDIRECT, .text = bb_strz(a->arg) });
	else if (bb_str_is(what, "digit"))
		chan_test_digits(ch, a->arg);
	else if (bb_str_is(what, "hold"))
		chan_test_emit(ch, BB_EV_HOLD);
	else if (bb_str_is(what, "unhold"))
		chan_test_emit(ch, BB_EV_UNHOLD);
}

/* "ring 100" or "hangup 5000 16": a verb, when, and with what. */
static void schedule(struct bb_chan *ch, struct bb_str step)
{
	struct test_chan *tc = bb_chan_pvt(ch);
	struct bb_str what, when, arg = step;
	struct action *a;
	uint64_t ms = 0;

	if (!bb_str_split(&arg, ' ', &what) || !what.l || tc->n == MAX_ACTIONS)
		return;
	bb_str_split(&arg, ' ', &when);
	bb_str_u64(when, &ms);
	a = bb_zalloc(sizeof(*a));
	if (!a)
		return;
	a->ch = ch;
	bb_str_copy(a->what, sizeof(a->what), what);
	bb_str_copy(a->arg, sizeof(a->arg), bb_str_trim(arg));
	bb_str_i64(bb_strz(a->arg), &a->number);
	tc->actions[tc->n++] = a;
	bb_timer_set(&a->timer, (bb_time)ms * BB_MS, act, a);
}

/* --- the driver --- */

static int make(struct bb_chan **chp, const char *name, const struct bb_chan_params *p)
{
	struct far *f = find(bb_strz(name));
	struct test_chan *tc;
	struct bb_chan *ch;
	int err;

	err = bb_chan_new(&ch, module, chan_test_module.provides[0].u.chan, p);
	if (err)
		return err;
	tc = bb_chan_pvt(ch);
	bb_str_copy(tc->name, sizeof(tc->name), bb_strz(name));
	bb_str_copy(tc->formats, sizeof(tc->formats), bb_strz(f ? f->formats : ""));
	*chp = ch;
	return 0;
}

static int refuse(struct bb_str script, unsigned *cause)
{
	struct bb_str word;
	int64_t err = ENOENT, c = 0;

	bb_str_split(&script, ' ', &word);
	if (bb_str_split(&script, ' ', &word))
		bb_str_i64(word, &err);
	if (bb_str_split(&script, ' ', &word))
		bb_str_i64(word, &c);
	*cause = (unsigned)c;
	return (int)-err;
}

static int request(const struct bb_chan_request *rq, void (*add)(struct bb_chan *ch, void *arg),
		   void *arg, unsigned *cause)
{
	struct bb_chan_params p = { .device = rq->target, .outgoing = true, .parent = rq->caller };
	struct far *f = find(rq->target);
	struct bb_chan *ch;
	int err;

	if (!f)
		return -ENOENT;
	if (bb_str_starts(bb_strz(f->script), BB_STR("refuse")))
		return refuse(bb_strz(f->script), cause);
	err = make(&ch, f->name, &p);
	if (err)
		return err;
	note(ch, "request");
	add(ch, arg);
	return 0;
}

static int dial(struct bb_chan *ch)
{
	struct test_chan *tc = bb_chan_pvt(ch);
	struct far *f = find(bb_strz(tc->name));
	struct bb_str rest = bb_strz(f ? f->script : ""), step;

	note(ch, "dial");
	while (rest.l && bb_str_split(&rest, ',', &step))
		schedule(ch, step);
	return 0;
}

static int answer(struct bb_chan *ch)
{
	note(ch, "answer");
	open_media(ch);
	chan_test_emit(ch, BB_EV_ANSWERED);
	return 0;
}

static int signal_(struct bb_chan *ch, enum bb_signal sig)
{
	static const char *const names[] = { "?",	   "ringing", "progress", "busy",
					     "congestion", "hold",    "unhold",	  "connected" };

	note(ch, "is told %s", names[sig]);
	if (sig == BB_SIG_PROGRESS)
		open_media(ch);
	return 0;
}

static int dtmf(struct bb_chan *ch, char digit, unsigned ms)
{
	note(ch, "gets digit %c", digit);
	return 0;
}

static int text(struct bb_chan *ch, struct bb_str words)
{
	note(ch, "gets text %.*s", BB_FMT(words));
	return 0;
}

static void hangup(struct bb_chan *ch, unsigned cause)
{
	struct test_chan *tc = bb_chan_pvt(ch);

	note(ch, "hangup %u", cause);
	for (unsigned i = 0; i < tc->n; i++) {
		bb_timer_cancel(&tc->actions[i]->timer);
		bb_free(tc->actions[i]);
	}
	tc->n = 0;
	bb_chan_set_port(ch, 0, NULL);
	bb_port_close(tc->port);
	tc->port = NULL;
}

static void destroy(struct bb_chan *ch)
{
	note(ch, "destroy");
}

static int device_state(struct bb_str device)
{
	struct far *f = find(device);

	if (!f)
		return -ENOENT;
	return bb_str_starts(bb_strz(f->script), BB_STR("refuse")) ? BB_DEV_UNAVAILABLE
								   : BB_DEV_NOT_INUSE;
}

static const char *const aliases[] = { "TST", NULL };

static const struct bb_chan_driver driver = {
	.tech = "TEST",
	.aliases = aliases,
	.pvt_size = sizeof(struct test_chan),
	.request = request,
	.dial = dial,
	.answer = answer,
	.signal = signal_,
	.dtmf = dtmf,
	.text = text,
	.hangup = hangup,
	.destroy = destroy,
	.device_state = device_state,
	.doc = { .summary = "Play scripted far ends for tests", .since = "0.1" },
};

struct bb_chan *chan_test_incoming(const char *name, const char *context, const char *exten)
{
	struct bb_party caller = { .restricted = false };
	struct bb_chan_params p = { .device = bb_strz(name),
				    .context = bb_strz(context),
				    .exten = bb_strz(exten),
				    .caller = &caller };
	struct bb_chan *ch;

	bb_str_copy(caller.number, sizeof(caller.number), bb_strz(name));
	return make(&ch, name, &p) ? NULL : ch;
}

struct bb_chan *chan_test_last(const char *name)
{
	struct bb_chan *ch = NULL, *last = NULL;

	while ((ch = bb_chan_next(ch)) != NULL)
		if (bb_chan_driver(ch) == &driver &&
		    bb_str_is(bb_strz(((struct test_chan *)bb_chan_pvt(ch))->name), name))
			last = ch;
	return last;
}

/* --- two formats that nothing translates, and techniques for them --- */

static const struct bb_codec ta = { .name = "ta",
				    .encoding = "TA",
				    .rate = 8000,
				    .clock = 8000,
				    .channels = 1,
				    .payload_type = -1,
				    .ptime = 20,
				    .bytes_per_ms = 8,
				    .doc = { .summary = "Test format a", .since = "0.1" } };
static const struct bb_codec tb = { .name = "tb",
				    .encoding = "TB",
				    .rate = 8000,
				    .clock = 8000,
				    .channels = 1,
				    .payload_type = -1,
				    .ptime = 20,
				    .bytes_per_ms = 8,
				    .doc = { .summary = "Test format b", .since = "0.1" } };

static int tech_join(struct bb_bridge *br, void *state, struct bb_chan *ch, struct bb_port *port)
{
	note(ch, "plugged");
	return 0;
}

static void tech_leave(struct bb_bridge *br, void *state, struct bb_chan *ch, struct bb_port *port)
{
	note(ch, "unplugged");
}

static unsigned score_same(const struct bb_bridge_info *i)
{
	return i->members == 2 && i->same_format ? 20 : 0;
}

static unsigned score_any(const struct bb_bridge_info *i)
{
	return i->members ? 1 : 0;
}

static const struct bb_bridge_tech t_same = { .name = "t_same",
					      .score = score_same,
					      .join = tech_join,
					      .leave = tech_leave,
					      .doc = { .summary = "Join equal formats",
						       .since = "0.1" } };
static const struct bb_bridge_tech t_any = { .name = "t_any",
					     .score = score_any,
					     .state_size = 16,
					     .join = tech_join,
					     .leave = tech_leave,
					     .doc = { .summary = "Join anything",
						      .since = "0.1" } };

static const struct bb_provide provides[] = { BB_CHAN(&driver),	  BB_CODEC(&ta),     BB_CODEC(&tb),
					      BB_BRIDGE(&t_same), BB_BRIDGE(&t_any), { 0 } };

static int start(struct bb_self *self, struct bb_diag *d)
{
	module = self;
	return 0;
}

const struct bb_module chan_test_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "chan_test",
	.version = "0.1",
	.provides = provides,
	.start = start,
	.doc = { .summary = "Scripted far ends for tests", .since = "0.1" },
};
