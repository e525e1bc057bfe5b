/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ladder of a call: participants in columns, time downwards, messages as
 * arrows, and what the PBX decided in between.
 */
#include <stdio.h>

#include "core/channel/channel.h"

#define MAX_COLUMNS 8
#define TIME_WIDTH 9
#define MAX_LINE 400
#define STEP_MIN 14
#define STEP_MAX 50

struct party {
	char leg[BB_CHAN_NAME], peer[64];
};

struct drawing {
	struct party far[MAX_COLUMNS]; /* in the order in which they appeared */
	unsigned n;
	unsigned width, step;
};

/* Which far end an entry is with; a message may come before its leg has a name. */
static int party_of(struct drawing *d, const struct bb_story_entry *e, bool add)
{
	for (unsigned i = 0; i < d->n; i++) {
		struct party *p = &d->far[i];

		if (e->leg[0] && p->leg[0] ? strcmp(p->leg, e->leg) == 0
					   : strcmp(p->peer, e->peer) == 0 && e->peer[0]) {
			if (!p->leg[0])
				bb_str_copy(p->leg, sizeof(p->leg), bb_strz(e->leg));
			return (int)i;
		}
	}
	if (!add || d->n == MAX_COLUMNS)
		return -1;
	bb_str_copy(d->far[d->n].leg, sizeof(d->far[0].leg), bb_strz(e->leg));
	bb_str_copy(d->far[d->n].peer, sizeof(d->far[0].peer), bb_strz(e->peer));
	return (int)d->n++;
}

/* The PBX stands in the second column: the first phone to its left, all others to its right. */
static unsigned column(int party)
{
	return party == 0 ? 0 : (unsigned)party + 1;
}

static unsigned x_of(const struct drawing *d, unsigned col)
{
	return TIME_WIDTH + 2 + col * d->step;
}

static void rails(const struct drawing *d, char *line)
{
	unsigned last = x_of(d, d->n ? d->n : 1);

	memset(line, ' ', last + 1);
	line[last + 1] = '\0';
	for (unsigned c = 0; c <= d->n; c++)
		line[x_of(d, c)] = '|';
}

static void stamp(char *line, bb_time after)
{
	char t[24];
	int n = snprintf(t, sizeof(t), "%*.3f", TIME_WIDTH, (double)after / BB_SEC);

	if (n > 0)
		memcpy(line, t, (size_t)(n < TIME_WIDTH ? n : TIME_WIDTH));
}

/* A request without what does not fit: parameters, the host, the whole address. */
static void shorten(char *text, size_t room)
{
	char *address = strstr(text, " sip:"), *p;

	if (strlen(text) > room && address && (p = strchr(address, ';')) != NULL)
		*p = '\0';
	if (strlen(text) > room && address && (p = strchr(address, '@')) != NULL)
		*p = '\0';
	if (strlen(text) > room && address)
		*address = '\0';
	if (strlen(text) > room && (p = strrchr(text, '(')) != NULL && p > text)
		p[-1] = '\0';
	if (strlen(text) > room)
		text[room] = '\0';
}

static void arrow(const struct drawing *d, char *line, unsigned from, unsigned to, const char *text)
{
	unsigned a = x_of(d, from < to ? from : to), b = x_of(d, from < to ? to : from);
	size_t room = b - a - 5, l;
	char label[MAX_LINE];

	for (unsigned x = a + 1; x < b; x++)
		line[x] = '-';
	if (from < to)
		line[b - 1] = '>';
	else
		line[a + 1] = '<';
	bb_str_copy(label, sizeof(label), bb_strz(text));
	shorten(label, room);
	l = strlen(label);
	line[a + 3 + (room - l) / 2 - 1] = ' ';
	line[a + 3 + (room - l) / 2 + l] = ' ';
	memcpy(line + a + 3 + (room - l) / 2, label, l);
}

/* How much of a text stands in one line: whole words where there are any. */
static size_t one_line(struct bb_str s, size_t room)
{
	size_t n = room;

	if (s.l <= room)
		return s.l;
	while (n > room / 2 && s.p[n] != ' ')
		n--;
	return n > room / 2 ? n : room;
}

