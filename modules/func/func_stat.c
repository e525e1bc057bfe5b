/* SPDX-License-Identifier: BSD-3-Clause */
/* func_stat.c - STAT(): is there a file, and what is known of it? */
#include <bellbird/app.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <sys/stat.h>

struct stat_args {
	struct bb_str what, path;
};

struct question {
	const char *path;
	struct stat st;
};

static int ask(void *arg)
{
	struct question *q = arg;

	return stat(q->path, &q->st) ? -errno : 0;
}

static long long answer(char what, const struct stat *st)
{
	switch (what) {
	case 'e':
		return 1;
	case 'd':
		return S_ISDIR(st->st_mode);
	case 'f':
		return S_ISREG(st->st_mode);
	case 'm':
		return st->st_mode;
	case 's':
		return st->st_size;
	case 'A':
		return st->st_atime;
	case 'C':
		return st->st_ctime;
	case 'M':
		return st->st_mtime;
	default:
		return 0;
	}
}

static int stat_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct stat_args *s = args;
	struct question q = { .path = s->path.p };
	int err = bb_offload(ch, ask, &q);

	long long n = err ? 0 : answer(*s->what.p, &q.st); /* what is not there is 0 of all */

	if (!strchr("edfmsACM", *s->what.p))
		bb_warning("STAT: '%.*s' is none of e, d, f, m, s, A, C, M", BB_FMT(s->what));
	if (*s->what.p == 'm')
		bb_buf_printf(out, "%llo", (unsigned long long)n);
	else
		bb_buf_printf(out, "%lld", n);
	return out->err;
}

static const struct bb_func stat_func = {
	.name = "STAT",
	.args =
		(const struct bb_field[]){
			{ .name = "what",
			  .type = BB_T_STR,
			  .off = offsetof(struct stat_args, what),
			  .doc = "e: does it exist; d: is it a folder; f: is it a "
				 "file; m: its mode, octal; s: its size in bytes; "
				 "A, C, M: when it was read, its state and its "
				 "content changed, in seconds since 1970." },
			{ .name = "path",
			  .type = BB_T_STR,
			  .off = offsetof(struct stat_args, path),
			  .doc = "Of the file." },
			{ 0 } },
	.args_size = sizeof(struct stat_args),
	.read = stat_read,
	.doc = { .summary = "What is known of a file",
		 .since = "0.1",
		 .text = "0 for whatever does not exist. Example: ${STAT(e,/tmp/closed)}" },
};

BB_MODULE(func_stat, .provides = (const struct bb_provide[]){ BB_FUNC(&stat_func), { 0 } },
	  .doc = { .summary = "STAT()", .since = "0.1" });
