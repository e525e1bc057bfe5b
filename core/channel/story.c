/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stories. An entry is a small header and its texts, packed into blocks of
 * about a kilobyte. When a story reaches its bound the second oldest block goes: how
 * a call began and how it ended matter most. Raw messages have a budget of
 * their own, so that a long subscription or many re-INVITEs cannot take the
 * place of the steps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/channel/channel.h"

#define BLOCK 1024
#define MAX_TEXT 600
#define MAX_RAW 2048
#define MAX_LEGS 24
#define LEGS_STEP 4
#define MAX_JOINED 32

struct block {
	struct block *next;
	uint16_t used, cap, entries, raw;
	unsigned char data[];
};

/* Packed; read and written by memcpy. Texts follow: text, peer, raw, each terminated. */
struct head {
	int64_t at;
	uint32_t seq;
	uint16_t text, peer, raw;
	uint8_t kind, dir, leg;
};

struct bb_story {
	struct block *first, *last;
	size_t bytes, raw; /* of blocks; of raw messages in them */
	unsigned entries, dropped;
	char **legs; /* room for a multiple of LEGS_STEP */
	unsigned n_legs;
	char *why, *source, *title;
	unsigned cause;
	uint32_t decided; /* the entry that says why; 0 while nothing does */
	bool opened; /* by bb_story_open(), and not yet given on */
	bb_time began;
	struct bb_story *into;
	struct bb_story *joined, *next_joined; /* those told with this one; held */
	unsigned n_joined;
};

static struct bb_story_options opt = { 400, 24576, 8192, 100, 4194304, 100, 5 };
static uint32_t next_seq;

void bb_story_set_options(const struct bb_story_options *o)
{
	opt.entries = o->entries ? o->entries : 400;
	opt.text = o->text ? o->text : 24576;
	opt.raw = o->raw ? o->raw : 8192;
	opt.kept = o->kept ? o->kept : 100;
	opt.kept_bytes = o->kept_bytes ? o->kept_bytes : 4194304;
	opt.refused = o->refused ? o->refused : 100;
	opt.per_source = o->per_source ? o->per_source : 5;
}

const struct bb_story_options *bb_story_options(void)
{
	return &opt;
}

static void destroy(void *obj)
{
	struct bb_story *s = obj;
	struct block *b, *next;

	for (b = s->first; b; b = next) {
		next = b->next;
		bb_free(b);
	}
	for (unsigned i = 0; i < s->n_legs; i++)
		bb_free(s->legs[i]);
	while (s->joined) {
		struct bb_story *j = s->joined;

		s->joined = j->next_joined;
		j->next_joined = j->into = NULL;
		bb_obj_unref(j);
	}
	bb_free(s->legs);
	bb_free(s->why);
	bb_free(s->source);
	bb_free(s->title);
}

struct bb_story *bb_story_new(void)
{
	struct bb_story *s = bb_obj_new(sizeof(*s), destroy, "story");

	if (s)
		s->began = bb_wall();
	return s;
}

struct bb_story *bb_story_ref(struct bb_story *s)
{
	return s ? bb_obj_ref(s) : NULL;
}

void bb_story_unref(struct bb_story *s)
{
	if (s)
		bb_obj_unref(s);
}

/* Where entries go now. */
static struct bb_story *front(struct bb_story *s)
{
	while (s && s->into)
		s = s->into;
	return s;
}

static const struct bb_story *front_const(const struct bb_story *s)
{
	while (s && s->into)
		s = s->into;
	return s;
}

static uint8_t leg_index(struct bb_story *s, const char *leg)
{
	if (!leg || !leg[0])
		return 0;
	for (unsigned i = 0; i < s->n_legs; i++)
		if (strcmp(s->legs[i], leg) == 0)
			return (uint8_t)(i + 1);
	if (s->n_legs == MAX_LEGS)
		return 0;
	if (s->n_legs % LEGS_STEP == 0) {
		char **more = bb_realloc(s->legs, (s->n_legs + LEGS_STEP) * sizeof(*more));

		if (!more)
			return 0;
		s->legs = more;
	}
	s->legs[s->n_legs] = bb_strdup(bb_strz(leg));
	if (!s->legs[s->n_legs])
		return 0;
	return (uint8_t)++s->n_legs;
}

