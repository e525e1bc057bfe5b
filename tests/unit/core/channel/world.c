/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bellbird/dialplan.h>

#include "core/console/console.h"
#include "core/dialplan/dialplan.h"
#include "core/features/features.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"
#include "core/store/store_core.h"
#include "tests/unit/core/channel/world.h"

static char dir[64], value[256];

/* Note(name=value): how a dial plan tells a test something. */
static char notes[1024];

struct note_args {
	struct bb_str text;
};

static int note_run(struct bb_chan *ch, const void *args)
{
	const struct note_args *a = args;
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "%.*s\n%s", BB_FMT(a->text), notes);
	bb_str_copy(notes, sizeof(notes), bb_buf_str(&b));
	bb_buf_free(&b);
	return 0;
}

static const struct bb_field note_fields[] = { { .name = "text",
						 .type = BB_T_REST,
						 .off = offsetof(struct note_args, text),
						 .doc = "name=value" },
					       { 0 } };
static const struct bb_app note = { .name = "Note",
				    .args = note_fields,
				    .args_size = sizeof(struct note_args),
				    .run = note_run,
				    .doc = { .summary = "Tell the test", .since = "0.1" } };
/* Records, as a sink gets them. */
static struct world_record records[32];
static unsigned n_records;

static void record(const struct bb_cdr *r)
{
	struct world_record *w = &records[n_records];

	if (n_records == BB_ARRAY_SIZE(records))
		return;
	n_records++;
	w->whole = r->whole_call;
	w->duration = r->duration;
	w->billsec = r->billsec;
	bb_str_copy(w->channel, sizeof(w->channel), bb_strz(r->channel));
	bb_str_copy(w->dstchannel, sizeof(w->dstchannel), bb_strz(r->dstchannel));
	bb_str_copy(w->disposition, sizeof(w->disposition), bb_strz(r->disposition));
	bb_str_copy(w->lastapp, sizeof(w->lastapp), bb_strz(r->lastapp));
	bb_str_copy(w->src, sizeof(w->src), bb_strz(r->src));
	bb_str_copy(w->dst, sizeof(w->dst), bb_strz(r->dst));
	bb_str_copy(w->reason, sizeof(w->reason), bb_strz(r->reason));
}

unsigned world_records(void)
{
	return n_records;
}

const struct world_record *world_record(unsigned i)
{
	return &records[i];
}

static const struct bb_cdr_sink sink = { .name = "test",
					 .record = record,
					 .doc = { .summary = "Keep records for the test",
						  .since = "0.1" } };
static const struct bb_provide note_provides[] = {
	BB_APP(&note), { .kind = BB_KIND_CDR_SINK, .u.cdr_sink = &sink }, { 0 }
};
static const struct bb_module note_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "app_note",
	.version = "0.1",
	.provides = note_provides,
	.doc = { .summary = "Tells the test", .since = "0.1" },
};

