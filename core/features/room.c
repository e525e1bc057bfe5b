/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The room: what it reads from features.conf, how it begins and ends.
 */
#include "core/features/features.h"
#include "core/registry/registry.h"

#define FEATURE(field) offsetof(struct bb_features, field)

static const struct bb_field general_fields[] = {
	{ .name = "featuredigittimeout",
	  .type = BB_T_DURATION,
	  .unit = BB_MILLISECONDS,
	  .off = FEATURE(digit_timeout),
	  .min = 100 * BB_MS,
	  .max = 60 * BB_SEC,
	  .def = "1000",
	  .doc = "Longest pause between the digits of a feature code, in milliseconds." },
	{ .name = "transferdigittimeout",
	  .type = BB_T_DURATION,
	  .unit = BB_SECONDS,
	  .off = FEATURE(transfer_timeout),
	  .min = BB_SEC,
	  .max = 600 * BB_SEC,
	  .def = "3",
	  .doc = "Longest pause between the digits of a transfer's target, in seconds." },
	{ .name = "transferdialattempts",
	  .type = BB_T_INT,
	  .off = FEATURE(attempts),
	  .min = 1,
	  .max = 20,
	  .def = "3",
	  .doc = "How often who transfers may try a number before it goes back to talking." },
	{ .name = "transferannouncesound",
	  .type = BB_T_STR,
	  .off = FEATURE(xfersound),
	  .def = "pbx-transfer",
	  .doc = "What who transfers hears before dialing the target." },
	{ .name = "transferinvalidsound",
	  .type = BB_T_STR,
	  .off = FEATURE(failsound),
	  .def = "pbx-invalid",
	  .doc = "What who transfers hears when the last try failed too." },
	{ .name = "transferretrysound",
	  .type = BB_T_STR,
	  .off = FEATURE(retrysound),
	  .def = "pbx-invalid",
	  .doc = "What who transfers hears before trying another number." },
	{ 0 }
};

struct featuremap {
	struct bb_str blindxfer, disconnect;
};

static const struct bb_field map_fields[] = {
	{ .name = "blindxfer",
	  .type = BB_T_STR,
	  .off = offsetof(struct featuremap, blindxfer),
	  .def = "#",
	  .doc = "Keys that begin a blind transfer (Dial's t and T)." },
	{ .name = "disconnect",
	  .type = BB_T_STR,
	  .off = offsetof(struct featuremap, disconnect),
	  .def = "*",
	  .doc = "Keys that hang up (Dial's h and H)." },
	{ 0 }
};

static const char *const known_general[] = { "xfersound",
					     "xferfailsound",
					     "pickupexten",
					     "pickupsound",
					     "pickupfailsound",
					     "atxfernoanswertimeout",
					     "atxferdropcall",
					     "atxferloopdelay",
					     "atxfercallbackretries",
					     "atxferabort",
					     "atxfercomplete",
					     "atxferthreeway",
					     "atxferswap",
					     "recordingfailsound",
					     "courtesytone",
					     NULL };
static const char *const known_map[] = { "atxfer", "automon", "automixmon", "parkcall", NULL };

static const struct bb_conf_type types[] = { { .file = "features.conf",
					       .section = "general",
					       .fields = general_fields,
					       .size = sizeof(struct bb_features),
					       .known = known_general,
					       .doc = "How feature codes are read during a call." },
					     { .file = "features.conf",
					       .section = "featuremap",
					       .fields = map_fields,
					       .size = sizeof(struct featuremap),
					       .known = known_map,
					       .doc = "Which keys do what during a call." },
					     { 0 } };

static struct bb_features live = {
	.blindxfer = { "#", 1 },
	.disconnect = { "*", 1 },
	.digit_timeout = 1000 * BB_MS,
	.transfer_timeout = 3 * BB_SEC,
	.attempts = 3,
	.xfersound = { "pbx-transfer", 12 },
	.failsound = { "pbx-invalid", 11 },
	.retrysound = { "pbx-invalid", 11 },
};
static const void *held[2]; /* the objects that live's texts are in */

const struct bb_features *bb_features(void)
{
	return &live;
}

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx,
		   struct bb_diag *diag)
{
	const struct featuremap *map = bb_conf_next(next, &types[1], NULL);
	const struct {
		struct bb_str code;
		const char *name;
	} codes[] = {
		{ map ? map->blindxfer : live.blindxfer, "blindxfer" },
		{ map ? map->disconnect : live.disconnect, "disconnect" },
	};

	*ctx = (void *)next;
	for (size_t i = 0; map && i < BB_ARRAY_SIZE(codes); i++) {
		struct bb_where at = bb_conf_where(map, codes[i].name);

		if (codes[i].code.l > BB_FEATURE_DIGITS)
			bb_diag_add(diag, BB_MISTAKE, &at, "%s: at most %d digits", codes[i].name,
				    BB_FEATURE_DIGITS);
		for (size_t k = 0; k < codes[i].code.l; k++)
			if (!strchr("0123456789*#ABCD", codes[i].code.p[k]))
				bb_diag_add(diag, BB_MISTAKE, &at, "%s: '%c' is no key of a phone",
					    codes[i].name, codes[i].code.p[k]);
	}
	return 0;
}

static void commit(struct bb_self *self, void *ctx)
{
	const struct bb_features *general = bb_conf_next(ctx, &types[0], NULL);
	const struct featuremap *map = bb_conf_next(ctx, &types[1], NULL);
	const void *old[2] = { held[0], held[1] };

	held[0] = general ? bb_conf_hold(general) : NULL;
	held[1] = map ? bb_conf_hold(map) : NULL;
	if (general) {
		struct bb_str blind = live.blindxfer, off = live.disconnect;

		live = *general;
		live.blindxfer = blind;
		live.disconnect = off;
	}
	if (map) {
		live.blindxfer = map->blindxfer;
		live.disconnect = map->disconnect;
	}
	bb_conf_drop(old[0]);
	bb_conf_drop(old[1]);
}

static void nothing_to_abort(struct bb_self *self, void *ctx)
{
}

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "features",
	.conf = types,
	.provides = bb_features_provides,
	.prepare = prepare,
	.commit = commit,
	.abort = nothing_to_abort,
	.doc = { .summary = "Feature codes, transfers and originated calls", .since = "0.1" },
};

int bb_features_init(void)
{
	bb_feature_ops_set(&bb_transfer_ops);
	return bb_core_module_add(&room);
}

void bb_features_close(void)
{
	bb_feature_ops_set(NULL);
	bb_conf_drop(held[0]);
	bb_conf_drop(held[1]);
	held[0] = held[1] = NULL;
}
