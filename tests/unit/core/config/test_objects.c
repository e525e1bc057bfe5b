/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects: typed, defaulted, judged, held; sets: built, kept in part, swapped. */
#include "bbtest.h"
#include "core/config/config.h"

static char dir[] = "/tmp/bb-obj-XXXXXX";

static void file(const char *name, const char *data)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(data, f);
	fclose(f);
}

static void up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
}

static void down(void)
{
	char cmd[300];

	bb_config_close();
	ck_assert_uint_eq(bb_obj_live("configuration"), 0);
	ck_assert_uint_eq(bb_obj_live("configuration set"), 0);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

struct endpoint {
	struct bb_str context;
	int64_t max;
	bool webrtc;
	bb_time timeout;
	int mode;
	struct bb_strlist allow;
};

static const char *const modes[] = { "auto", "rfc4733", "inband", NULL };
static const char *const known[] = { "mailboxes", NULL };
#define OFF(m) .off = offsetof(struct endpoint, m)
static const struct bb_field fields[] = {
	{ .name = "context", .type = BB_T_STR, OFF(context), .def = "default", .doc = "." },
	{ .name = "max_contacts", .type = BB_T_INT, OFF(max), .max = 10, .def = "1", .doc = "." },
	{ .name = "webrtc", .type = BB_T_BOOL, OFF(webrtc), .def = "no", .doc = "." },
	{ .name = "rtp_timeout", .type = BB_T_DURATION, OFF(timeout), .def = "60", .doc = "." },
	{ .name = "dtmf_mode",
	  .type = BB_T_ENUM,
	  .words = modes,
	  OFF(mode),
	  .def = "rfc4733",
	  .doc = "." },
	{ .name = "allow",
	  .type = BB_T_LIST,
	  OFF(allow),
	  .def = "",
	  .alias = "codecs",
	  .doc = "." },
	{ 0 },
};

static const struct bb_field auth_fields[] = {
	{ .name = "password", .type = BB_T_STR, .off = 0, .doc = "." }, { 0 }
};

static const struct bb_conf_type types[] = {
	{ .file = "sip.conf",
	  .type = "endpoint",
	  .fields = fields,
	  .size = sizeof(struct endpoint),
	  .known = known,
	  .doc = "." },
	{ .file = "sip.conf",
	  .type = "auth",
	  .fields = auth_fields,
	  .size = sizeof(struct bb_str),
	  .doc = "." },
	{ .file = "moh.conf",
	  .section = "general",
	  .fields = fields,
	  .size = sizeof(struct endpoint),
	  .doc = "." },
	{ .file = "moh.conf", .section = "*", .free_form = true, .doc = "." },
};

static struct bb_diag *diag;

static struct bb_conf *build(const struct bb_conf *base, unsigned keep)
{
	struct bb_conf_claim claims[BB_ARRAY_SIZE(types)];
	struct bb_conf *c = NULL;

	for (size_t i = 0; i < BB_ARRAY_SIZE(types); i++) {
		claims[i].type = &types[i];
		claims[i].module = "test";
		claims[i].keep = keep >> i & 1;
	}
	ck_assert_int_eq(bb_diag_new(&diag), 0);
	ck_assert_int_eq(bb_conf_build(&c, base, claims, BB_ARRAY_SIZE(types), true, diag), 0);
	return c;
}

static void done(struct bb_conf *c)
{
	bb_conf_unref(c);
	bb_diag_free(diag);
}

START_TEST(typed)
{
	const struct endpoint *e;
	const struct bb_str *pw;
	struct bb_conf *c;

	up();
	file("pjsip.conf", "[t](!)\ntype=endpoint\nallow=ulaw\nrtp_timeout=5m\n"
			   "[alice](t)\ncontext=a\nallow=alaw, g722\n[bob](t)\nrtp_timeout=\n"
			   "[alice]\ntype=auth\npassword=x\\;y\n");
	c = build(NULL, 0);
	ck_assert_msg(!bb_diag_at(diag, 0), "%s",
		      bb_diag_at(diag, 0) ? bb_diag_at(diag, 0)->text : "");
	ck_assert_uint_eq(bb_conf_count(c, &types[0]), 2);
	e = bb_conf_get(c, &types[0], BB_STR("alice"));
	ck_assert_ptr_nonnull(e);
	bbt_str_eq(e->context, "a");
	ck_assert_int_eq(e->max, 1);
	ck_assert_int_eq(e->mode, 1);
	ck_assert_int_eq(e->timeout, 300 * BB_SEC);
	ck_assert_uint_eq(e->allow.n, 3);
	bbt_str_eq(e->allow.v[2], "g722");
	ck_assert_str_eq(bb_conf_name(e), "alice");
	ck_assert_str_eq(bb_conf_file(e), "pjsip.conf");
	ck_assert(bb_conf_given(e, "context"));
	ck_assert(!bb_conf_given(e, "webrtc"));
	/* Through the template the place is the template's. */
	ck_assert_uint_eq(bb_conf_where(e, "rtp_timeout").line, 4);
	ck_assert_uint_eq(bb_conf_where(e, "webrtc").line, 5);
	pw = bb_conf_get(c, &types[1], BB_STR("alice"));
	bbt_str_eq(*pw, "x;y");
	e = bb_conf_next(c, &types[0], bb_conf_get(c, &types[0], BB_STR("alice")));
	ck_assert_str_eq(bb_conf_name(e), "bob");
	ck_assert_int_eq(e->timeout, 60 * BB_SEC);
	bbt_str_eq(e->context, "default");
	ck_assert_ptr_null(bb_conf_next(c, &types[0], e));
	done(c);
	down();
}
END_TEST

START_TEST(sections)
{
	const struct endpoint *g;
	const struct bb_conf_value *v;
	const void *o;
	struct bb_conf *c;

	up();
	c = build(NULL, 0);
	/* Nothing written: the singleton is there with its defaults. */
	g = bb_conf_next(c, &types[2], NULL);
	ck_assert_ptr_nonnull(g);
	ck_assert_int_eq(g->timeout, 60 * BB_SEC);
	done(c);
	file("moh.conf", "[general]\nmax_contacts=3\n[x]\na=>1\nb=2\n");
	c = build(NULL, 0);
	g = bb_conf_next(c, &types[2], NULL);
	ck_assert_int_eq(g->max, 3);
	o = bb_conf_next(c, &types[3], NULL);
	ck_assert_str_eq(bb_conf_name(o), "x");
	v = bb_conf_value_next(o, NULL);
	bbt_str_eq(v->name, "a");
	ck_assert(v->arrow);
	v = bb_conf_value_next(o, v);
	bbt_str_eq(v->value, "2");
	ck_assert_uint_eq(v->at.line, 5);
	ck_assert_ptr_null(bb_conf_value_next(o, v));
	ck_assert_ptr_nonnull(bb_conf_raw(c, "moh.conf"));
	done(c);
	down();
}
END_TEST

static void says(const char *data, enum bb_severity sev, unsigned line, unsigned column,
		 const char *part)
{
	const struct bb_diag_item *it;
	struct bb_conf *c;

	file("sip.conf", data);
	c = build(NULL, 0);
	it = bb_diag_at(diag, 0);
	ck_assert_msg(it != NULL, "nothing is said of: %s", data);
	ck_assert_msg(strstr(it->text, part) != NULL, "'%s' does not say '%s'", it->text, part);
	ck_assert_msg(it->sev == sev && it->at.line == line && it->at.column == column,
		      "%s: severity %d at %u:%u", it->text, it->sev, it->at.line, it->at.column);
	ck_assert_ptr_null(bb_diag_at(diag, 1));
	done(c);
}

START_TEST(judged)
{
	up();
	says("[a]\ntype=endpoint\nmax_contacts= x\n", BB_MISTAKE, 3, 15, "not a whole number");
	says("[a]\ntype=endpoint\nmax_contacts=11\n", BB_MISTAKE, 3, 14, "more than 10");
	says("[a]\ntype=endpoint\nwebrtc=perhaps\n", BB_MISTAKE, 3, 8, "neither yes nor no");
	says("[a]\ntype=endpoint\ndtmf_mode=rfc4773\n", BB_MISTAKE, 3, 11,
	     "did you mean 'rfc4733'");
	says("[a]\ntype=endpoint\ncontxt=x\n", BB_MISTAKE, 3, 1, "did you mean 'context'");
	says("[a]\ntype=endpoint\nmailboxes=1\n[b]\ntype=endpoint\nmailboxes=2\n", BB_WARN, 3, 1,
	     "no effect: mailboxes");
	says("[a]\ntype=endpiont\n", BB_MISTAKE, 2, 6, "did you mean 'endpoint'");
	says("[a]\ntype=registration\nx=1\n", BB_WARN, 2, 6, "known but not built");
	says("[a]\ncontext=x\n", BB_MISTAKE, 1, 1, "no type= line");
	says("[a]\ntype=auth\n", BB_MISTAKE, 1, 1, "needs the option 'password'");
	says("[a]\ntype=endpoint\n[a]\ntype=endpoint\n", BB_MISTAKE, 3, 1, "second time");
	file("sip.conf", "");
	file("voicemail.conf", "");
	says("", BB_WARN, 0, 0, "nothing here reads");
	down();
}
END_TEST

START_TEST(kept_and_swapped)
{
	const struct endpoint *a, *held;
	struct bb_conf *one, *two;

	up();
	file("sip.conf", "[a]\ntype=endpoint\n[b]\ntype=auth\npassword=1\n");
	one = build(NULL, 0);
	bb_conf_set_live(one);
	done(one);
	a = bb_conf_get(bb_conf_live(), &types[0], BB_STR("A"));
	ck_assert_ptr_nonnull(a);
	held = bb_conf_hold(a);
	file("sip.conf", "[a]\ntype=endpoint\ncontext=new\n[b]\ntype=auth\npassword=2\n");
	/* Types that are kept are the same objects; others are read anew. */
	two = build(bb_conf_live(), 1);
	ck_assert_ptr_eq(bb_conf_get(two, &types[0], BB_STR("a")), a);
	bbt_str_eq(*(const struct bb_str *)bb_conf_get(two, &types[1], BB_STR("b")), "2");
	done(two);
	two = build(bb_conf_live(), 0);
	bb_conf_set_live(two);
	done(two);
	a = bb_conf_get(bb_conf_live(), &types[0], BB_STR("a"));
	bbt_str_eq(a->context, "new");
	/* What is held outlives its set. */
	bbt_str_eq(held->context, "default");
	ck_assert_uint_eq(bb_conf_where(held, NULL).line, 1);
	bb_conf_drop(held);
	down();
}
END_TEST

START_TEST(devices)
{
	struct bb_conf *c;

	up();
	file("sip.conf", "[a]\ntype=endpoint\n[b]\ntype=auth\npassword=1\n");
	c = build(NULL, 0);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("SIP/a")), 1);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("pjsip/123@a")), 1);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("PJSIP/a/sip:1@192.0.2.1")), 1);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("PJSIP/b")), 0);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("SIP/1@example.org")), -ENOSYS);
	ck_assert_int_eq(bb_conf_device_known(c, BB_STR("Local/1@x")), -ENOSYS);
	done(c);
	down();
}
END_TEST