const char *world_note(const char *name)
{
	struct bb_str rest = bb_strz(notes), line;

	value[0] = '\0';
	while (rest.l && bb_str_split(&rest, '\n', &line)) {
		ptrdiff_t eq = bb_str_chr(line, '=');

		if (eq < 0 || !bb_str_is(bb_str_sub(line, 0, (size_t)eq), name))
			continue;
		bb_str_copy(value, sizeof(value), bb_str_sub(line, (size_t)eq + 1, line.l));
		break;
	}
	return value;
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void load(void)
{
	struct bb_diag *d;
	struct bb_buf text = { 0 };
	int err;

	ck_assert_int_eq(bb_diag_new(&d), 0);
	err = bb_modules_load(d);
	for (size_t i = 0; i < bb_diag_count(d, BB_MISTAKE) + 8 && bb_diag_at(d, i); i++)
		bb_diag_print(d, i, BB_DIAG_START, false, &text);
	ck_assert_msg(err == 0, "load: %s: %s", strerror(-err), bb_buf_cstr(&text));
	bb_buf_free(&text);
	bb_diag_free(d);
}

void world_open(const char *extensions, const char *features)
{
	static const char *const only[] = { BB_TOP_BUILDDIR "/modules/app/.libs",
					    BB_TOP_BUILDDIR "/modules/chan/.libs", NULL };
	const struct bb_loop_options loop = { .simulate = true, .seed = 7 };
	const struct bb_store_options store = { .simulate = true };

	snprintf(dir, sizeof(dir), "/tmp/bellbird-chan-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_file("extensions.conf", extensions);
	if (features)
		write_file("features.conf", features);
	chan_test_reset();
	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	ck_assert_int_eq(bb_media_init(0, true), 0);
	bb_registry_search_only(only);
	ck_assert_int_eq(bb_console_init(NULL), 0);
	ck_assert_int_eq(bb_channel_init(), 0);
	ck_assert_int_eq(bb_dialplan_init(), 0);
	ck_assert_int_eq(bb_sound_init(), 0);
	ck_assert_int_eq(bb_features_init(), 0);
	ck_assert_int_eq(bb_static_module_add(&chan_test_module), 0);
	ck_assert_int_eq(bb_static_module_add(&note_module), 0);
	notes[0] = '\0';
	n_records = 0;
	load();
}

static void remove_dir(void)
{
	static const char *const names[] = { "extensions.conf", "features.conf" };
	char path[128];

	for (size_t i = 0; i < BB_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

void world_close(void)
{
	struct bb_fiber_stats fibers;

	bb_sim_advance(60 * BB_SEC);
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_uint_eq(bb_obj_live("channel"), 0);
	ck_assert_uint_eq(bb_obj_live("bridge"), 0);
	bb_fiber_stats(&fibers);
	ck_assert_uint_eq(fibers.live, 0);
	bb_modules_stop();
	bb_features_close();
	bb_sound_close();
	bb_dialplan_close();
	bb_channel_close();
	bb_console_close();
	ck_assert_uint_eq(bb_obj_live("call"), 0);
	ck_assert_uint_eq(bb_obj_live("story"), 0);
	ck_assert_uint_eq(bb_media_close(), 0);
	ck_assert_uint_eq(bb_registry_close(), 0);
	bb_store_close();
	bb_config_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
	remove_dir();
}

struct ride {
	void (*fn)(void *arg);
	void *arg;
	bool *done;
};

static void ride(void *arg)
{
	struct ride r = *(struct ride *)arg;

	bb_free(arg);
	r.fn(r.arg);
	if (r.done)
		*r.done = true;
}

static void spawn(void (*fn)(void *arg), void *arg, bool *done)
{
	struct ride *r = bb_zalloc(sizeof(*r));
	struct bb_fiber *f;

	ck_assert_ptr_nonnull(r);
	*r = (struct ride){ fn, arg, done };
	ck_assert_int_eq(bb_fiber_spawn(&f, "test", ride, r), 0);
}

void world_fork(void (*fn)(void *arg), void *arg)
{
	spawn(fn, arg, NULL);
}

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

void world_run(void (*fn)(void *arg), void *arg)
{
	bool done = false;

	spawn(fn, arg, &done);
	ck_assert_msg(bb_sim_until(is_true, &done, 3600 * BB_SEC), "the fiber never ended");
	bb_sim_settle();
}

struct bb_chan *world_call(const char *name, const char *exten)
{
	struct bb_chan *ch = chan_test_incoming(name, "internal", exten);
	unsigned cause = 0;

	ck_assert_ptr_nonnull(ch);
	if (bb_chan_run(ch, &cause)) {
		bb_chan_hangup(ch, cause);
		bb_chan_unref(ch);
		bb_sim_settle();
		return NULL;
	}
	bb_chan_unref(ch);
	bb_sim_settle();
	return ch;
}

void world_ms(unsigned ms)
{
	bb_sim_advance(ms * BB_MS);
}

const char *world_var(struct bb_chan *ch, const char *name)
{
	struct bb_arena *a = bb_arena_new(256);

	bb_str_copy(value, sizeof(value), bb_var_get(ch, name, a));
	bb_arena_free(a);
	return value;
}

struct bb_call *world_last(void)
{
	struct bb_call *c = NULL, *last = NULL;

	while ((c = bb_call_next(BB_CALLS_KEPT, c)) != NULL)
		last = c;
	return last;
}

const char *world_why(void)
{
	struct bb_call *c = world_last();

	return c ? bb_story_why(c->story) : "no call has ended";
}

bool logged(const char *text)
{
	return strstr(chan_test_log(), text) != NULL;
}
