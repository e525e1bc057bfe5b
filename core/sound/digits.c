/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digits.c - collecting digits from a leg and sending them to it.
 */
#include <bellbird/app.h>
#include <bellbird/loop.h>
#include <bellbird/sound.h>

int bb_read_digits(struct bb_chan *ch, char *dst, size_t cap, unsigned max, const char *terminators,
		   bb_time first, bb_time between)
{
	unsigned n = 0;

	if (!cap)
		return -EINVAL;
	if (!max || max > cap - 1)
		max = (unsigned)cap - 1;
	dst[0] = '\0';
	while (n < max) {
		int d = bb_wait_digit(ch, n ? between : first);

		if (d < 0)
			return d;
		if (terminators && *terminators && strchr(terminators, d))
			break;
		dst[n++] = (char)d;
		dst[n] = '\0';
	}
	return (int)n;
}

int bb_send_digits(struct bb_chan *ch, struct bb_str digits, bb_time duration, bb_time between)
{
	for (size_t i = 0; i < digits.l; i++) {
		char c = digits.p[i];
		int err;

		if (c == 'w' || c == 'W') {
			err = bb_wait(ch, c == 'w' ? BB_SEC / 2 : BB_SEC);
		} else {
			if (!strchr("0123456789*#abcdABCD", c))
				return -EINVAL;
			err = bb_chan_send_digit(ch, c, (unsigned)(duration / BB_MS));
			if (!err)
				err = bb_wait(ch, duration + between);
		}
		if (err)
			return err;
	}
	return 0;
}
