/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_wav.c - a sound file of anything: it is refused, or has a format and gives
 * whole samples, no more than there are, until its end.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#define bb_module mod_wav
#include "modules/format/format_wav.c"

#include "core/media/engine.h"

static void read_all(struct wav *w, int fd, size_t size)
{
	uint8_t block[4096];
	size_t total = 0;
	long n;

	while ((n = wav.read(w, fd, block, sizeof(block))) > 0) {
		FUZZ_ASSERT((size_t)n <= sizeof(block) && n % w->align == 0);
		total += (size_t)n;
		FUZZ_ASSERT(total <= size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool formats;
	const struct bb_format *format = NULL;
	struct wav w = { 0 };
	int fd;

	if (!formats && bb_formats_init())
		abort();
	formats = true;
	fd = memfd_create("wav", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0 &&
	    wav.open(&w, fd, &format) == 0) {
		FUZZ_ASSERT(format && format->rate);
		read_all(&w, fd, size);
	}
	wav.finish(&w, fd, false);
	close(fd);
	return 0;
}