static void drop_block(struct bb_story *s)
{
	struct block *b = s->first->next;

	s->first->next = b->next;
	if (s->last == b)
		s->last = s->first;
	s->bytes -= b->cap;
	s->raw -= b->raw;
	s->entries -= b->entries;
	s->dropped += b->entries;
	bb_free(b);
}

static bool over(const struct bb_story *s, size_t more)
{
	return s->entries >= (size_t)opt.entries || s->bytes + more > (size_t)(opt.text + opt.raw);
}

/* Room for @p need bytes in the last block, making one. NULL: the entry is lost. */
static struct block *room(struct bb_story *s, size_t need)
{
	struct block *b = s->last;
	/* A message gets a block of its own with room for the few steps that follow it. */
	size_t cap = need > BLOCK / 2 ? need + BLOCK / 4 : BLOCK;

	if (b && (size_t)(b->cap - b->used) >= need && s->entries < (size_t)opt.entries)
		return b;
	while (s->first && s->first->next && s->first->next != s->last && over(s, cap))
		drop_block(s);
	if (s->first && s->first->next && over(s, cap))
		drop_block(s);
	b = bb_alloc(sizeof(*b) + cap);
	if (!b)
		return NULL;
	*b = (struct block){ .cap = (uint16_t)cap };
	if (s->last)
		s->last->next = b;
	else
		s->first = b;
	s->last = b;
	s->bytes += cap;
	return b;
}

static void put(struct block *b, const char *p, size_t l)
{
	if (l)
		memcpy(b->data + b->used, p, l);
	b->data[b->used + l] = '\0';
	b->used = (uint16_t)(b->used + l + 1);
}

static void append(struct bb_story *s, struct head *h, const char *text, const char *peer,
		   struct bb_str raw)
{
	size_t text_l = strlen(text), peer_l = peer ? strlen(peer) : 0;
	struct block *b;

	if (peer_l > 100)
		peer_l = 100;
	if (raw.l > MAX_RAW)
		raw.l = MAX_RAW;
	if (s->raw + raw.l > (size_t)opt.raw)
		raw.l = 0;
	b = room(s, sizeof(*h) + text_l + peer_l + raw.l + 3);
	if (!b) {
		s->dropped++;
		return;
	}
	h->at = bb_wall();
	h->seq = ++next_seq;
	h->text = (uint16_t)text_l;
	h->peer = (uint16_t)peer_l;
	h->raw = (uint16_t)raw.l;
	memcpy(b->data + b->used, h, sizeof(*h));
	b->used = (uint16_t)(b->used + sizeof(*h));
	put(b, text, text_l);
	put(b, peer, peer_l);
	put(b, raw.p, raw.l);
	b->entries++;
	b->raw = (uint16_t)(b->raw + raw.l);
	s->raw += raw.l;
	s->entries++;
}

static void add(struct bb_story *s, const char *leg, enum bb_story_kind kind, const char *fmt,
		va_list ap) BB_PRINTF(4, 0);
static void add(struct bb_story *s, const char *leg, enum bb_story_kind kind, const char *fmt,
		va_list ap)
{
	struct head h = { .kind = (uint8_t)kind };
	char text[MAX_TEXT];

	s = front(s);
	if (!s)
		return;
	h.leg = leg_index(s, leg);
	bb_vformat(text, sizeof(text), fmt, ap);
	append(s, &h, text, NULL, bb_strz(NULL));
}

void bb_story_add(struct bb_story *s, const char *leg, enum bb_story_kind kind, const char *fmt,
		  ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(s, leg, kind, fmt, ap);
	va_end(ap);
}

void bb_story(struct bb_chan *ch, enum bb_story_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!ch || !ch->call)
		return;
	va_start(ap, fmt);
	add(ch->call->story, ch->name, kind, fmt, ap);
	va_end(ap);
}

