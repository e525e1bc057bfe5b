/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_out.c - the log thread: lines and appended records wait in one
 * bounded queue and are written in batches.
 *
 * Files belong to this thread once they are in the list: others add and mark
 * them under the lock, only the thread opens, writes and closes. A line for a
 * console goes to the control thread instead.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <bellbird/append.h>
#include <bellbird/list.h>
#include <bellbird/mem.h>

#include "core/base/log_core.h"
#include "core/base/log_file.h"

#define QUEUE_MAX ((size_t)8 << 20)
#define APPEND_FILES_MAX 64
/* Lines rendered under one hold of the lock. */
#define RENDER_MAX 128
/* Records are for reading later: they gather for so long before they are written. */
#define RECORDS_WAIT_MS 200
/* Lines on their way to consoles. */
#define SINK_LINES_MAX 4096

struct item {
	struct bb_node node;
	atomic_uint refs; /* The queue and, for consoles, the control thread. */
	size_t bytes; /* As they count for the queue. */
	bool record; /* For bb_append_file(): to path, all of data. */
	const char *path;
	size_t len;
	struct bb_log_line line;
	char data[];
};

struct bb_log_sink {
	struct bb_node node;
	struct bb_log_filter filter;
	void (*fn)(const struct bb_log_line *l, void *arg);
	void *arg;
	uint64_t written;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	pthread_t thread;
	bool open, quit, rotate, busy;
	bool hurry; /* There is more than records, or somebody waits for them. */
	struct bb_list queue;
	size_t waiting, most;
	uint64_t dropped, dropped_told;
	struct bb_list files, records, sinks;
	unsigned sink_lines;
	int verbose, debug;
	struct bb_buf homeless; /* The log thread's: lines that no destination exists for. */
} out = { .lock = PTHREAD_MUTEX_INITIALIZER,
	  .work = PTHREAD_COND_INITIALIZER,
	  .idle = PTHREAD_COND_INITIALIZER,
	  .most = QUEUE_MAX };

static void deref(struct item *i)
{
	if (atomic_fetch_sub(&i->refs, 1) == 1)
		bb_free(i);
}

static struct bb_log_file *file_of(struct bb_node *n)
{
	return bb_list_entry(n, struct bb_log_file, node);
}

static int deep(int of_filter, int usual)
{
	return of_filter ? of_filter : usual;
}

static bool takes(const struct bb_log_filter *f, const struct bb_log_line *l)
{
	if (!(f->levels & BB_LOG_BIT(l->level)))
		return false;
	if (l->level == BB_LOG_VERBOSE)
		return l->depth <= deep(f->verbose, out.verbose);
	if (l->level == BB_LOG_DEBUG)
		return l->depth <= deep(f->debug, out.debug);
	return true;
}

static const struct bb_log_filter nobody_listens = { .levels = BB_LOG_BIT(BB_LOG_ERROR) |
							       BB_LOG_BIT(BB_LOG_WARNING) |
							       BB_LOG_BIT(BB_LOG_NOTICE) |
							       BB_LOG_BIT(BB_LOG_SECURITY) };

static void add_wants(const struct bb_log_filter *f, struct bb_log_filter *all)
{
	int v = deep(f->verbose, out.verbose), d = deep(f->debug, out.debug);

	all->levels |= f->levels;
	if ((f->levels & BB_LOG_BIT(BB_LOG_VERBOSE)) && v > all->verbose)
		all->verbose = v;
	if ((f->levels & BB_LOG_BIT(BB_LOG_DEBUG)) && d > all->debug)
		all->debug = d;
}

/* Locked. */
static void publish(void)
{
	struct bb_log_filter all = { 0 };
	size_t files = 0;

	bb_list_each (n, &out.files) {
		if (file_of(n)->removed)
			continue;
		files++;
		add_wants(&file_of(n)->filter, &all);
	}
	bb_list_each (n, &out.sinks)
		add_wants(&bb_list_entry(n, struct bb_log_sink, node)->filter, &all);
	if (!files && !out.sinks.count)
		add_wants(&nobody_listens, &all);
	bb_log_publish(all.levels, all.verbose, all.debug);
}

