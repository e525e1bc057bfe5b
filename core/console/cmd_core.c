/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/cmd_core.c - core show threads, core show memory, and the
 * console's own levels.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bellbird/loop.h>

#include "core/base/mem_core.h"
#include "core/console/server.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/store/store_core.h"

/* --- reading /proc, which is not for the control thread --- */

#define THREADS_MAX 256

struct thread {
	int id;
	char name[32], state;
	unsigned long ticks;
};

struct process_facts {
	struct thread threads[THREADS_MAX];
	size_t n_threads;
	unsigned long size, resident; /* pages */
	struct bb_mem_stats mem;
	struct bb_fiber *fiber;
	bool done;
};

static int thread_order(const void *a, const void *b)
{
	const struct thread *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* "id (name) state … utime stime": the name may hold anything, so from its last parenthesis. */
static bool read_thread(struct thread *t, const char *id)
{
	unsigned long user = 0, system = 0;
	char path[64], text[512], *open, *close, *at;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%.16s/stat", id);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close[1] == '\0')
		return false;
	t->id = (int)strtol(id, NULL, 10);
	*close = '\0';
	snprintf(t->name, sizeof(t->name), "%s", open + 1);
	t->state = close[2];
	/* Fields 14 and 15; the state is the third. */
	at = close + 2;
	for (int field = 3; field < 14 && at; field++)
		at = strchr(at + 1, ' ');
	if (at) {
		user = strtoul(at, &at, 10);
		system = strtoul(at, NULL, 10);
	}
	t->ticks = user + system;
	return true;
}

static int read_process(void *arg)
{
	struct process_facts *p = arg;
	struct dirent *e;
	DIR *d = opendir("/proc/self/task");
	FILE *f;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && p->n_threads < THREADS_MAX &&
		    read_thread(&p->threads[p->n_threads], e->d_name))
			p->n_threads++;
	if (d)
		closedir(d);
	qsort(p->threads, p->n_threads, sizeof(p->threads[0]), thread_order);
	bb_mem_stats(&p->mem);
	f = fopen("/proc/self/statm", "re");
	if (f) {
		char text[128] = "", *at = text;

		if (fgets(text, sizeof(text), f)) {
			p->size = strtoul(at, &at, 10);
			p->resident = strtoul(at, NULL, 10);
		}
		fclose(f);
	}
	return 0;
}

static void process_read(int result, void *arg)
{
	struct process_facts *p = arg;

	(void)result;
	p->done = true;
	bb_fiber_wake(p->fiber);
}

static int process_facts(struct process_facts **pp)
{
	struct process_facts *p = bb_zalloc(sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	*pp = p;
	p->fiber = bb_fiber_self();
	if (!p->fiber) {
		read_process(p);
		return 0;
	}
	err = bb_work(read_process, process_read, p);
	if (err) {
		bb_free(p);
		return err;
	}
	while (!p->done)
		bb_fiber_park();
	return 0;
}

/* --- commands --- */

static int threads_run(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = {
		{ "Id", BB_RIGHT }, { "Name" }, { "State" }, { "CPU seconds", BB_RIGHT }
	};
	struct bb_fiber_stats fibers;
	struct bb_loop_stats loop;
	struct process_facts *p;
	double tick = (double)sysconf(_SC_CLK_TCK);
	int err = process_facts(&p);

	(void)args;
	if (err)
		return err;
	bb_out_table(o, "threads", cols, BB_ARRAY_SIZE(cols));
	for (size_t i = 0; i < p->n_threads; i++) {
		const struct thread *t = &p->threads[i];

		bb_out_rowf(o, "dssf", (int64_t)t->id, t->name,
			    t->state == 'R'   ? "running"
			    : t->state == 'D' ? "disk"
					      : "sleeping",
			    (double)t->ticks / tick);
	}
	bb_free(p);
	bb_fiber_stats(&fibers);
	bb_loop_stats(&loop);
	bb_out_fact(o, "Fiber backend", "%s", fibers.backend);
	bb_out_fact_int(o, "Fibers", (int64_t)fibers.live);
	bb_out_fact_int(o, "Fibers at most", (int64_t)fibers.peak);
	bb_out_fact_int(o, "Stacks kept", (int64_t)fibers.pooled);
	bb_out_fact_int(o, "Stacks trimmed", (int64_t)fibers.trimmed);
	if (fibers.deepest)
		bb_out_fact(o, "Deepest stack", "%zu of %zu kB", fibers.deepest / 1024,
			    fibers.stack_each / 1024);
	bb_out_fact_int(o, "Timers", (int64_t)loop.timers);
	bb_out_fact_int(o, "Loop turns", (int64_t)loop.turns);
	bb_out_fact_int(o, "Stalls", (int64_t)loop.stalls);
	bb_out_fact_int(o, "Longest stall ms", loop.longest_stall / BB_MS);
	return 0;
}

static void show_type(const char *type, size_t live, size_t bytes, void *arg)
{
	bb_out_rowf(arg, "suu", type, (uint64_t)live, (uint64_t)bytes);
}

static void show_held(struct bb_out *o)
{
	static const struct bb_column cols[] = {
		{ "Held" }, { "Number", BB_RIGHT }, { "Bytes", BB_RIGHT }, { "At most", BB_RIGHT }
	};

	bb_out_table(o, "held", cols, BB_ARRAY_SIZE(cols));
	for (struct bb_mem_gauge *g = NULL; (g = bb_mem_gauge_next(g));) {
		size_t n, bytes, most;

		g->read(&n, &bytes, &most);
		bb_out_rowf(o, "suuu", g->name, (uint64_t)n, (uint64_t)bytes, (uint64_t)most);
	}
}

static int memory_run(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Type" },
						 { "Live", BB_RIGHT },
						 { "Bytes", BB_RIGHT } };
	struct process_facts *p;
	long page = sysconf(_SC_PAGESIZE) / 1024;
	int err = process_facts(&p);

	(void)args;
	if (err)
		return err;
	bb_out_table(o, "objects", cols, BB_ARRAY_SIZE(cols));
	bb_obj_each_type(show_type, o);
	show_held(o);
	bb_out_fact_int(o, "Database keys", (int64_t)bb_db_count());
	bb_out_fact_int(o, "Heap in use bytes", (int64_t)p->mem.used);
	bb_out_fact_int(o, "Heap idle bytes", (int64_t)p->mem.idle);
	bb_out_fact_int(o, "Resident kB", (int64_t)p->resident * page);
	bb_out_fact_int(o, "Virtual kB", (int64_t)p->size * page);
	bb_free(p);
	return 0;
}

static const struct bb_cli threads = {
	.words = "core show threads",
	.run = threads_run,
	.doc = { .summary = "List the threads of the process, its fibers and stalls",
		 .since = "0.1" },
};

static const struct bb_cli memory = {
	.words = "core show memory",
	.aliases = (const char *const[]){ "memory show summary", NULL },
	.run = memory_run,
	.doc = { .summary = "Count the living objects by type, what is held on to between calls, "
			    "and the memory in all",
		 .since = "0.1" },
};

void bb_console_core_commands(void)
{
	static const struct bb_cli *const all[] = { &threads, &memory };

	bb_cli_add_core(all, BB_ARRAY_SIZE(all));
}
