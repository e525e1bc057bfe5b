/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/link.c - the client's end of the socket.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/console/client.h"

static int send_all(struct bb_link *l, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(l->fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -ENOTCONN;
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int collect(const char *data, size_t len, void *arg)
{
	struct bb_buf *b = arg;

	bb_buf_put(b, data, len);
	return b->err;
}

/* Takes the message. */
static int send_json(struct bb_link *l, json_t *msg)
{
	struct bb_buf b = { 0 };
	int err = msg && l->fd >= 0 ? 0 : -ENOTCONN;

	if (!err && json_dump_callback(msg, collect, &b, JSON_COMPACT))
		err = -ENOMEM;
	bb_buf_putc(&b, '\n');
	if (!err)
		err = b.err ? b.err : send_all(l, b.p, b.l);
	bb_buf_free(&b);
	json_decref(msg);
	return err;
}

bool bb_link_ready(const struct bb_link *l)
{
	return l->in.l && memchr(l->in.p, '\n', l->in.l);
}

/* What is read is acknowledged at once: it waits on our side now. */
static int fill(struct bb_link *l, int ms)
{
	const struct timespec span = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	char data[16384];
	ssize_t n;
	int ready;

	if (l->fd < 0)
		return -ENOTCONN;
	ready = ppoll(&p, 1, ms < 0 ? NULL : &span, l->wait_mask);
	if (ready < 0 && l->interrupted && *l->interrupted)
		return -EINTR;
	if (ready <= 0)
		return ready < 0 && errno != EINTR ? -errno : 0;
	n = recv(l->fd, data, sizeof(data), 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		bb_link_close(l);
		return -ENOTCONN;
	}
	bb_buf_put(&l->in, data, (size_t)n);
	if (l->in.err)
		return l->in.err;
	send_json(l, json_pack("{s:s,s:I}", "op", "ack", "bytes", (json_int_t)n));
	return 0;
}

/* What needs nobody's asking. @return true when the message is done with. */
static bool by_itself(struct bb_link *l, json_t *msg)
{
	json_t *log = json_object_get(msg, "log");
	const char *bye = json_string_value(json_object_get(msg, "bye"));

	if (json_is_string(log)) {
		if (l->log)
			l->log(bb_strn(json_string_value(log), json_string_length(log)), l->arg);
		return true;
	}
	if (bye) {
		snprintf(l->bye, sizeof(l->bye), "%s", bye);
		l->ended = true;
		return true;
	}
	return false;
}

int bb_link_read(struct bb_link *l, int ms, json_t **msg)
{
	char *nl;
	json_t *got;
	int err;

	if (!bb_link_ready(l)) {
		err = fill(l, ms);
		if (err && !bb_link_ready(l))
			return err;
	}
	if (!bb_link_ready(l))
		return 0;
	nl = memchr(l->in.p, '\n', l->in.l);
	got = json_loadb(l->in.p, (size_t)(nl - l->in.p), 0, NULL);
	bb_buf_consume(&l->in, (size_t)(nl - l->in.p) + 1);
	if (!got)
		return 0;
	if (by_itself(l, got)) {
		json_decref(got);
		return 0;
	}
	*msg = got;
	return 1;
}

static int try_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int bb_link_open(struct bb_link *l, const struct bb_client_options *opt, bool want_log)
{
	json_t *hello = NULL;
	int tries = opt->wait ? 200 : 1;

	l->fd = -1;
	l->ended = false;
	bb_buf_truncate(&l->in, 0);
	while (tries-- > 0) {
		l->fd = try_connect(opt->path);
		if (l->fd >= 0 || tries == 0)
			break;
		/* The PBX is starting. */
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	if (l->fd < 0)
		return l->fd;
	if (send_json(l, json_pack("{s:s,s:i,s:i,s:b,s:b}", "op", "hello", "verbose",
				   (int)opt->verbose, "debug", (int)opt->debug, "log",
				   want_log ? 1 : 0, "colour", bb_terminal_colour() ? 1 : 0)))
		return -ENOTCONN;
	while (!hello) {
		int got = bb_link_read(l, 5000, &hello);

		if (got < 0 || (got == 0 && l->ended))
			return -ENOTCONN;
		if (got == 0 && !bb_link_ready(l))
			return -ETIMEDOUT;
	}
	if (json_is_string(json_object_get(hello, "hello")))
		snprintf(l->host, sizeof(l->host), "%s",
			 json_string_value(json_object_get(hello, "hello")));
	if (json_is_string(json_object_get(hello, "version")))
		snprintf(l->version, sizeof(l->version), "%s",
			 json_string_value(json_object_get(hello, "version")));
	l->pid = (int)json_integer_value(json_object_get(hello, "pid"));
	json_decref(hello);
	return 0;
}

void bb_link_close(struct bb_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

int bb_link_exec(struct bb_link *l, const char *command, unsigned width, bool colour)
{
	json_int_t id = ++l->next_id;
	int err = send_json(l, json_pack("{s:s,s:I,s:s,s:i,s:b}", "op", "exec", "id", id, "command",
					 command, "width", (int)width, "colour", colour ? 1 : 0));

	while (!err) {
		json_t *msg, *out;
		int got = bb_link_read(l, -1, &msg);

		if (got < 0) {
			err = got;
		} else if (got > 0) {
			bool ours = json_integer_value(json_object_get(msg, "id")) == id;
			bool done = ours && json_is_true(json_object_get(msg, "done"));
			int status = (int)json_integer_value(json_object_get(msg, "status"));

			out = ours ? json_object_get(msg, "out") : NULL;
			if (json_is_string(out))
				fwrite(json_string_value(out), 1, json_string_length(out), stdout);
			json_decref(msg);
			if (done) {
				fflush(stdout);
				return status;
			}
		} else if (l->ended && !bb_link_ready(l)) {
			err = -ENOTCONN;
		}
	}
	fflush(stdout);
	return err;
}

json_t *bb_link_complete(struct bb_link *l, const char *line)
{
	json_int_t id = ++l->next_id;
	json_t *msg, *words = NULL;

	if (send_json(l, json_pack("{s:s,s:I,s:s}", "op", "complete", "id", id, "line", line)))
		return NULL;
	for (int tries = 0; tries < 1000; tries++) {
		int got = bb_link_read(l, 2000, &msg);

		if (got < 0 || (got == 0 && !bb_link_ready(l)))
			return NULL;
		if (got == 0)
			continue;
		if (json_integer_value(json_object_get(msg, "id")) == id)
			words = json_incref(json_object_get(msg, "words"));
		json_decref(msg);
		if (words)
			return words;
	}
	return NULL;
}