void bb_log_last_words(const char *text, size_t len)
{
	ssize_t n = write(STDERR_FILENO, text, len);

	/* No lock: who holds it may be who was interrupted. */
	bb_list_each (node, &out.files) {
		const struct bb_log_file *f = file_of(node);

		if (f->fd >= 0 && !f->removed && f->format == BB_LOG_TEXT &&
		    (f->filter.levels & BB_LOG_BIT(BB_LOG_ERROR)))
			n = write(f->fd, text, len);
	}
	(void)n;
}

/* --- writing (the log thread) --- */

static struct bb_log_file *record_file(const char *path)
{
	struct bb_log_file *f;

	bb_list_each (n, &out.records) {
		if (strcmp(file_of(n)->path, path) == 0)
			return file_of(n);
	}
	f = bb_log_file_new(path);
	if (f) {
		f->record = true;
		bb_list_append(&out.records, &f->node);
	}
	return f;
}

static void write_record(struct item *i)
{
	struct bb_log_file *f = record_file(i->path);

	if (!f) {
		out.dropped++;
		return;
	}
	bb_buf_put(&f->batch, i->data, i->len);
	f->in_batch++;
}

static void write_line(struct item *i)
{
	size_t files = 0;

	bb_list_each (n, &out.files) {
		struct bb_log_file *f = file_of(n);

		if (f->removed)
			continue;
		files++;
		if (!takes(&f->filter, &i->line))
			continue;
		bb_log_render(&f->batch, &i->line, f->format);
		f->in_batch++;
	}
	if (!files && !out.sinks.count && takes(&nobody_listens, &i->line))
		bb_log_render(&out.homeless, &i->line, BB_LOG_TEXT);
}

/* The queue is full: one line says so when there is room again. */
static void tell_dropped(void)
{
	uint64_t n = out.dropped - out.dropped_told;

	if (!n)
		return;
	out.dropped_told = out.dropped;
	pthread_mutex_unlock(&out.lock);
	bb_warning("%llu log lines or records were dropped: the disk is too slow for them",
		   (unsigned long long)n);
	pthread_mutex_lock(&out.lock);
}

static void do_rotate(void)
{
	struct bb_list *lists[] = { &out.files, &out.records };

	out.rotate = false;
	for (size_t i = 0; i < 2; i++) {
		bb_list_each (n, lists[i]) {
			struct bb_log_file *f = file_of(n);

			if (f->fd > STDERR_FILENO)
				close(f->fd);
			f->fd = -1;
			f->retry = 0;
		}
	}
}

static void sweep_removed(void)
{
	bb_list_each (n, &out.files) {
		if (file_of(n)->removed)
			bb_log_file_free(file_of(n));
	}
}

/*
 * Locked: filters change under the lock. Not many at a time, because whoever
 * logs meanwhile waits for it.
 */
static void render_some(void)
{
	struct bb_node *n;

	if (out.rotate)
		do_rotate();
	for (unsigned k = 0; k < RENDER_MAX && (n = bb_list_pop(&out.queue)); k++) {
		struct item *i = bb_list_entry(n, struct item, node);

		if (i->record)
			write_record(i);
		else
			write_line(i);
		out.waiting -= i->bytes;
		deref(i);
	}
}

static void write_files(void)
{
	struct bb_list *lists[] = { &out.files, &out.records };

	/* New files come at the end of the list, under the lock; we remove nothing here. */
	for (size_t i = 0; i < 2; i++) {
		struct bb_node *n;

		pthread_mutex_lock(&out.lock);
		n = lists[i]->head;
		pthread_mutex_unlock(&out.lock);
		while (n) {
			bb_log_file_write(file_of(n));
			pthread_mutex_lock(&out.lock);
			n = n->next;
			pthread_mutex_unlock(&out.lock);
		}
	}
	/* Those that were opened first make room. */
	while (out.records.count > APPEND_FILES_MAX)
		bb_log_file_free(file_of(out.records.head));
	if (out.homeless.l)
		bb_log_tell_stderr(out.homeless.p);
	bb_buf_free(&out.homeless);
}

