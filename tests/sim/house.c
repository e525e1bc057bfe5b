/* SPDX-License-Identifier: BSD-3-Clause */
/* The house: rooms, configuration, network, clock, and what must be left at the end: nothing. */
#include "house.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/channel/channel.h"
#include "core/config/config.h"
#include "core/console/console.h"
#include "core/dialplan/dialplan.h"
#include "core/features/features.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"
#include "core/store/store_core.h"
#include "office.h"

#define TRANSCRIPT (1u << 21)
#define TYPES 48
#define PLACES 64

static struct {
	const char *scene;
	uint64_t seed, random;
	enum weather weather;
	char dir[64];
	bool trace;
	int err; /* the real standard error output, while ours is a file */
	struct bb_list phones;
	unsigned next_twin;
	/* as it was before the first telephone came */
	struct {
		const char *type;
		size_t live;
	} types[TYPES];
	struct {
		char where[64];
		unsigned n;
	} places[PLACES];
	unsigned n_types, n_places;
	size_t udp, tcp;
} house = { .err = -1 };

static char transcript[TRANSCRIPT];
static size_t written;

/* --- what passed, for whoever must find out why --- */

static void note(const char *fmt, ...) BB_PRINTF(1, 2);
static void note(const char *fmt, ...)
{
	size_t room = sizeof(transcript) - written;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(transcript + written, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room) {
		if (house.trace)
			fputs(transcript + written, stderr);
		written += (size_t)n;
	}
}

static void line_of(const char *msg, size_t len, const char *name, char *dst, size_t cap)
{
	char text[UA_TEXT];

	snprintf(text, sizeof(text), "%.*s", (int)len, msg);
	sim_header(text, name, 0, dst, cap);
}

static void watch(const struct bb_addr *from, const struct bb_addr *to, const void *data,
		  size_t len, bool delivered, void *arg)
{
	char a[BB_ADDR_TEXT], b[BB_ADDR_TEXT], id[80], cseq[32], first[120];
	const char *msg = data;

	/* Voice is no text. */
	if (len && (unsigned char)msg[0] >= 0x80)
		return;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(msg, "\r\n"), msg);
	line_of(msg, len, "Call-ID", id, sizeof(id));
	line_of(msg, len, "CSeq", cseq, sizeof(cseq));
	note("%9.3f %-15s > %-15s %s%s  (%s, %.20s)\n",
	     (double)(bb_now() % (100000 * BB_SEC)) / 1e6, bb_addr_print(from, a),
	     bb_addr_print(to, b), delivered ? "" : "LOST ", first, cseq, id);
	if (house.trace && getenv("BB_SIM_BODIES"))
		fprintf(stderr, "%.*s\n", (int)len, msg);
}

static void print_log(FILE *out)
{
	char path[96], text[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/stderr", house.dir);
	f = fopen(path, "r");
	if (!f)
		return;
	while ((n = fread(text, 1, sizeof(text), f)) > 0)
		fwrite(text, 1, n, out);
	fclose(f);
}

/* The name of the run, messages, log. */
static void tell_all(void)
{
	FILE *out = house.err >= 0 ? fdopen(dup(house.err), "w") : stderr;

	if (!out)
		return;
	fflush(stderr);
	fprintf(out, "--- %s, seed %llu: replay with BB_SCENE=%s BB_SEED=%llu BB_SIM_TRACE=1\n",
		house.scene, (unsigned long long)house.seed, house.scene,
		(unsigned long long)house.seed);
	if (!house.trace) {
		fwrite(transcript, 1, written, out);
		fputs("--- log\n", out);
		print_log(out);
	}
	fputs("---\n", out);
	fflush(out);
}

static void died(int signum)
{
	signal(signum, SIG_DFL);
	tell_all();
	raise(signum);
}

void sim_fail(const char *file, int line, const char *cond, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note("%9.3f FAILED: %s (%s, %s:%d)\n", (double)(bb_now() % (100000 * BB_SEC)) / 1e6, text,
	     cond, file, line);
	tell_all();
	ck_abort_msg("%s seed %llu: %s (%s, %s:%d)", house.scene, (unsigned long long)house.seed,
		     text, cond, file, line);
	abort();
}

static void catch_output(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL };
	char path[96];

	house.trace = getenv("BB_SIM_TRACE") != NULL;
#ifdef __SANITIZE_ADDRESS__
	return; /* its reports go to the standard error output too */
#endif
	for (size_t i = 0; i < BB_ARRAY_SIZE(fatal); i++)
		signal(fatal[i], died);
	if (house.trace)
		return;
	snprintf(path, sizeof(path), "%s/stderr", house.dir);
	house.err = dup(2);
	if (!freopen(path, "w", stderr))
		ck_abort_msg("no %s", path);
}

