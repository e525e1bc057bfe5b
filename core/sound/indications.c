/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * indications.c - the tones of a country, from indications.conf.
 *
 * Without the file, or without the tone in the chosen country, those of the
 * North American precise tone plan serve.
 */
#include <bellbird/conf.h>
#include <bellbird/mem.h>

#include "core/config/config.h"
#include "core/sound/sound_core.h"

const struct bb_field bb_indications_general[] = {
	{ .name = "country",
	  .type = BB_T_STR,
	  .off = offsetof(struct bb_indications_general, country),
	  .def = "us",
	  .doc = "Section whose tones are used when a channel names none." },
	{ 0 }
};

static const struct {
	const char *name, *tones;
} builtin[] = {
	{ "dial", "350+440" },
	{ "busy", "480+620/500,0/500" },
	{ "ring", "440+480/2000,0/4000" },
	{ "congestion", "480+620/250,0/250" },
	{ "callwaiting", "440/300,0/10000" },
	{ "dialrecall", "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440" },
	{ "record", "1400/500,0/15000" },
	{ "info", "!950/330,!1400/330,!1800/330,0" },
	{ "stutter", "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440" },
};

static struct bb_str value_of(const void *country, struct bb_str tone)
{
	const struct bb_conf_value *v = NULL;
	struct bb_str got = { 0 };

	while (country && (v = bb_conf_value_next(country, v)))
		if (bb_str_ieq(v->name, tone))
			got = v->value;
	return got;
}

/** A country may name another one: alias = us. */
static struct bb_str configured(struct bb_str country, struct bb_str tone)
{
	const struct bb_conf *live = bb_conf_live();
	const void *at = bb_conf_get(live, BB_INDICATIONS_COUNTRY, country);
	struct bb_str alias = value_of(at, BB_STR("alias"));

	if (alias.p)
		at = bb_conf_get(live, BB_INDICATIONS_COUNTRY, alias);
	return value_of(at, tone);
}

int bb_indication(struct bb_tone_list *t, struct bb_str name)
{
	const struct bb_indications_general *g =
		bb_conf_next(bb_conf_live(), BB_INDICATIONS_GENERAL, NULL);
	struct bb_str country = g ? g->country : BB_STR("us"), tones;
	ptrdiff_t at = bb_str_chr(name, '@');

	if (at >= 0) {
		country = bb_str_sub(name, (size_t)at + 1, name.l);
		name = bb_str_sub(name, 0, (size_t)at);
	}
	tones = configured(country, name);
	for (size_t i = 0; !tones.p && i < BB_ARRAY_SIZE(builtin); i++)
		if (bb_str_iis(name, builtin[i].name))
			tones = bb_strz(builtin[i].tones);
	return bb_tone_parse(t, tones.p ? tones : name);
}

/** Lines that are no tones. */
static bool other_line(struct bb_str name)
{
	return bb_str_iis(name, "description") || bb_str_iis(name, "alias") ||
	       bb_str_iis(name, "ringcadence");
}

/** Of `country` and `alias`: a section must have the name; "us" is built in. */
static void judge_country(const struct bb_conf *next, struct bb_str name, struct bb_where at,
			  struct bb_diag *d)
{
	struct bb_near near = { .got = name };
	char hint[80];

	if (bb_conf_get(next, BB_INDICATIONS_COUNTRY, name) || bb_str_iis(name, "us"))
		return;
	for (const void *o = NULL; (o = bb_conf_next(next, BB_INDICATIONS_COUNTRY, o));)
		bb_near_offer(&near, bb_conf_name(o));
	bb_diag_add(d, BB_SUSPECT, &at, "there is no country '%.*s' in indications.conf%s",
		    BB_FMT(name), bb_near_hint(&near, hint, sizeof(hint)));
}

static void judge_countries(const struct bb_conf *next, struct bb_diag *d)
{
	const struct bb_indications_general *g = bb_conf_next(next, BB_INDICATIONS_GENERAL, NULL);
	const struct bb_conf_value *v;

	if (g && bb_conf_given(g, "country"))
		judge_country(next, g->country, bb_conf_where(g, "country"), d);
	for (const void *c = NULL; (c = bb_conf_next(next, BB_INDICATIONS_COUNTRY, c));)
		for (v = NULL; (v = bb_conf_value_next(c, v));)
			if (bb_str_iis(v->name, "alias"))
				judge_country(next, v->value, v->at, d);
}

int bb_indications_prepare(const struct bb_conf *next, struct bb_diag *d)
{
	const void *country = NULL;

	judge_countries(next, d);

	while ((country = bb_conf_next(next, BB_INDICATIONS_COUNTRY, country))) {
		const struct bb_conf_value *v = NULL;
		struct bb_tone_list t;

		while ((v = bb_conf_value_next(country, v))) {
			if (other_line(v->name))
				continue;
			if (bb_tone_parse(&t, v->value))
				bb_diag_add(
					d, BB_MISTAKE, &v->at,
					"\"%.*s\" is no list of tones such as 350+440/200,0/200",
					BB_FMT(v->value));
			else if (t.unheard)
				bb_diag_add(d, BB_NOTE, &v->at,
					    "of \"%.*s\" two frequencies a step, up to 4000 Hz, "
					    "are heard",
					    BB_FMT(v->value));
		}
	}
	return 0;
}