void bb_story_message(struct bb_story *s, const char *leg, enum bb_story_dir dir, const char *peer,
		      const char *summary, struct bb_str raw)
{
	struct head h = { .kind = BB_STORY_MESSAGE, .dir = (uint8_t)dir };
	char text[MAX_TEXT];

	s = front(s);
	if (!s)
		return;
	h.leg = leg_index(s, leg);
	bb_str_copy(text, sizeof(text), bb_strz(summary));
	append(s, &h, text, peer, raw);
}

struct bb_story *bb_chan_story(struct bb_chan *ch)
{
	return ch && ch->call ? front(ch->call->story) : NULL;
}

static void reason(struct bb_story *s, unsigned cause, const char *fmt, va_list ap) BB_PRINTF(3, 0);
static void reason(struct bb_story *s, unsigned cause, const char *fmt, va_list ap)
{
	char text[MAX_TEXT];

	s = front(s);
	if (!s || s->why)
		return;
	bb_vformat(text, sizeof(text), fmt, ap);
	s->why = bb_strdup(bb_strz(text));
	s->cause = cause;
	s->decided = next_seq;
}

void bb_story_reason(struct bb_story *s, unsigned cause, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reason(s, cause, fmt, ap);
	va_end(ap);
}

void bb_chan_reason(struct bb_chan *ch, unsigned cause, const char *fmt, ...)
{
	va_list ap;

	if (!ch || !ch->call)
		return;
	va_start(ap, fmt);
	reason(ch->call->story, cause, fmt, ap);
	va_end(ap);
}

void bb_story_join(struct bb_story *into, struct bb_story *from)
{
	into = front(into);
	from = front(from);
	if (!from || into == from)
		return;
	if (!into || into->n_joined == MAX_JOINED) {
		bb_story_unref(from);
		return;
	}
	from->next_joined = into->joined;
	into->joined = from;
	into->n_joined++;
	from->into = into;
	if (!into->why && from->why) {
		into->why = from->why;
		into->cause = from->cause;
		into->decided = from->decided;
		from->why = NULL;
	}
}

const char *bb_story_why(const struct bb_story *s)
{
	s = front_const(s);
	return s && s->why ? s->why : "";
}

unsigned bb_story_cause(const struct bb_story *s)
{
	s = front_const(s);
	return s ? s->cause : 0;
}

const char *bb_story_source(const struct bb_story *s)
{
	return s && s->source ? s->source : "";
}

const char *bb_story_title(const struct bb_story *s)
{
	return s && s->title ? s->title : "";
}

bb_time bb_story_began(const struct bb_story *s)
{
	return s ? s->began : 0;
}

int bb_story_name(struct bb_story *s, const char *source, const char *title)
{
	s->source = bb_strdup(bb_strz(source ? source : ""));
	s->title = bb_strdup(bb_strz(title ? title : ""));
	s->opened = true;
	return s->source && s->title ? 0 : -ENOMEM;
}

bool bb_story_take_opened(struct bb_story *s)
{
	bool was = s && s->opened;

	if (s)
		s->opened = false;
	return was;
}

size_t bb_story_size(const struct bb_story *s)
{
	size_t n = 0;

	if (!s)
		return 0;
	n = sizeof(*s) + s->bytes;
	for (const struct bb_story *j = s->joined; j; j = j->next_joined)
		n += bb_story_size(j);
	return n;
}

unsigned bb_story_dropped(const struct bb_story *s)
{
	unsigned n = s ? s->dropped : 0;

	for (const struct bb_story *j = s ? s->joined : NULL; j; j = j->next_joined)
		n += bb_story_dropped(j);
	return n;
}

static size_t count(const struct bb_story *s)
{
	size_t n = s->entries;

	for (const struct bb_story *j = s->joined; j; j = j->next_joined)
		n += count(j);
	return n;
}

