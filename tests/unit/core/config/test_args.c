/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments: split, typed, judged. Expectations are what Asterisk's applications make of the same
 * text. */
#include "bbtest.h"
#include "core/config/config.h"

static struct bb_arena *arena;

static void up(void)
{
	arena = bb_arena_new(1024);
	ck_assert_ptr_nonnull(arena);
}

static void down(void)
{
	bb_arena_free(arena);
}

static void split(const char *text, const char *want)
{
	struct bb_str v[10];
	struct bb_buf b = { 0 };
	int n;

	up();
	n = bb_args_split(bb_strz(text), ',', v, 10, arena);
	for (int i = 0; i < n; i++)
		bb_buf_printf(&b, "<%.*s>", BB_FMT(v[i]));
	ck_assert_str_eq(bb_buf_cstr(&b), want);
	bb_buf_free(&b);
	down();
}

START_TEST(splits)
{
	split("", "");
	split("a", "<a>");
	split("a,b,c", "<a><b><c>");
	split("a,,c", "<a><><c>");
	split("a,", "<a><>");
	split(",", "<><>");
	split("\"a,b\",c", "<a,b><c>");
	split("a\\,b,c", "<a,b><c>");
	split("f(a,b),c", "<f(a,b)><c>");
	split("f(a,(b,c)),d", "<f(a,(b,c))><d>");
	split("[a,b],c", "<[a,b]><c>");
	split("a),b", "<a)><b>");
	split("{a,b}", "<{a><b}>");
	split("x, ,y", "<x>< ><y>");
	split("a\\\\,b", "<a\\><b>");
	split("a\"b\"c", "<abc>");
}
END_TEST

struct dial {
	struct bb_strlist dest;
	bb_time timeout;
	struct bb_opts opts;
	struct bb_str url;
};

static const struct bb_option dial_options[] = {
	{ .letter = 't', .doc = "." },
	{ .letter = 'r', .arg = "tone", .arg_optional = true, .type = BB_T_STR, .doc = "." },
	{ .letter = 'U', .arg = "sub", .type = BB_T_APPCALL, .doc = "." },
	{ .letter = 'S', .arg = "seconds", .type = BB_T_INT, .doc = "." },
	{ 0 },
};

static const struct bb_field dial_fields[] = {
	{ .name = "destinations",
	  .type = BB_T_LIST,
	  .sep = '&',
	  .off = offsetof(struct dial, dest),
	  .doc = "." },
	{ .name = "timeout",
	  .type = BB_T_DURATION,
	  .off = offsetof(struct dial, timeout),
	  .min = 0,
	  .max = 1000 * BB_SEC,
	  .def = "",
	  .doc = "." },
	{ .name = "options",
	  .type = BB_T_OPTIONS,
	  .off = offsetof(struct dial, opts),
	  .options = dial_options,
	  .def = "",
	  .doc = "." },
	{ .name = "url",
	  .type = BB_T_STR,
	  .off = offsetof(struct dial, url),
	  .def = "",
	  .doc = "." },
	{ 0 },
};

START_TEST(fills)
{
	struct bb_args_error e;
	struct dial d = { 0 };

	up();
	ck_assert_int_eq(bb_args_parse(dial_fields, BB_STR("SIP/a&SIP/b,20.5,tU(x^1(2,3)^y)r"), &d,
				       arena, &e),
			 0);
	ck_assert_uint_eq(d.dest.n, 2);
	bbt_str_eq(d.dest.v[1], "SIP/b");
	ck_assert_int_eq(d.timeout, 20500 * BB_MS);
	ck_assert(bb_opts_has(&d.opts, 't'));
	ck_assert(bb_opts_has(&d.opts, 'r'));
	ck_assert(!bb_opts_has(&d.opts, 'T'));
	bbt_str_eq(bb_opts_arg(&d.opts, 'U'), "x^1(2,3)^y");
	ck_assert_ptr_null(bb_opts_arg(&d.opts, 'r').p);
	ck_assert_ptr_nonnull(d.url.p);
	memset(&d, 0, sizeof(d));
	ck_assert_int_eq(bb_args_parse(dial_fields, BB_STR("SIP/a,,S(\"5\")tqz"), &d, arena, &e),
			 0);
	ck_assert_str_eq(e.ignored, "qz");
	bbt_str_eq(bb_opts_arg(&d.opts, 'S'), "5");
	ck_assert_int_eq(d.timeout, 0);
	down();
}
END_TEST

