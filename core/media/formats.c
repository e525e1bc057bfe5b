/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/formats.c - formats by name, and ordered sets of them.
 *
 * A format is made once and never freed, so that its address is its identity.
 * Control appends; other threads may read what was appended before.
 */
#include <stdio.h>

#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

#define MAX_KNOWN 64u

struct known {
	struct bb_format f;
	char name[24], full[32], encoding[24];
	atomic_bool provided; /* a module offers it now */
};

static struct known *known[MAX_KNOWN];
static atomic_uint n_known;
static unsigned generation;
static bool fresh;

static const struct {
	const char *name;
	unsigned rate;
} linear[] = { { "slin", 8000 },    { "slin12", 12000 }, { "slin16", 16000 },
	       { "slin24", 24000 }, { "slin32", 32000 }, { "slin44", 44100 },
	       { "slin48", 48000 }, { "slin96", 96000 }, { "slin192", 192000 } };

unsigned bb_format_count(void)
{
	return atomic_load_explicit(&n_known, memory_order_acquire);
}

const struct bb_format *bb_format_at(unsigned id)
{
	return id < bb_format_count() ? &known[id]->f : NULL;
}

static struct known *find_full(struct bb_str full)
{
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (bb_str_iis(full, known[i]->full))
			return known[i];
	return NULL;
}

static struct known *append(const char *name, const char *encoding, unsigned rate,
			    const char *family)
{
	unsigned id = bb_format_count();
	struct known *k;

	if (id == MAX_KNOWN)
		return NULL;
	k = bb_zalloc(sizeof(*k));
	if (!k)
		return NULL;
	bb_str_copy(k->name, sizeof(k->name), bb_strz(name));
	bb_str_copy(k->encoding, sizeof(k->encoding), bb_strz(encoding));
	snprintf(k->full, sizeof(k->full), "%.20s/%u", family, rate);
	k->f.name = k->name;
	k->f.full = k->full;
	k->f.encoding = k->encoding;
	k->f.rate = k->f.clock = rate;
	k->f.channels = 1;
	k->f.ptime = 20;
	k->f.payload_type = -1;
	k->f.id = id;
	known[id] = k;
	atomic_store_explicit(&n_known, id + 1, memory_order_release);
	return k;
}

int bb_formats_init(void)
{
	fresh = false;
	for (size_t i = 0; i < BB_ARRAY_SIZE(linear); i++) {
		struct known *k;

		if (bb_format_linear(linear[i].rate))
			continue;
		k = append(linear[i].name, "", linear[i].rate, "slin");
		if (!k)
			return -ENOMEM;
		k->f.linear = true;
		k->f.bytes_per_ms = linear[i].rate * 2 / 1000;
		atomic_store(&k->provided, true);
	}
	return 0;
}

static void take(const struct bb_codec *c)
{
	struct known *k;
	char full[32];

	snprintf(full, sizeof(full), "%.20s/%u", c->name, c->rate);
	k = find_full(bb_strz(full));
	if (!k)
		k = append(c->name, c->encoding ? c->encoding : "", c->rate, c->name);
	if (!k)
		return; /* without memory the next refresh tries again */
	k->f.clock = c->clock ? c->clock : c->rate;
	k->f.channels = c->channels ? c->channels : 1;
	k->f.payload_type = c->payload_type;
	k->f.ptime = c->ptime ? c->ptime : 20;
	k->f.bytes_per_ms = c->bytes_per_ms;
	k->f.silence = c->silence;
	atomic_store(&k->provided, true);
}

void bb_formats_refresh(void)
{
	unsigned now;
	struct bb_reg_iter it = { .kind = BB_KIND_CODEC };
	struct bb_use use = { 0 };
	const struct bb_codec *c;

	/* Other threads read what is known. */
	if (!bb_on_control())
		return;
	now = bb_reg_generation(BB_KIND_CODEC);
	if (fresh && now == generation)
		return;
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (!known[i]->f.linear)
			atomic_store(&known[i]->provided, false);
	while ((c = bb_reg_next(&it, &use)) != NULL)
		take(c);
	generation = now;
	fresh = true;
}

static bool offered(const struct known *k)
{
	return atomic_load_explicit(&k->provided, memory_order_relaxed);
}

const struct bb_format *bb_format_full(struct bb_str full)
{
	struct known *k;

	bb_formats_refresh();
	k = find_full(full);
	return k && offered(k) ? &k->f : NULL;
}

const struct bb_format *bb_format_find(struct bb_str name)
{
	bb_formats_refresh();
	for (unsigned i = 0; i < bb_format_count(); i++)
		if ((bb_str_iis(name, known[i]->name) || bb_str_iis(name, known[i]->full)) &&
		    offered(known[i]))
			return &known[i]->f;
	return NULL;
}

const struct bb_format *bb_format_by_rtpmap(struct bb_str encoding, unsigned clock)
{
	bb_formats_refresh();
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (known[i]->encoding[0] && known[i]->f.clock == clock &&
		    bb_str_iis(encoding, known[i]->encoding) && offered(known[i]))
			return &known[i]->f;
	return NULL;
}

const struct bb_format *bb_format_by_pt(unsigned payload_type)
{
	bb_formats_refresh();
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (known[i]->f.payload_type >= 0 &&
		    (unsigned)known[i]->f.payload_type == payload_type && offered(known[i]))
			return &known[i]->f;
	return NULL;
}

