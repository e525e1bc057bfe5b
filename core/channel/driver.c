/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which driver makes the channels of a technology. A driver answers to its
 * own name and to its aliases, so that SIP/alice and PJSIP/alice are one.
 */
#include "core/channel/channel.h"

static bool answers_to(const struct bb_chan_driver *drv, struct bb_str tech)
{
	if (bb_str_iis(tech, drv->tech))
		return true;
	for (const char *const *a = drv->aliases; a && *a; a++)
		if (bb_str_iis(tech, *a))
			return true;
	return false;
}

const struct bb_chan_driver *bb_driver_find(struct bb_str tech, struct bb_use *use)
{
	struct bb_reg_iter it = { .kind = BB_KIND_CHAN };
	const struct bb_chan_driver *drv, *found = NULL;
	struct bb_use at = { 0 };

	/* To the end, so that the iterator lets go of what it stands at. */
	while ((drv = bb_reg_next(&it, &at)) != NULL) {
		if (found || !answers_to(drv, tech))
			continue;
		found = drv;
		bb_use_copy(&at, use);
	}
	return found;
}

char *bb_device_canonical(struct bb_str device, char dst[BB_CHAN_NAME])
{
	ptrdiff_t slash = bb_str_chr(device, '/');
	struct bb_use use = { 0 };
	const struct bb_chan_driver *drv;
	struct bb_buf name = { 0 };

	if (slash < 0) {
		bb_str_copy(dst, BB_CHAN_NAME, device);
		return dst;
	}
	drv = bb_driver_find(bb_str_sub(device, 0, (size_t)slash), &use);
	if (drv) {
		bb_buf_puts(&name, drv->tech);
		bb_buf_putstr(&name, bb_str_sub(device, (size_t)slash, device.l));
		device = name.err ? device : bb_buf_str(&name);
	}
	bb_str_copy(dst, BB_CHAN_NAME, device);
	bb_buf_free(&name);
	bb_use_end(&use);
	return dst;
}