static void wrong(const char *text, int want, const char *part, size_t offset)
{
	struct bb_args_error e;
	struct dial d = { 0 };
	int err;

	up();
	err = bb_args_parse(dial_fields, bb_strz(text), &d, arena, &e);
	ck_assert_msg(err == want, "'%s' gives %d", text, err);
	ck_assert_msg(strstr(e.text, part) != NULL, "'%s' does not say '%s'", e.text, part);
	ck_assert_uint_eq(e.offset, offset);
	down();
}

static void bad(const char *text, const char *part, size_t offset)
{
	wrong(text, -EINVAL, part, offset);
}

/* What may be left out is, when it is wrong. */
static void left_out(const char *text, const char *part, size_t offset)
{
	wrong(text, 0, part, offset);
}

START_TEST(refuses)
{
	bad("", "'destinations' is missing", 0);
	left_out("SIP/a,abc", "not a time", 6);
	left_out("SIP/a,-1", "less than 0 seconds", 6);
	bad("SIP/a,20,U", "option U needs an argument", 9);
	bad("SIP/a,20,tU(x", "no closing", 10);
	bad("SIP/a,20,(x)", "without an option letter", 9);
	bad("SIP/a,20,S(x)", "not a whole number", 9);
	left_out("SIP/a,20,t,u,v", "takes only 4 arguments", 13);
}
END_TEST

struct jump {
	struct bb_goto_arg to;
};
struct branch {
	struct bb_branch_arg b;
};

START_TEST(jumps)
{
	static const struct bb_field to[] = {
		{ .name = "target", .type = BB_T_GOTO, .off = 0, .doc = "." }, { 0 }
	};
	static const struct bb_field br[] = {
		{ .name = "branch", .type = BB_T_BRANCH, .off = 0, .doc = "." }, { 0 }
	};
	struct bb_args_error e;
	struct jump j;
	struct branch b;

	up();
	ck_assert_int_eq(bb_args_parse(to, BB_STR("ctx,100,n(lab)"), &j, arena, &e), 0);
	bbt_str_eq(j.to.context, "ctx");
	bbt_str_eq(j.to.exten, "100");
	bbt_str_eq(j.to.priority, "n(lab)");
	ck_assert_int_eq(bb_args_parse(to, BB_STR("again"), &j, arena, &e), 0);
	ck_assert_ptr_null(j.to.exten.p);
	bbt_str_eq(j.to.priority, "again");
	ck_assert_int_eq(bb_args_parse(to, BB_STR("sub,1(a,b)"), &j, arena, &e), 0);
	bbt_str_eq(j.to.priority, "1(a,b)");
	ck_assert_int_eq(bb_args_parse(to, BB_STR("a,b,c,d"), &j, arena, &e), -EINVAL);
	ck_assert_int_eq(bb_args_parse(br, BB_STR("1?a,b,1:c"), &b, arena, &e), 0);
	bbt_str_eq(b.b.cond, "1");
	bbt_str_eq(b.b.yes, "a,b,1");
	bbt_str_eq(b.b.no, "c");
	ck_assert_int_eq(bb_args_parse(br, BB_STR("1?:c"), &b, arena, &e), 0);
	ck_assert_ptr_null(b.b.yes.p);
	ck_assert_int_eq(bb_args_parse(br, BB_STR("nope"), &b, arena, &e), -EINVAL);
	down();
}
END_TEST