/* Locked. */
static void let_records_gather(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += RECORDS_WAIT_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while (!out.hurry && !out.quit && !out.rotate)
		if (pthread_cond_timedwait(&out.work, &out.lock, &until))
			break;
}

static void *writer(void *arg)
{
	pthread_mutex_lock(&out.lock);
	for (;;) {
		while (!out.queue.count && !out.quit && !out.rotate) {
			out.busy = false;
			pthread_cond_broadcast(&out.idle);
			pthread_cond_wait(&out.work, &out.lock);
		}
		if (out.quit && !out.queue.count)
			break;
		out.busy = true;
		let_records_gather();
		render_some();
		out.hurry = out.queue.count > 0;
		pthread_mutex_unlock(&out.lock);
		write_files();
		pthread_mutex_lock(&out.lock);
		sweep_removed();
		tell_dropped();
	}
	out.busy = false;
	pthread_cond_broadcast(&out.idle);
	pthread_mutex_unlock(&out.lock);
	return NULL;
}

/* --- queueing --- */

static struct item *copy_line(const struct bb_log_line *l)
{
	size_t file = strlen(l->file) + 1, func = strlen(l->func) + 1;
	size_t call = strlen(l->call_id) + 1, text = strlen(l->text) + 1;
	size_t bytes = file + func + call + text;
	struct item *i = bb_alloc(sizeof(*i) + bytes);
	char *p;

	if (!i)
		return NULL;
	memset(i, 0, sizeof(*i));
	atomic_init(&i->refs, 1);
	i->bytes = sizeof(*i) + bytes;
	i->line = *l;
	p = i->data;
	i->line.file = memcpy(p, l->file, file);
	i->line.func = memcpy(p + file, l->func, func);
	i->line.call_id = memcpy(p + file + func, l->call_id, call);
	i->line.text = memcpy(p + file + func + call, l->text, text);
	return i;
}

/* Locked. @return false when too much is waiting. */
static bool enqueue(struct item *i)
{
	bool urgent;

	if (!out.open || out.waiting + i->bytes > out.most) {
		out.dropped++;
		return false;
	}
	out.waiting += i->bytes;
	bb_list_append(&out.queue, &i->node);
	urgent = !i->record || out.waiting > out.most / 4;
	/* While it writes, it looks again by itself; while it lets records gather, it must hear. */
	if (!out.busy || (urgent && !out.hurry))
		pthread_cond_signal(&out.work);
	out.hurry = out.hurry || urgent;
	return true;
}

/* On the control thread. */
static void to_sinks(void *arg)
{
	struct item *i = arg;

	pthread_mutex_lock(&out.lock);
	out.sink_lines--;
	pthread_mutex_unlock(&out.lock);
	/* Sinks come and go on this thread alone. */
	bb_list_each (n, &out.sinks) {
		struct bb_log_sink *s = bb_list_entry(n, struct bb_log_sink, node);

		if (!takes(&s->filter, &i->line))
			continue;
		s->written++;
		s->fn(&i->line, s->arg);
	}
	deref(i);
}

/* Locked. */
static bool sinks_want(const struct bb_log_line *l)
{
	bb_list_each (n, &out.sinks) {
		if (takes(&bb_list_entry(n, struct bb_log_sink, node)->filter, l))
			return true;
	}
	return false;
}

bool bb_log_queue(const struct bb_log_line *l)
{
	bool open, sinks = false;
	struct item *i;

	pthread_mutex_lock(&out.lock);
	open = out.open;
	pthread_mutex_unlock(&out.lock);
	if (!open)
		return false;
	i = copy_line(l);
	pthread_mutex_lock(&out.lock);
	if (!i) {
		out.dropped++;
		pthread_mutex_unlock(&out.lock);
		return true;
	}
	if (sinks_want(l) && out.sink_lines < SINK_LINES_MAX) {
		sinks = true;
		out.sink_lines++;
		atomic_fetch_add(&i->refs, 1);
	}
	if (!enqueue(i))
		deref(i);
	pthread_mutex_unlock(&out.lock);
	if (sinks && bb_log_host()->post(to_sinks, i)) {
		pthread_mutex_lock(&out.lock);
		out.sink_lines--;
		pthread_mutex_unlock(&out.lock);
		deref(i);
	}
	return true;
}

