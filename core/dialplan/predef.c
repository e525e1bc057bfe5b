/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predef.c - variables that nobody sets: ${EXTEN}, ${CHANNEL}, ${EPOCH} …
 *
 * The first group wins over whatever a dial plan sets under these names, as
 * in Asterisk. The legacy names come last, so that a dial plan that sets them
 * itself keeps what it set.
 */
#include "core/dialplan/dialplan.h"

#include <time.h>

static struct bb_str copy(struct bb_arena *a, const char *z)
{
	char *p = bb_arena_strdup(a, bb_strz(z ? z : ""));

	return bb_strz(p);
}

static struct bb_str number(struct bb_arena *a, long long n)
{
	return bb_strz(bb_arena_printf(a, "%lld", n));
}

static struct bb_str hint(struct bb_chan *ch, bool name, struct bb_arena *arena)
{
	struct bb_place at = bb_chan_place(ch);
	struct bb_str h, devices;
	ptrdiff_t comma;

	if (!at.context || !at.exten)
		return bb_strn(NULL, 0);
	h = bb_exten_hint(bb_strz(at.context), bb_strz(at.exten), arena);
	if (!h.p)
		return copy(arena, "");
	comma = bb_str_chr(h, ',');
	devices = comma < 0 ? h : bb_str_sub(h, 0, (size_t)comma);
	if (!name)
		return devices;
	return comma < 0 ? copy(arena, "") : bb_str_sub(h, (size_t)comma + 1, h.l);
}

/* As Q.931 writes it: allowed, prohibited, or no number to present; not screened. */
static int presentation_of(const struct bb_party *p)
{
	return p->restricted ? 32 : p->name[0] || p->number[0] ? 0 : 67;
}

static struct bb_str of_channel(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena)
{
	struct bb_place at = bb_chan_place(ch);

	if (bb_str_is(name, "EXTEN"))
		return copy(arena, at.exten);
	if (bb_str_is(name, "CONTEXT"))
		return copy(arena, at.context);
	if (bb_str_is(name, "PRIORITY"))
		return number(arena, at.priority);
	if (bb_str_is(name, "CHANNEL"))
		return copy(arena, bb_chan_name(ch));
	if (bb_str_is(name, "UNIQUEID"))
		return copy(arena, bb_chan_uniqueid(ch));
	if (bb_str_is(name, "HANGUPCAUSE"))
		return number(arena, bb_chan_cause(ch));
	if (bb_str_is(name, "HINT"))
		return hint(ch, false, arena);
	if (bb_str_is(name, "HINTNAME"))
		return hint(ch, true, arena);
	if (bb_str_is(name, "CALLINGPRES"))
		return number(arena, presentation_of(bb_chan_caller(ch)));
	return bb_strn(NULL, 0);
}

struct bb_str bb_predefined(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena)
{
	static const char *const paths[] = { "astetcdir", "astmoddir",	 "astvarlibdir",
					     "astdbdir",  "astkeydir",	 "astdatadir",
					     "astagidir", "astspooldir", "astrundir",
					     "astlogdir", "astsbindir",	 "astcachedir" };
	struct bb_str v = bb_strn(NULL, 0);

	if (!name.l || name.p[0] < 'A' || name.p[0] > 'Z')
		return v;
	if (ch)
		v = of_channel(ch, name, arena);
	if (v.p)
		return v;
	if (bb_str_is(name, "EPOCH"))
		return number(arena, bb_wall() / BB_SEC);
	if (bb_str_is(name, "SYSTEMNAME")) {
		v.p = bb_arena_strdup(arena, bb_settings()->system_name);
		return bb_strz(v.p);
	}
	if (bb_str_starts(name, BB_STR("AST")))
		for (size_t i = 0; i < BB_ARRAY_SIZE(paths); i++)
			if (bb_str_ieq(name, bb_strz(paths[i])))
				return copy(arena, bb_path(paths[i]));
	return v;
}

/* "21112026-22:10:00", or "20261121-221000". */
static struct bb_str stamp(struct bb_arena *a, bool compact)
{
	time_t t = (time_t)(bb_wall() / BB_SEC);
	struct tm tm;
	char text[40];

	localtime_r(&t, &tm);
	if (compact)
		strftime(text, sizeof(text), "%Y%m%d-%H%M%S", &tm);
	else
		strftime(text, sizeof(text), "%d%m%Y-%H:%M:%S", &tm);
	return copy(a, text);
}

struct bb_str bb_predefined_legacy(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena)
{
	if (bb_str_is(name, "DATETIME"))
		return stamp(arena, false);
	if (bb_str_is(name, "TIMESTAMP"))
		return stamp(arena, true);
	if (!ch)
		return bb_strn(NULL, 0);
	if (bb_str_is(name, "LINKEDID"))
		return copy(arena, bb_chan_linkedid(ch));
	if (bb_str_is(name, "CALLERIDNUM"))
		return copy(arena, bb_chan_caller(ch)->number);
	if (bb_str_is(name, "CALLERIDNAME"))
		return copy(arena, bb_chan_caller(ch)->name);
	if (bb_str_is(name, "ACCOUNTCODE"))
		return copy(arena, bb_chan_accountcode(ch));
	return bb_strn(NULL, 0);
}
