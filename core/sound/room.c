/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * room.c - the room's part in loading: its configuration files.
 */
#include <bellbird/sound.h>

#include "core/channel/channel.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	int err = bb_indications_prepare(next, d);

	return err ? err : bb_moh_prepare(next, d);
}

/** Sections whose lines are read as they stand, or that hold nothing we use. */
struct no_fields {
	char unused;
};
static const struct bb_field no_fields[] = { { 0 } };
static const char *const moh_general_known[] = { "cachertclasses", "preferchannelclass", NULL };

const struct bb_conf_type bb_sound_types[] = {
	{ .file = "indications.conf",
	  .section = "general",
	  .fields = bb_indications_general,
	  .size = sizeof(struct bb_indications_general),
	  .doc = "Which country's tones are the default." },
	{ .file = "indications.conf",
	  .section = "*",
	  .fields = no_fields,
	  .size = sizeof(struct no_fields),
	  .free_form = true,
	  .doc = "The tones of one country: dial, busy, ring, congestion and so on." },
	{ .file = "musiconhold.conf",
	  .section = "general",
	  .fields = no_fields,
	  .size = sizeof(struct no_fields),
	  .known = moh_general_known,
	  .doc = "Options of all classes." },
	{ .file = "musiconhold.conf",
	  .section = "*",
	  .fields = bb_moh_fields,
	  .size = sizeof(struct bb_moh_class),
	  .known = bb_moh_known,
	  .doc = "One class of music on hold." },
	{ 0 }
};

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "sound",
	.conf = bb_sound_types,
	.doc = { .summary = "Play sounds, tones and music", .since = "0.1" },
	.prepare = prepare,
};

static const struct bb_sound_ops sound_ops = {
	.music = bb_moh_start,
	.music_stop = bb_moh_stop,
	.drop = bb_sound_drop,
};

int bb_sound_init(void)
{
	bb_sound_ops_set(&sound_ops);
	return bb_core_module_add(&room);
}

void bb_sound_close(void)
{
	bb_sound_ops_set(NULL);
}