START_TEST(without_memory)
{
	up();
	file("sip.conf", "[t](!)\ntype=endpoint\n[a](t)\nallow=ulaw,alaw\nx=1\n"
			 "[b]\ntype=auth\npassword=1\n");
	BBT_OOM(2000)
	{
		struct bb_conf_claim claims[] = { { .type = &types[0] }, { .type = &types[1] } };
		struct bb_conf *c = NULL;
		struct bb_diag *d = NULL;
		int err = bb_diag_new(&d);

		if (!err)
			err = bb_conf_build(&c, NULL, claims, 2, true, d);
		if (!bbt_oom) {
			ck_assert_int_eq(err, 0);
			ck_assert_uint_eq(bb_conf_count(c, &types[0]), 1);
			ck_assert_uint_eq(bb_diag_count(d, BB_MISTAKE), 1);
		}
		bb_conf_unref(c);
		bb_diag_free(d);
	}
	down();
}
END_TEST

START_TEST(severities)
{
	struct bb_diag *d;
	struct bb_buf b = { 0 };
	struct bb_where at = { "x.conf", 3, 4 };

	ck_assert_int_eq(bb_diag_new(&d), 0);
	bb_diag_add(d, BB_NOTE, &at, "n");
	ck_assert(!bb_diag_refuses(d, BB_DIAG_CHECK, true));
	bb_diag_add(d, BB_WARN, &at, "w");
	ck_assert(!bb_diag_refuses(d, BB_DIAG_CHECK, false));
	ck_assert(bb_diag_refuses(d, BB_DIAG_START, true));
	bb_diag_add(d, BB_SUSPECT, &at, "s");
	ck_assert(bb_diag_refuses(d, BB_DIAG_CHECK, false));
	ck_assert(!bb_diag_refuses(d, BB_DIAG_START, false));
	bb_diag_add(d, BB_MISTAKE, &at, "m");
	bb_diag_add(d, BB_MISTAKE, &at, "m");
	ck_assert(bb_diag_refuses(d, BB_DIAG_START, false));
	ck_assert_uint_eq(bb_diag_count(d, BB_MISTAKE), 1);
	bb_diag_print(d, 2, BB_DIAG_START, false, &b);
	ck_assert_str_eq(bb_buf_cstr(&b), "x.conf:3:4: warning: s");
	bb_buf_free(&b);
	bb_diag_free(d);
	bb_conf_intern_free();
}
END_TEST

BBT_MAIN("core/config/objects",
	 BBT_CASE("objects", BBT_NO_LOOP, typed, sections, judged, kept_and_swapped, severities,
		  devices),
	 BBT_CASE("memory", BBT_NO_LOOP, without_memory))
