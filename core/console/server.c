/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/server.c - the socket: clients, their commands, what they are sent.
 *
 * A client is never trusted to read: what it has not acknowledged is bounded
 * by a window, its output by the bound of one command, and log lines that it
 * is too slow for are dropped and counted.
 */
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/net.h>

#include "config.h"
#include "core/console/server.h"
#include "core/console/wire.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"

struct job {
	struct bb_node node;
	struct bb_client *client;
	json_int_t id;
	unsigned width;
	bool colour;
	enum bb_out_format format;
	char *line;
};

struct bb_client {
	struct bb_node node;
	struct bb_session session;
	struct bb_tcp *tcp; /* NULL: gone. */
	struct bb_buf in;
	struct bb_buf out;
	size_t out_at; /* What is before this has been sent. */
	size_t in_flight;
	unsigned dropped;
	bool colour;
	struct bb_list jobs;
	struct job *running;
};

static struct bb_listener *listener;
static struct bb_list clients;
static char *socket_path;

static void pump(struct bb_client *c);

static void job_free(struct job *j)
{
	bb_free(j->line);
	bb_free(j);
}

static void client_free(struct bb_client *c)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&c->jobs)))
		job_free(bb_list_entry(n, struct job, node));
	bb_buf_free(&c->in);
	bb_buf_free(&c->out);
	bb_free(c);
}

/* The connection ends now; the client's memory when its running command has ended. */
static void client_close(struct bb_client *c)
{
	if (!c->tcp)
		return;
	bb_tcp_close(c->tcp);
	c->tcp = NULL;
	bb_list_remove(&c->node);
	bb_console_log_close(&c->session);
	if (!c->running)
		client_free(c);
}

/* --- sending --- */

static size_t waiting(const struct bb_client *c)
{
	return c->out.l - c->out_at;
}

static int put(const char *data, size_t len, void *arg)
{
	struct bb_buf *b = arg;

	bb_buf_put(b, data, len);
	return 0;
}

/* Takes the message. */
static void send_json(struct bb_client *c, json_t *msg)
{
	if (c->tcp && msg) {
		json_dump_callback(msg, put, &c->out, JSON_COMPACT);
		bb_buf_putc(&c->out, '\n');
		pump(c);
	}
	json_decref(msg);
}

static void say_dropped(struct bb_client *c)
{
	json_t *msg;
	char text[96];

	if (!c->dropped || waiting(c))
		return;
	snprintf(text, sizeof(text), "… %u log lines were left out: this console reads too slowly",
		 c->dropped);
	c->dropped = 0;
	msg = json_pack("{s:s}", "log", text);
	send_json(c, msg);
}

static void pump(struct bb_client *c)
{
	while (c->tcp && waiting(c) && c->in_flight < BB_WIRE_WINDOW) {
		size_t n = waiting(c);

		if (n > BB_WIRE_WINDOW - c->in_flight)
			n = BB_WIRE_WINDOW - c->in_flight;
		if (c->out.err || bb_tcp_send(c->tcp, c->out.p + c->out_at, n)) {
			client_close(c);
			return;
		}
		c->out_at += n;
		c->in_flight += n;
	}
	if (c->out_at == c->out.l) {
		/* A large answer should not be kept for the client's life. */
		if (c->out.cap > BB_WIRE_WINDOW)
			bb_buf_free(&c->out);
		else
			bb_buf_truncate(&c->out, 0);
		c->out_at = 0;
	}
}

static void send_output(struct bb_client *c, json_int_t id, struct bb_str text)
{
	while (text.l && c->tcp) {
		size_t n = bb_text_cut(text, BB_WIRE_CHUNK);

		send_json(c, json_pack("{s:I,s:o}", "id", id, "out",
				       bb_json_text(bb_str_sub(text, 0, n))));
		text = bb_str_sub(text, n, SIZE_MAX);
	}
}

static void send_done(struct bb_client *c, json_int_t id, int status)
{
	send_json(c, json_pack("{s:I,s:b,s:i}", "id", id, "done", 1, "status", status));
}

static void on_log(const struct bb_log_line *l, void *arg)
{
	struct bb_client *c = arg;
	struct bb_buf text = { 0 };

	say_dropped(c);
	if (!c->tcp)
		return;
	if (waiting(c) > BB_WIRE_LOG_MAX) {
		c->dropped++;
		return;
	}
	bb_console_log_render(&text, l, c->colour);
	send_json(c, json_pack("{s:o}", "log", bb_json_text(bb_buf_str(&text))));
	bb_buf_free(&text);
}

