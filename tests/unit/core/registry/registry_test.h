/* SPDX-License-Identifier: BSD-3-Clause */
/* The registry with a configuration folder of its own, for the tests of this room. */
#ifndef REGISTRY_TEST_H
#define REGISTRY_TEST_H

#include "bbtest.h"
#include "core/registry/registry.h"

static char dir[32];
static struct bb_diag *diag;
static struct bb_buf trail; /* what the modules of a test did */

static inline void file(const char *name, const char *data)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(data, f);
	fclose(f);
}

static inline void fresh_diag(void)
{
	bb_diag_free(diag);
	ck_assert_int_eq(bb_diag_new(&diag), 0);
}

/* With the module files of @p dirs (NULL-ended) alone. */
static inline void up_with(const char *const *dirs)
{
	strcpy(dir, "/tmp/bb-reg-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	bb_registry_search_only(dirs);
	fresh_diag();
}

static inline void up(void)
{
	static const char *const no_dirs[] = { NULL };

	up_with(no_dirs);
}

static inline void down(unsigned held)
{
	char cmd[300];

	ck_assert_uint_eq(bb_registry_close(), held);
	bb_diag_free(diag);
	diag = NULL;
	bb_config_close();
	bb_buf_free(&trail);
	ck_assert_uint_eq(bb_obj_live(NULL), 0);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static inline void said(const char *part)
{
	for (size_t i = 0; bb_diag_at(diag, i); i++)
		if (strstr(bb_diag_at(diag, i)->text, part))
			return;
	ck_abort_msg("nobody says '%s'; first: %s", part,
		     bb_diag_at(diag, 0) ? bb_diag_at(diag, 0)->text : "nothing");
}

static inline void load_ok(void)
{
	int err = bb_modules_load(diag);

	ck_assert_msg(err == 0, "%d: %s", err,
		      bb_diag_at(diag, 0) ? bb_diag_at(diag, 0)->text : "");
}

#define TABLE(ident)                                                                               \
	.magic = BB_ABI_MAGIC, .abi_major = BB_ABI_MAJOR, .abi_minor = BB_ABI_MINOR,               \
	.size = sizeof(struct bb_module), .name = ident

#endif