static void free_output(void)
{
	if (house.err < 0)
		return;
	fflush(stderr);
	dup2(house.err, 2);
	close(house.err);
	house.err = -1;
}

/* --- chance --- */

unsigned sim_random(unsigned low, unsigned high)
{
	uint64_t z = (house.random += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return low + (unsigned)(z % ((uint64_t)high - low + 1));
}

void house_weather(enum weather w)
{
	static const struct bb_sim_net nets[WEATHERS] = {
		[FINE] = { 0, 0, 0, 1 * BB_MS, 10 * BB_MS },
		[LATE] = { 0, 0, 0, 5 * BB_MS, 400 * BB_MS },
		[BREEZE] = { 50, 50, 100, 1 * BB_MS, 50 * BB_MS },
		[RAIN] = { 150, 150, 200, 1 * BB_MS, 100 * BB_MS },
		[STORM] = { 300, 200, 300, 1 * BB_MS, 200 * BB_MS },
	};

	house.weather = w;
	bb_sim_net_set(&nets[w]);
}

bool house_fine(void)
{
	return house.weather == FINE;
}

/* --- time --- */

void wait_ms(unsigned ms)
{
	bb_sim_advance((bb_time)ms * BB_MS);
}

void wait_between(unsigned low_ms, unsigned high_ms)
{
	wait_ms(sim_random(low_ms, high_ms));
}

static bool is_up(void *arg)
{
	return ((struct leg *)arg)->state == LEG_UP || ((struct leg *)arg)->state == LEG_OVER;
}

bool wait_up(struct leg *l, unsigned ms)
{
	bb_sim_until(is_up, l, (bb_time)ms * BB_MS);
	return l->state == LEG_UP;
}

static bool is_over(void *arg)
{
	return ((struct leg *)arg)->state == LEG_OVER;
}

bool wait_over(struct leg *l, unsigned ms)
{
	return bb_sim_until(is_over, l, (bb_time)ms * BB_MS);
}

struct calls_wanted {
	struct ua *ua;
	unsigned n;
};

static bool has_calls(void *arg)
{
	struct calls_wanted *w = arg;

	return w->ua->legs.count >= w->n;
}

struct leg *wait_call(struct ua *ua, unsigned n_calls, unsigned ms)
{
	struct calls_wanted w = { ua, n_calls };

	return bb_sim_until(has_calls, &w, (bb_time)ms * BB_MS) ? ua_leg(ua) : NULL;
}

/* --- fibers and the console --- */

struct ride {
	void (*fn)(void *arg);
	void *arg;
	bool done;
};

static void ride(void *arg)
{
	struct ride *r = arg;

	r->fn(r->arg);
	r->done = true;
}

static bool ridden(void *arg)
{
	return ((struct ride *)arg)->done;
}

void in_fiber(void (*fn)(void *arg), void *arg)
{
	struct ride r = { fn, arg, false };
	struct bb_fiber *f;

	sim_must(bb_fiber_spawn(&f, "test", ride, &r) == 0, "no fiber");
	sim_must(bb_sim_until(ridden, &r, 600 * BB_SEC), "a fiber of the test never ended");
}

static struct bb_buf said;

static void exec(void *arg)
{
	bb_console_exec(bb_strz(arg), BB_OUT_JSON, &said);
}

const char *console(const char *line)
{
	bb_buf_truncate(&said, 0);
	in_fiber(exec, (void *)(uintptr_t)line);
	return bb_buf_cstr(&said);
}

/* --- what is there --- */

static void count_type(const char *type, size_t live, size_t bytes, void *arg)
{
	if (house.n_types < TYPES) {
		house.types[house.n_types].type = type;
		house.types[house.n_types++].live = live;
	}
}

static void count_place(const struct bb_timer *t, void *arg)
{
	unsigned i;

	for (i = 0; i < house.n_places; i++)
		if (strcmp(house.places[i].where, t->where) == 0)
			break;
	if (i == PLACES)
		return;
	if (i == house.n_places)
		snprintf(house.places[house.n_places++].where, sizeof(house.places[0].where), "%s",
			 t->where);
	house.places[i].n++;
}

static void remember_idle(void)
{
	struct bb_media_stats media;
	struct bb_loop_stats st;

	bb_obj_each_type(count_type, NULL);
	bb_timer_each(count_place, NULL);
	bb_loop_stats(&st);
	bb_media_stats(&media);
	house.udp = st.udp - media.sockets;
	house.tcp = st.tcp;
}

/* What ended calls keep so that people can ask about them. */
static bool is_kept(const char *type)
{
	return strcmp(type, "call") == 0 || strcmp(type, "story") == 0;
}

static void judge_type(const char *type, size_t live, size_t bytes, void *arg)
{
	size_t was = 0;

	for (unsigned i = 0; i < house.n_types; i++)
		if (strcmp(house.types[i].type, type) == 0)
			was = house.types[i].live;
	sim_must(live <= was || is_kept(type), "%zu of '%s' live on, there were %zu at first", live,
		 type, was);
}

static void judge_place(const struct bb_timer *t, void *arg)
{
	unsigned *seen = arg;
	unsigned i;

	for (i = 0; i < house.n_places; i++)
		if (strcmp(house.places[i].where, t->where) == 0)
			break;
	sim_must(i < house.n_places && ++seen[i] <= house.places[i].n,
		 "a timer set at %s goes on, due in %.1f s", t->where,
		 (double)(t->at - bb_now()) / 1e6);
}

void house_clean(void)
{
	unsigned seen[PLACES] = { 0 };
	struct bb_fiber_stats fibers;
	struct bb_media_stats media;
	struct bb_loop_stats st;

	sim_must(bb_chan_count() == 0, "%u channels are left: %s", bb_chan_count(),
		 console("core show channels"));
	sim_must(bb_call_count() == 0, "%u calls go on: %s", bb_call_count(), console("call list"));
	bb_obj_each_type(judge_type, NULL);
	bb_timer_each(judge_place, seen);
	bb_fiber_stats(&fibers);
	sim_must(fibers.live == 0, "%zu fibers live on", fibers.live);
	bb_media_stats(&media);
	sim_must(media.ports == 0 && media.links == 0, "%zu ports and %zu connections are left",
		 media.ports, media.links);
	bb_loop_stats(&st);
	/* Those of media rest, for the next call. */
	st.udp -= media.sockets;
	sim_must(st.udp <= house.udp && st.tcp <= house.tcp, "%zu sockets are open, there were %zu",
		 st.udp + st.tcp, house.udp + house.tcp);
	sim_must(st.work == 0 && st.processes == 0, "work goes on");
}

/* --- up and down --- */

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", house.dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void load(void *arg)
{
	struct bb_buf text = { 0 };
	struct bb_diag *d;
	int err;

	sim_must(bb_diag_new(&d) == 0, "no memory");
	err = bb_modules_load(d);
	for (size_t i = 0; bb_diag_at(d, i); i++) {
		bb_diag_print(d, i, BB_DIAG_START, false, &text);
		bb_buf_puts(&text, "\n");
	}
	note("%s", bb_buf_cstr(&text));
	sim_must(err == 0, "the modules did not load: %s", strerror(-err));
	bb_buf_free(&text);
	bb_diag_free(d);
}

static void open_rooms(void)
{
	static const char *const only[] = {
		BB_TOP_BUILDDIR "/modules/app/.libs",	BB_TOP_BUILDDIR "/modules/bridge/.libs",
		BB_TOP_BUILDDIR "/modules/cdr/.libs",	BB_TOP_BUILDDIR "/modules/chan/.libs",
		BB_TOP_BUILDDIR "/modules/codec/.libs", BB_TOP_BUILDDIR "/modules/format/.libs",
		BB_TOP_BUILDDIR "/modules/func/.libs",	BB_TOP_BUILDDIR "/modules/rtp/.libs",
		BB_TOP_BUILDDIR "/modules/sip/.libs",	NULL
	};
	const struct bb_loop_options loop = { .simulate = true, .seed = house.seed };
	const struct bb_store_options store = { .simulate = true };

	sim_must(bb_config_init(house.dir, house.dir) == 0, "config");
	sim_must(bb_loop_init(&loop) == 0, "loop");
	sim_must(bb_store_init(&store) == 0, "store");
	sim_must(bb_registry_init() == 0, "registry");
	bb_registry_search_only(only);
	sim_must(bb_media_init(0, true) == 0, "media");
	sim_must(bb_channel_init() == 0, "channel");
	sim_must(bb_sound_init() == 0, "sound");
	bb_dialplan_device_check(bb_conf_device_known);
	sim_must(bb_dialplan_init() == 0, "dialplan");
	sim_must(bb_features_init() == 0, "features");
	sim_must(bb_console_init(NULL) == 0, "console");
}

void house_up(const char *scene, uint64_t seed)
{
	memset(&house, 0, sizeof(house));
	house.err = -1;
	house.scene = scene;
	house.seed = seed;
	house.random = seed * 0x2545f4914f6cdd1du + 1;
	house.next_twin = 50;
	written = 0;
	snprintf(house.dir, sizeof(house.dir), "/tmp/bellbird-sim-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(house.dir));
	catch_output();
	write_file("pjsip.conf", office_pjsip);
	write_file("extensions.conf", office_extensions);
	write_file("features.conf", office_features);
	write_file("rtp.conf", office_rtp);
	write_file("modules.conf", office_modules);
	open_rooms();
	bb_sim_net_watch(watch, NULL);
	in_fiber(load, NULL);
	wait_ms(1000);
	console("core show channels");
	remember_idle();
	house_weather((enum weather)(seed % WEATHERS));
}

static void remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", house.dir);
	if (system(command) != 0)
		note("%s stays\n", house.dir);
}

static void phones_away(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&house.phones)))
		ua_free(bb_list_entry(n, struct ua, node));
}