/* --- commands --- */

static void start_next(struct bb_client *c);

static void job_run(void *arg)
{
	struct job *j = arg;
	struct bb_client *c = j->client;
	struct bb_buf text = { 0 };
	struct bb_out o;
	int err;

	bb_out_init(&o, j->format, &text);
	o.width = j->width;
	o.colour = j->colour;
	o.session = &c->session;
	err = bb_exec_line(bb_strz(j->line), &o);
	if (text.err)
		err = text.err;
	c->running = NULL;
	if (!c->tcp) {
		client_free(c);
	} else {
		send_output(c, j->id, bb_buf_str(&text));
		send_done(c, j->id, err);
		if (c->tcp)
			start_next(c);
	}
	bb_buf_free(&text);
	job_free(j);
}

static void start_next(struct bb_client *c)
{
	struct bb_node *n = c->running ? NULL : bb_list_pop(&c->jobs);
	struct bb_fiber *f;
	int err;

	if (!n)
		return;
	c->running = bb_list_entry(n, struct job, node);
	err = bb_fiber_spawn(&f, "console", job_run, c->running);
	if (err) {
		struct job *j = c->running;

		c->running = NULL;
		send_done(c, j->id, err);
		job_free(j);
	}
}

static unsigned number(json_t *msg, const char *name, unsigned max)
{
	json_int_t v = json_integer_value(json_object_get(msg, name));

	return v < 0 ? 0 : v > (json_int_t)max ? max : (unsigned)v;
}

static void op_exec(struct bb_client *c, json_t *msg)
{
	const char *line = json_string_value(json_object_get(msg, "command"));
	const char *format = json_string_value(json_object_get(msg, "format"));
	json_int_t id = json_integer_value(json_object_get(msg, "id"));
	struct job *j;

	if (!line || c->jobs.count >= BB_WIRE_QUEUE) {
		send_done(c, id, line ? -EBUSY : -EINVAL);
		return;
	}
	j = bb_zalloc(sizeof(*j));
	if (j)
		j->line = bb_strdup(bb_strz(line));
	if (!j || !j->line) {
		bb_free(j);
		send_done(c, id, -ENOMEM);
		return;
	}
	j->client = c;
	j->id = id;
	j->width = number(msg, "width", 10000);
	j->colour = json_is_true(json_object_get(msg, "colour"));
	if (format && strcmp(format, "json") == 0)
		j->format = BB_OUT_JSON;
	else if (format && strcmp(format, "csv") == 0)
		j->format = BB_OUT_CSV;
	bb_list_append(&c->jobs, &j->node);
	start_next(c);
}

static void add_word(struct bb_str word, void *arg)
{
	json_array_append_new(arg, bb_json_text(word));
}

static void op_complete(struct bb_client *c, json_t *msg)
{
	const char *line = json_string_value(json_object_get(msg, "line"));
	json_t *words = json_array();

	if (line)
		bb_console_complete(bb_strz(line), add_word, words);
	send_json(c, json_pack("{s:I,s:o}", "id", json_integer_value(json_object_get(msg, "id")),
			       "words", words));
}

static void op_hello(struct bb_client *c, json_t *msg)
{
	char host[256] = "";

	c->session.verbose = number(msg, "verbose", 10);
	c->session.debug = number(msg, "debug", 10);
	c->colour = json_is_true(json_object_get(msg, "colour"));
	if (json_is_true(json_object_get(msg, "log")) &&
	    bb_console_log_open(&c->session, on_log, c))
		c->dropped++;
	gethostname(host, sizeof(host) - 1);
	send_json(c, json_pack("{s:o,s:s,s:i}", "hello", bb_json_text(bb_strz(host)), "version",
			       PACKAGE_VERSION, "pid", (int)getpid()));
}

