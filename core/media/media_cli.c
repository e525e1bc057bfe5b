/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/media_cli.c - core show codecs, core show translation, media
 * show stats; and the room as a part of the load, which carries them.
 */
#include <stdio.h>

#include <bellbird/cli.h>

#include "core/media/engine.h"
#include "core/registry/registry.h"

static int codecs_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = { { "Name" },
						    { "Format" },
						    { "Encoding" },
						    { "Payload", BB_RIGHT },
						    { "Clock", BB_RIGHT },
						    { "Packet ms", BB_RIGHT } };
	unsigned n = 0;

	bb_formats_refresh();
	bb_out_table(o, "codecs", columns, BB_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < bb_format_count(); i++) {
		const struct bb_format *f = bb_format_at(i);
		char pt[12] = "";

		if (!bb_format_full(bb_strz(f->full)))
			continue; /* its module has gone */
		if (f->payload_type >= 0)
			snprintf(pt, sizeof(pt), "%d", f->payload_type);
		bb_out_rowf(o, "ssssuu", f->name, f->full, f->encoding, pt, (uint64_t)f->clock,
			    (uint64_t)f->ptime);
		n++;
	}
	bb_out_note(o, "%u format%s", n, n == 1 ? "" : "s");
	return 0;
}

/* The cost of a way in microseconds for a second of audio; false when there is none. */
static bool total(const struct bb_format *from, const struct bb_format *to, uint64_t *cost,
		  struct bb_path_step steps[BB_MAX_STEPS], int *n)
{
	*cost = 0;
	*n = bb_media_path(from, to, steps);
	for (int i = 0; i < *n; i++)
		*cost += steps[i].cost;
	return *n >= 0;
}

static void put_path(char *dst, size_t cap, const struct bb_path_step *steps, int n)
{
	size_t at = (size_t)snprintf(dst, cap, "%s", n ? steps[0].from->full : "");

	for (int i = 0; i < n && at < cap; i++)
		at += (size_t)snprintf(dst + at, cap - at, " > %s", steps[i].to->full);
}

static int translation_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = {
		{ "From" }, { "To" }, { "Steps", BB_RIGHT }, { "Microseconds", BB_RIGHT }
	};
	struct bb_path_step steps[BB_MAX_STEPS];

	bb_formats_refresh();
	bb_out_table(o, "translations", columns, BB_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < bb_format_count(); i++)
		for (unsigned k = 0; k < bb_format_count(); k++) {
			const struct bb_format *from = bb_format_at(i), *to = bb_format_at(k);
			uint64_t cost;
			int n;

			if (from == to || !total(from, to, &cost, steps, &n))
				continue;
			bb_out_rowf(o, "ssdu", from->full, to->full, (int64_t)n, cost);
		}
	bb_out_note(o, "The time is that of a second of audio.");
	bb_out_note(o, "\"core show translation paths FORMAT\" names the steps.");
	return 0;
}

struct paths_args {
	struct bb_str format;
};

static int paths_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = { { "To" },
						    { "Microseconds", BB_RIGHT },
						    { "Path", .flexible = true } };
	const struct paths_args *a = args;
	const struct bb_format *from = bb_format_find(a->format);
	struct bb_path_step steps[BB_MAX_STEPS];
	char text[BB_MAX_STEPS * 36];

	if (!from) {
		bb_out_error(o, "there is no format %.*s (core show codecs lists them)",
			     BB_FMT(a->format));
		return -ENOENT;
	}
	bb_out_table(o, "paths", columns, BB_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < bb_format_count(); i++) {
		const struct bb_format *to = bb_format_at(i);
		uint64_t cost;
		int n;

		if (to == from || !total(from, to, &cost, steps, &n))
			continue;
		put_path(text, sizeof(text), steps, n);
		bb_out_rowf(o, "sus", to->full, cost, text);
	}
	return 0;
}

static void complete_format(struct bb_out *o, const char *field, struct bb_str word)
{
	bb_formats_refresh();
	for (unsigned i = 0; i < bb_format_count(); i++)
		if (bb_str_istarts(bb_strz(bb_format_at(i)->name), word))
			bb_out_candidate(o, bb_strz(bb_format_at(i)->name));
}

static int stats_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = { { "Thread", BB_RIGHT }, { "Ports", BB_RIGHT } };
	struct bb_media_stats st;

	bb_media_stats(&st);
	bb_out_table(o, "threads", columns, BB_ARRAY_SIZE(columns));
	for (unsigned i = 0; i < st.threads; i++)
		bb_out_rowf(o, "uu", (uint64_t)i, (uint64_t)bb_media_thread_ports(i));
	bb_out_fact_int(o, "Ports", (int64_t)st.ports);
	bb_out_fact_int(o, "Sockets", (int64_t)st.sockets);
	bb_out_fact_int(o, "Connections", (int64_t)st.links);
	bb_out_fact_int(o, "Commands", (int64_t)st.commands);
	bb_out_fact_int(o, "Commands that waited", (int64_t)st.spilled);
	bb_out_fact_int(o, "Threads woken for them", (int64_t)st.wakes);
	bb_out_fact_int(o, "Events", (int64_t)st.events);
	bb_out_fact_int(o, "Events lost", (int64_t)st.events_lost);
	bb_out_fact_int(o, "Frames dropped", (int64_t)st.frames_dropped);
	return 0;
}

static const struct bb_cli codecs = {
	.words = "core show codecs",
	.run = codecs_run,
	.doc = { .summary = "List the media formats", .since = "0.1" },
};
static const struct bb_cli translation = {
	.words = "core show translation",
	.run = translation_run,
	.doc = { .summary = "Show what translating between formats costs", .since = "0.1" },
};
static const struct bb_field paths_fields[] = {
	{ .name = "format",
	  .type = BB_T_STR,
	  .off = offsetof(struct paths_args, format),
	  .doc = "The format to start from: ulaw, slin16." },
	{ 0 },
};
static const struct bb_cli translation_paths = {
	.words = "core show translation paths",
	.args = paths_fields,
	.args_size = sizeof(struct paths_args),
	.run = paths_run,
	.complete = complete_format,
	.doc = { .summary = "Show the steps from one format to all others",
		 .text = "Example: core show translation paths ulaw",
		 .since = "0.1" },
};
static const struct bb_cli stats = {
	.words = "media show stats",
	.run = stats_run,
	.doc = { .summary = "Show the media threads and their counters", .since = "0.1" },
};

static const struct bb_provide provides[] = {
	BB_CLI(&codecs), BB_CLI(&translation), BB_CLI(&translation_paths), BB_CLI(&stats), { 0 }
};

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "media",
	.provides = provides,
	.doc = { .summary = "Carry and translate media", .since = "0.1" },
};

int bb_media_cli_init(void)
{
	return bb_core_module_add(&room);
}