int bb_append_file(const char *path, struct bb_str data)
{
	size_t path_len;
	struct item *i;
	int err = 0;

	if (!path || !*path)
		return -EINVAL;
	path_len = strlen(path) + 1;
	i = bb_alloc(sizeof(*i) + data.l + path_len);
	if (!i)
		return -ENOMEM;
	memset(i, 0, sizeof(*i));
	atomic_init(&i->refs, 1);
	i->bytes = sizeof(*i) + data.l + path_len;
	i->record = true;
	i->len = data.l;
	if (data.l)
		memcpy(i->data, data.p, data.l);
	i->path = memcpy(i->data + data.l, path, path_len);
	pthread_mutex_lock(&out.lock);
	if (!out.open)
		err = -ECANCELED;
	else if (!enqueue(i))
		err = -ENOBUFS;
	pthread_mutex_unlock(&out.lock);
	if (err)
		deref(i);
	return err;
}

/* --- destinations --- */

static struct bb_log_file *find_file(const char *path)
{
	bb_list_each (n, &out.files) {
		if (!file_of(n)->removed && strcmp(file_of(n)->path, path) == 0)
			return file_of(n);
	}
	return NULL;
}

int bb_log_add_file(const char *path, const struct bb_log_filter *filter, enum bb_log_format format)
{
	struct bb_log_file *f;
	int err = 0;

	if (!path || !*path)
		return -EINVAL;
	pthread_mutex_lock(&out.lock);
	f = find_file(path);
	if (!f) {
		f = bb_log_file_new(path);
		if (f)
			bb_list_append(&out.files, &f->node);
		else
			err = -ENOMEM;
	}
	if (f) {
		f->filter = *filter;
		f->format = format;
	}
	publish();
	pthread_mutex_unlock(&out.lock);
	return err;
}

int bb_log_remove_file(const char *path)
{
	struct bb_log_file *f;

	pthread_mutex_lock(&out.lock);
	f = find_file(path);
	if (f)
		f->removed = true;
	publish();
	pthread_mutex_unlock(&out.lock);
	return f ? 0 : -ENOENT;
}

void bb_log_rotate(void)
{
	pthread_mutex_lock(&out.lock);
	out.rotate = out.open;
	pthread_cond_signal(&out.work);
	pthread_mutex_unlock(&out.lock);
}

int bb_log_add_sink(struct bb_log_sink **sp, const struct bb_log_filter *f,
		    void (*fn)(const struct bb_log_line *l, void *arg), void *arg)
{
	struct bb_log_sink *s = bb_zalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->filter = *f;
	s->fn = fn;
	s->arg = arg;
	pthread_mutex_lock(&out.lock);
	bb_list_append(&out.sinks, &s->node);
	publish();
	pthread_mutex_unlock(&out.lock);
	*sp = s;
	return 0;
}

void bb_log_set_sink(struct bb_log_sink *s, const struct bb_log_filter *f)
{
	pthread_mutex_lock(&out.lock);
	s->filter = *f;
	publish();
	pthread_mutex_unlock(&out.lock);
}

void bb_log_remove_sink(struct bb_log_sink *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&out.lock);
	bb_list_remove(&s->node);
	publish();
	pthread_mutex_unlock(&out.lock);
	bb_free(s);
}

static void set_depth(int *which, int depth)
{
	pthread_mutex_lock(&out.lock);
	*which = depth < 0 ? 0 : depth;
	publish();
	pthread_mutex_unlock(&out.lock);
}

char bb_log_date_format[64] = "%F %T.%3q";

int bb_log_set_date_format(struct bb_str format)
{
	int err;

	pthread_mutex_lock(&out.lock);
	err = bb_str_copy(bb_log_date_format, sizeof(bb_log_date_format), format);
	pthread_mutex_unlock(&out.lock);
	return err;
}