/* What is no message lies over the rails, between the first and the last, and goes on below. */
static void remark(const struct drawing *d, struct bb_buf *out, char *line,
		   const struct bb_story_entry *e)
{
	unsigned at = x_of(d, 0) + 2, end = x_of(d, d->n ? d->n : 1);
	size_t room = end - at - 1;
	const char *tag = e->decisive			? "=>"
			  : e->kind == BB_STORY_STEP	? " >"
			  : e->kind == BB_STORY_MEDIA	? " ~"
			  : e->kind == BB_STORY_REFUSAL ? " !"
							: " *";
	char text[800];
	struct bb_str rest;
	int n = snprintf(text, sizeof(text), "%s %s%s%s", tag,
			 e->kind == BB_STORY_STEP ? "" : e->leg,
			 e->leg[0] && e->kind != BB_STORY_STEP ? " " : "", e->text);

	rest = bb_strn(text, n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	for (bool first = true; first || rest.l; first = false) {
		unsigned indent = first ? 0 : 5;
		struct bb_str part = bb_str_sub(rest, 0, one_line(rest, room - indent));

		if (!first)
			rails(d, line);
		memset(line + at, ' ', indent);
		memcpy(line + at + indent, part.p, part.l);
		if (at + indent + part.l < end)
			line[at + indent + part.l] = ' ';
		bb_buf_printf(out, "%s\n", line);
		rest = bb_str_sub(rest, part.l, SIZE_MAX);
		while (rest.l && rest.p[0] == ' ')
			rest = bb_str_sub(rest, 1, SIZE_MAX);
	}
}

static const char *name_of(const struct drawing *d, unsigned col)
{
	const struct party *p = &d->far[col ? col - 1 : 0];

	if (col == 1)
		return "bellbird";
	return !d->n ? "" : p->leg[0] ? p->leg : p->peer;
}

/* Names begin at their rails; the last one ends there, above the others where they leave no room.
 */
static void title(const struct drawing *d, struct bb_buf *out)
{
	unsigned last = d->n ? d->n : 1, end = x_of(d, last), free_from = 0;
	const char *name = name_of(d, last);
	size_t l = strlen(name);
	char line[MAX_LINE];

	memset(line, ' ', sizeof(line));
	for (unsigned c = 0; c < last; c++) {
		const char *mine = name_of(d, c);
		size_t n = strlen(mine), room = d->step - 1;

		/* What does not fit loses its beginning: the number is behind. */
		memcpy(line + x_of(d, c), mine + (n > room ? n - room : 0), n > room ? room : n);
		free_from = x_of(d, c) + (unsigned)(n > room ? room : n) + 1;
	}
	if (l > end)
		l = end;
	if (end + 1 - l < free_from) {
		bb_buf_printf(out, "%*s\n", (int)end + 1, name);
		l = 0;
	}
	memcpy(line + end + 1 - l, name, l);
	bb_buf_printf(out, "%.*s\n", l ? (int)end + 1 : (int)free_from - 1, line);
}

int bb_story_ladder(const struct bb_story *s, bb_time began, unsigned width, struct bb_buf *out)
{
	struct drawing d = { .width = width < 60 ? 60 : width > 300 ? 300 : width };
	struct bb_story_entry *e;
	char line[MAX_LINE];
	size_t n;
	int err = bb_story_telling(s, &e, &n);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		if (e[i].kind == BB_STORY_MESSAGE)
			(void)party_of(&d, &e[i], true);
	/* The rails take the whole width, as far as an arrow still looks like one. */
	d.step = (d.width - TIME_WIDTH - 3) / (d.n ? d.n : 1);
	if (d.step > (d.n > 1 ? STEP_MAX : 2 * STEP_MAX))
		d.step = d.n > 1 ? STEP_MAX : 2 * STEP_MAX;
	if (d.step < STEP_MIN)
		d.step = STEP_MIN;
	title(&d, out);
	for (size_t i = 0; i < n; i++) {
		int who = e[i].kind == BB_STORY_MESSAGE ? party_of(&d, &e[i], false) : -1;

		rails(&d, line);
		stamp(line, e[i].at - began);
		if (e[i].kind != BB_STORY_MESSAGE || who < 0) {
			remark(&d, out, line, &e[i]);
			continue;
		}
		if (e[i].dir == BB_STORY_IN)
			arrow(&d, line, column(who), 1, e[i].text);
		else
			arrow(&d, line, 1, column(who), e[i].text);
		bb_buf_printf(out, "%s\n", line);
	}
	bb_free(e);
	return out->err;
}
