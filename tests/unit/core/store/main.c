/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/core/store/store_test.h"

static char dir[64], path[96];

const char *temp_path(void)
{
	snprintf(dir, sizeof(dir), "/tmp/bellbird-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/db.sqlite3", dir);
	return path;
}

static void remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char name[128];

	if (!dir[0])
		return;
	for (size_t i = 0; i < BB_ARRAY_SIZE(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(dir);
	dir[0] = '\0';
}

void world_open(const char *file)
{
	const struct bb_loop_options loop = { .simulate = true, .seed = 1 };
	const struct bb_store_options store = { .simulate = true, .path = file };

	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
}

void world_close(void)
{
	bb_store_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
	remove_files();
}

void world_restart(const char *file)
{
	const struct bb_store_options store = { .simulate = true, .path = file };

	bb_store_close();
	ck_assert_int_eq(bb_store_init(&store), 0);
}

struct ride {
	void (*fn)(void *arg);
	void *arg;
	bool done;
};

static void ride(void *arg)
{
	struct ride *r = arg;

	r->fn(r->arg);
	r->done = true;
}

void in_fiber(void (*fn)(void *arg), void *arg)
{
	struct ride r = { fn, arg, false };
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "test", ride, &r), 0);
	bb_sim_settle();
	ck_assert(r.done);
}

int main(void)
{
	SRunner *r = srunner_create(store_suite());
	int failed;

	srunner_add_suite(r, astdb_suite());
	srunner_add_suite(r, location_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