const struct bb_format *bb_format_linear(unsigned rate)
{
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (known[i]->f.linear && known[i]->f.rate == rate)
			return &known[i]->f;
	return NULL;
}

/* --- sets --- */

bool bb_formats_has(const struct bb_formats *fs, const struct bb_format *f)
{
	for (unsigned i = 0; i < fs->n; i++)
		if (fs->v[i] == f)
			return true;
	return false;
}

void bb_formats_add(struct bb_formats *fs, const struct bb_format *f)
{
	if (f && fs->n < BB_MAX_FORMATS && !bb_formats_has(fs, f))
		fs->v[fs->n++] = f;
}

static void formats_remove(struct bb_formats *fs, const struct bb_format *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fs->n; i++)
		if (fs->v[i] != f)
			fs->v[n++] = fs->v[i];
	fs->n = n;
}

void bb_formats_common(const struct bb_formats *a, const struct bb_formats *b,
		       struct bb_formats *out)
{
	struct bb_formats both = { .n = 0 };

	for (unsigned i = 0; i < a->n; i++)
		if (bb_formats_has(b, a->v[i]))
			bb_formats_add(&both, a->v[i]);
	*out = both;
}

static void change_all(struct bb_formats *fs, bool allow)
{
	if (!allow) {
		fs->n = 0;
		return;
	}
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (!known[i]->f.linear && offered(known[i]))
			bb_formats_add(fs, &known[i]->f);
}

int bb_formats_parse(struct bb_formats *fs, struct bb_str text, bool allow, struct bb_str *bad)
{
	struct bb_str word;

	bb_formats_refresh();
	while (bb_str_split(&text, ',', &word)) {
		bool add = allow;
		const struct bb_format *f;

		if (word.l && word.p[0] == '!') {
			add = !add;
			word = bb_str_trim(bb_str_sub(word, 1, word.l));
		}
		if (bb_str_iis(word, "all")) {
			change_all(fs, add);
			continue;
		}
		f = bb_format_find(word);
		if (!f) {
			if (bad)
				*bad = word;
			return -EINVAL;
		}
		if (add)
			bb_formats_add(fs, f);
		else
			formats_remove(fs, f);
	}
	return 0;
}

char *bb_formats_print(const struct bb_formats *fs, char *dst, size_t cap)
{
	size_t at = 0;

	if (!cap)
		return dst;
	if (!fs->n) {
		snprintf(dst, cap, "(nothing)");
		return dst;
	}
	for (unsigned i = 0; i < fs->n && at < cap; i++)
		at += (size_t)snprintf(dst + at, cap - at, "%c%s", i ? '|' : '(', fs->v[i]->name);
	if (at < cap)
		snprintf(dst + at, cap - at, ")");
	return dst;
}

enum bb_direction bb_direction_flip(enum bb_direction d)
{
	if (d == BB_SENDONLY)
		return BB_RECVONLY;
	return d == BB_RECVONLY ? BB_SENDONLY : d;
}

void bb_codec_set_fmtp(struct bb_stream_desc *s, struct bb_codec_desc *c, struct bb_str fmtp)
{
	size_t at = s->fmtp_used ? s->fmtp_used : 1;

	/* The first byte is everybody's empty text. */
	c->fmtp = 0;
	if (bb_str_empty(fmtp) || fmtp.l >= sizeof(s->fmtp) - at)
		return;
	memcpy(s->fmtp + at, fmtp.p, fmtp.l);
	s->fmtp[at + fmtp.l] = '\0';
	c->fmtp = (uint8_t)at;
	s->fmtp_used = (uint8_t)(at + fmtp.l + 1);
}

void bb_stream_add_codec(struct bb_stream_desc *s, const struct bb_stream_desc *from,
			 const struct bb_codec_desc *c)
{
	struct bb_codec_desc *mine;

	if (s->n_codecs == BB_MAX_FORMATS)
		return;
	mine = &s->codecs[s->n_codecs++];
	*mine = *c;
	bb_codec_set_fmtp(s, mine, bb_strz(bb_codec_fmtp(from, c)));
}

/* --- descriptions that are kept: a call has several --- */

static size_t stream_bytes(const struct bb_stream_desc *s)
{
	return offsetof(struct bb_stream_desc, codecs) + s->n_codecs * sizeof(s->codecs[0]);
}

static size_t desc_bytes(const struct bb_media_desc *d)
{
	size_t n = offsetof(struct bb_media_desc, streams);

	return d->n ? n + (d->n - 1) * sizeof(d->streams[0]) + stream_bytes(&d->streams[d->n - 1])
		    : n;
}

struct bb_media_desc *bb_media_keep(const struct bb_media_desc *d)
{
	size_t n = desc_bytes(d);
	struct bb_media_desc *kept = bb_alloc(n);

	if (kept)
		memcpy(kept, d, n);
	return kept;
}

void bb_media_copy(struct bb_media_desc *dst, const struct bb_media_desc *src)
{
	memcpy(dst, src, desc_bytes(src));
}

void bb_stream_copy(struct bb_stream_desc *dst, const struct bb_stream_desc *src)
{
	memcpy(dst, src, stream_bytes(src));
}