void house_down(void)
{
	phones_away();
	/* Registrations run out, and whatever a call may wait for. */
	bb_sim_advance(5000 * BB_SEC);
	house_clean();
	bb_modules_stop();
	bb_console_close();
	bb_features_close();
	bb_dialplan_close();
	bb_sound_close();
	bb_channel_close();
	sim_must(bb_obj_live("call") == 0, "calls outlive their room");
	sim_must(bb_obj_live("story") == 0, "stories outlive their room");
	sim_must(bb_media_close() == 0, "ports are still open");
	sim_must(bb_registry_close() == 0, "modules are still held");
	bb_store_close();
	bb_config_close();
	bb_buf_free(&said);
	sim_must(bb_loop_close() == 0, "timers, sockets or fibers are left");
	free_output();
	remove_dir();
}

/* --- telephones --- */

struct ua *phone_off(const char *name)
{
	struct ua *ua = ua_new(name, (unsigned)atoi(name) % 1000);

	bb_list_append(&house.phones, &ua->node);
	return ua;
}

static bool is_registered(void *arg)
{
	return ((struct ua *)arg)->reg_code >= 200 && ((struct ua *)arg)->reg_code != 401;
}

static void sign_on(struct ua *ua)
{
	/* Like a telephone: again until it works. */
	for (unsigned i = 0; i < 5 && ua->reg_code != 200; i++) {
		ua_register(ua, ua_contact(ua), 3600);
		bb_sim_until(is_registered, ua, 70 * BB_SEC);
	}
	sim_must(ua->reg_code == 200, "%s cannot register: %u", ua->name, ua->reg_code);
}

struct ua *phone(const char *name)
{
	struct ua *ua = phone_off(name);

	sign_on(ua);
	return ua;
}

struct ua *phone_twin(const char *name, unsigned n)
{
	struct ua *ua = ua_new(name, n);

	bb_list_append(&house.phones, &ua->node);
	sign_on(ua);
	return ua;
}