static void message(struct bb_client *c, struct bb_str line)
{
	json_error_t e;
	json_t *msg = json_loadb(line.p, line.l, 0, &e);
	const char *op = json_string_value(json_object_get(msg, "op"));

	if (!op) {
		send_json(c, json_pack("{s:s}", "bye", "this is no message of a console"));
		client_close(c);
	} else if (strcmp(op, "exec") == 0) {
		op_exec(c, msg);
	} else if (strcmp(op, "complete") == 0) {
		op_complete(c, msg);
	} else if (strcmp(op, "hello") == 0) {
		op_hello(c, msg);
	} else if (strcmp(op, "ack") == 0) {
		size_t n = number(msg, "bytes", BB_WIRE_WINDOW);

		c->in_flight -= n < c->in_flight ? n : c->in_flight;
		pump(c);
		if (c->tcp)
			say_dropped(c);
	}
	/* Another op is a newer client's: it may do without. */
	json_decref(msg);
}

static void on_recv(struct bb_tcp *t, const char *data, size_t len, void *arg)
{
	struct bb_client *c = arg;
	bool open = true;

	(void)t;
	bb_buf_put(&c->in, data, len);
	while (open && c->in.l) {
		char *nl = memchr(c->in.p, '\n', c->in.l);
		struct bb_buf line = { 0 };

		if (!nl)
			break;
		bb_buf_put(&line, c->in.p, (size_t)(nl - c->in.p));
		bb_buf_consume(&c->in, (size_t)(nl - c->in.p) + 1);
		/* May free c: then its connection is gone from the list. */
		message(c, bb_buf_str(&line));
		bb_buf_free(&line);
		open = false;
		bb_list_each (n, &clients)
			open = open || n == &c->node;
	}
	if (open && (c->in.err || c->in.l > BB_WIRE_LINE_MAX))
		client_close(c);
}

static void on_closed(struct bb_tcp *t, int err, void *arg)
{
	(void)t;
	(void)err;
	client_close(arg);
}

static const struct bb_tcp_ops client_ops = { .recv = on_recv, .closed = on_closed };

/* The mode of the socket keeps others out already; this does where a file system has no modes. */
static bool peer_allowed(const struct bb_tcp *t)
{
	unsigned uid;

	return bb_tcp_peer_uid(t, &uid) == 0 && (uid == 0 || uid == (unsigned)geteuid());
}

static void on_accept(struct bb_listener *l, struct bb_tcp *t, void *arg)
{
	struct bb_client *c;

	(void)l;
	(void)arg;
	if (!peer_allowed(t)) {
		bb_security("console: a connection by another user was refused");
		bb_tcp_close(t);
		return;
	}
	c = clients.count < BB_WIRE_CLIENTS ? bb_zalloc(sizeof(*c)) : NULL;
	if (!c) {
		bb_warning("console: no room for another client");
		bb_tcp_close(t);
		return;
	}
	c->tcp = t;
	bb_list_append(&clients, &c->node);
	bb_tcp_set_ops(t, &client_ops, c);
}

static const struct bb_listener_ops listener_ops = { .accept = on_accept };

unsigned bb_console_clients(void)
{
	return (unsigned)clients.count;
}

/* What a dead process left behind is removed; a living one keeps its socket. */
static int make_way(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		bb_error("console: the path %s is too long for a socket (%zu characters at most)",
			 path, sizeof(sun.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		bb_error("console: %s exists and is no socket", path);
		return -EEXIST;
	}
	strncpy(sun.sun_path, path, sizeof(sun.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ? -errno : 0;
	close(fd);
	if (err == 0) {
		bb_error("console: another process answers at %s", path);
		return -EADDRINUSE;
	}
	return unlink(path) ? -errno : 0;
}

int bb_server_open(const char *path)
{
	int err = make_way(path);

	if (err)
		return err;
	socket_path = bb_strdup(bb_strz(path));
	if (!socket_path)
		return -ENOMEM;
	err = bb_unix_listen(&listener, path, &listener_ops, NULL);
	if (err) {
		bb_error("console: cannot listen at %s: %s", path, strerror(-err));
		bb_free(socket_path);
		socket_path = NULL;
	}
	return err;
}

void bb_server_close(void)
{
	bb_listener_close(listener);
	listener = NULL;
	bb_list_each (n, &clients) {
		struct bb_client *c = bb_list_entry(n, struct bb_client, node);

		send_json(c, json_pack("{s:s}", "bye", "the PBX has ended"));
		client_close(c);
	}
	if (socket_path)
		unlink(socket_path);
	bb_free(socket_path);
	socket_path = NULL;
}