static void judge(const char *text, enum bb_severity sev, const char *part, unsigned column)
{
	struct bb_args_judge at = { .at = { "extensions.conf", 7, 10 } };
	const struct bb_diag_item *it;
	struct bb_diag *d;

	ck_assert_int_eq(bb_diag_new(&d), 0);
	bb_args_check("Dial", dial_fields, bb_strz(text), &at, d);
	it = bb_diag_at(d, 0);
	if (!part) {
		ck_assert_msg(it == NULL, "'%s': %s", text, it ? it->text : "");
	} else {
		ck_assert_msg(it && strstr(it->text, part), "'%s': %s", text,
			      it ? it->text : "nothing");
		ck_assert_msg(it->sev == sev && it->at.column == column, "'%s': %s at %u", text,
			      it->text, it->at.column);
	}
	bb_diag_free(d);
	bb_conf_intern_free();
}

START_TEST(judged_as_written)
{
	judge("SIP/${EXTEN},20,t", 0, NULL, 0);
	judge("${ARG1}", 0, NULL, 0);
	judge("${ARG1},abc", 0, NULL, 0);
	judge("SIP/a,${T},${OPTS}", 0, NULL, 0);
	judge("SIP/a,$[1 + 2],U(${X})t", 0, NULL, 0);
	judge("SIP/${IF($[\"a,b\" = \"c\"]?x:y)},20", 0, NULL, 0);
	judge("SIP/a,abc", BB_SUSPECT, "not a time", 16);
	judge("", BB_SUSPECT, "'destinations' is missing", 10);
	judge("SIP/a,20,tg", BB_WARN, "'g' is known but not built", 20);
	judge("SIP/a,20,t?", BB_SUSPECT, "unknown option '?'", 20);
	judge("SIP/a,20,S(x)", BB_SUSPECT, "not a whole number", 21);
	judge("SIP/a,20,${O}(x)t", 0, NULL, 0);
	judge("SIP/a,20,U", BB_SUSPECT, "needs an argument", 19);
	judge("SIP/a,20,t,u,v", BB_SUSPECT, "takes only 4", 23);
}
END_TEST

START_TEST(durations)
{
	bb_time t;

	ck_assert_int_eq(bb_duration_parse(BB_STR("1.5"), BB_SECONDS, &t), 0);
	ck_assert_int_eq(t, 1500 * BB_MS);
	ck_assert_int_eq(bb_duration_parse(BB_STR("20"), BB_MILLISECONDS, &t), 0);
	ck_assert_int_eq(t, 20 * BB_MS);
	ck_assert_int_eq(bb_duration_parse(BB_STR("5m"), BB_SECONDS, &t), 0);
	ck_assert_int_eq(t, 300 * BB_SEC);
	ck_assert_int_eq(bb_duration_parse(BB_STR(" 250ms "), BB_SECONDS, &t), 0);
	ck_assert_int_eq(t, 250 * BB_MS);
	ck_assert_int_eq(bb_duration_parse(BB_STR("x"), BB_SECONDS, &t), -EINVAL);
	ck_assert_int_eq(bb_duration_parse(BB_STR("5 weeks"), BB_SECONDS, &t), -EINVAL);
	ck_assert_int_eq(bb_duration_parse(BB_STR("99999999999999999"), BB_SECONDS, &t), -ERANGE);
}
END_TEST

START_TEST(without_memory)
{
	BBT_OOM(200)
	{
		struct bb_arena *a = bb_arena_new(8);
		struct bb_args_error e;
		struct dial d = { 0 };
		int err = -ENOMEM;

		if (a)
			err = bb_args_parse(dial_fields, BB_STR("SIP/a&SIP/b,20,tU(x)S(5),\"u\""),
					    &d, a, &e);
		if (!bbt_oom)
			ck_assert_int_eq(err, 0);
		bb_arena_free(a);
	}
}
END_TEST

BBT_MAIN("core/config/args",
	 BBT_CASE("arguments", BBT_NO_LOOP, splits, fills, refuses, jumps, judged_as_written,
		  durations),
	 BBT_CASE("memory", BBT_NO_LOOP, without_memory))