void bb_log_set_verbose(int depth)
{
	set_depth(&out.verbose, depth);
}

void bb_log_set_debug(int depth)
{
	set_depth(&out.debug, depth);
}

static int get_depth(const int *which)
{
	int depth;

	pthread_mutex_lock(&out.lock);
	depth = *which;
	pthread_mutex_unlock(&out.lock);
	return depth;
}

int bb_log_verbose(void)
{
	return get_depth(&out.verbose);
}

int bb_log_debug(void)
{
	return get_depth(&out.debug);
}

/* One by one, so that the callback runs without the lock and may log. */
static bool nth_info(size_t nth, struct bb_log_info *info, char *path, size_t cap)
{
	bool found = false;

	pthread_mutex_lock(&out.lock);
	bb_list_each (n, &out.files) {
		struct bb_log_file *f = file_of(n);

		if (f->removed || found || nth-- > 0)
			continue;
		found = true;
		nth = 0;
		(void)bb_str_copy(path, cap, bb_strz(f->path));
		*info = (struct bb_log_info){ .path = path,
					      .filter = f->filter,
					      .format = f->format,
					      .written = f->written,
					      .lost = f->lost,
					      .err = f->err };
	}
	bb_list_each (n, &out.sinks) {
		struct bb_log_sink *s = bb_list_entry(n, struct bb_log_sink, node);

		if (found || nth-- > 0)
			continue;
		found = true;
		*info = (struct bb_log_info){ .filter = s->filter, .written = s->written };
	}
	pthread_mutex_unlock(&out.lock);
	return found;
}

void bb_log_each(void (*fn)(const struct bb_log_info *i, void *arg), void *arg)
{
	struct bb_log_info info;
	char path[512];

	for (size_t i = 0; nth_info(i, &info, path, sizeof(path)); i++)
		fn(&info, arg);
}

uint64_t bb_log_dropped(void)
{
	uint64_t n;

	pthread_mutex_lock(&out.lock);
	n = out.dropped;
	pthread_mutex_unlock(&out.lock);
	return n;
}

void bb_log_set_queue_max(size_t bytes)
{
	pthread_mutex_lock(&out.lock);
	out.most = bytes;
	pthread_mutex_unlock(&out.lock);
}

/* --- beginning and end --- */

int bb_log_init(void)
{
	int err;

	pthread_mutex_lock(&out.lock);
	if (out.open) {
		pthread_mutex_unlock(&out.lock);
		return -EBUSY;
	}
	out.quit = out.rotate = out.busy = out.hurry = false;
	out.dropped = out.dropped_told = 0;
	out.most = QUEUE_MAX;
	err = pthread_create(&out.thread, NULL, writer, NULL);
	out.open = !err;
	publish();
	pthread_mutex_unlock(&out.lock);
#ifdef __linux__
	if (!err)
		pthread_setname_np(out.thread, "bb-log");
#endif
	return -err;
}

void bb_log_flush(void)
{
	pthread_mutex_lock(&out.lock);
	out.hurry = true;
	pthread_cond_signal(&out.work);
	while (out.open && (out.queue.count || out.busy || out.rotate))
		pthread_cond_wait(&out.idle, &out.lock);
	pthread_mutex_unlock(&out.lock);
}

void bb_log_close(void)
{
	pthread_mutex_lock(&out.lock);
	if (!out.open) {
		pthread_mutex_unlock(&out.lock);
		return;
	}
	out.quit = true;
	pthread_cond_signal(&out.work);
	pthread_mutex_unlock(&out.lock);
	pthread_join(out.thread, NULL);
	pthread_mutex_lock(&out.lock);
	out.open = false;
	while (out.queue.head) {
		struct item *i = bb_list_entry(bb_list_pop(&out.queue), struct item, node);

		out.waiting -= i->bytes;
		deref(i);
	}
	while (out.files.head)
		bb_log_file_free(file_of(out.files.head));
	while (out.records.head)
		bb_log_file_free(file_of(out.records.head));
	publish();
	pthread_mutex_unlock(&out.lock);
}