static size_t collect(const struct bb_story *s, struct bb_story_entry *e)
{
	size_t n = 0;

	for (const struct block *b = s->first; b; b = b->next) {
		size_t at = 0;

		while (at < b->used) {
			const char *p = (const char *)b->data + at;
			struct head h;

			memcpy(&h, p, sizeof(h));
			p += sizeof(h);
			e[n++] = (struct bb_story_entry){
				.at = h.at,
				.seq = h.seq,
				.kind = (enum bb_story_kind)h.kind,
				.dir = (enum bb_story_dir)h.dir,
				.leg = h.leg ? s->legs[h.leg - 1] : "",
				.text = p,
				.peer = p + h.text + 1,
				.raw = bb_strn(p + h.text + 1 + h.peer + 1, h.raw),
			};
			at += sizeof(h) + h.text + h.peer + h.raw + 3u;
		}
	}
	for (const struct bb_story *j = s->joined; j; j = j->next_joined)
		n += collect(j, e + n);
	return n;
}

static int by_time(const void *a, const void *b)
{
	const struct bb_story_entry *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void mark_decisive(struct bb_story_entry *e, size_t n, uint32_t decided)
{
	struct bb_story_entry *found = NULL;

	for (size_t i = 0; i < n && e[i].seq <= decided; i++)
		if (e[i].kind != BB_STORY_MESSAGE)
			found = &e[i];
	if (found)
		found->decisive = true;
}

uint32_t bb_story_seq(void)
{
	return next_seq;
}

void bb_story_decided(struct bb_story *s, uint32_t seq)
{
	s = front(s);
	if (s && seq)
		s->decided = seq;
}

int bb_story_entries(const struct bb_story *s, struct bb_story_entry **ep, size_t *n)
{
	struct bb_story_entry *e;

	*ep = NULL;
	*n = 0;
	s = front_const(s);
	if (!s)
		return 0;
	e = bb_alloc((count(s) + 1) * sizeof(*e));
	if (!e)
		return -ENOMEM;
	*n = collect(s, e);
	qsort(e, *n, sizeof(*e), by_time);
	if (s->why)
		mark_decisive(e, *n, s->decided);
	*ep = e;
	return 0;
}

/* "ended: WHY" after a refusal of the same leg that has said why. */
static bool said_why(struct bb_story_entry *e, size_t i)
{
	for (size_t j = i; j-- > 0 && e[i].at - e[j].at < 20 * BB_MS;) {
		if ((e[j].kind != BB_STORY_REFUSAL && e[j].kind != BB_STORY_MEDIA) ||
		    strcmp(e[j].leg, e[i].leg) != 0 || !strstr(e[i].text, e[j].text))
			continue;
		e[j].decisive = e[j].decisive || e[i].decisive;
		return true;
	}
	return false;
}

/* What a message of the same leg beside it says as well. */
static bool said(struct bb_story_entry *e, size_t i)
{
	static const struct {
		const char *state, *message;
	} same[] = {
		{ "called", "INVITE" },
		{ "is ringing", "180" },
		{ "answered", "200" },
		{ "was answered", "200" },
	};
	const bb_time near = 20 * BB_MS;

	if (e[i].kind != BB_STORY_STATE)
		return false;
	if (strncmp(e[i].text, "ended: ", 7) == 0)
		return said_why(e, i);
	if (e[i].decisive)
		return false;
	for (size_t k = 0; k < BB_ARRAY_SIZE(same); k++) {
		if (strcmp(e[i].text, same[k].state) != 0)
			continue;
		for (size_t j = i; j-- > 0 && e[i].at - e[j].at < near;)
			if (e[j].kind == BB_STORY_MESSAGE && strcmp(e[j].leg, e[i].leg) == 0 &&
			    strncmp(e[j].text, same[k].message, strlen(same[k].message)) == 0)
				return true;
	}
	return false;
}

int bb_story_telling(const struct bb_story *s, struct bb_story_entry **ep, size_t *n)
{
	int err = bb_story_entries(s, ep, n);
	size_t kept = 0;

	/* From behind, since said() looks at what is before. */
	for (size_t i = *n; !err && i-- > 0;)
		if (said(*ep, i))
			(*ep)[i].text = NULL;
	for (size_t i = 0; !err && i < *n; i++)
		if ((*ep)[i].text)
			(*ep)[kept++] = (*ep)[i];
	*n = kept;
	return err;
}
