/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/real_tcp.c - streams: TCP, and Unix sockets for the console.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/loop/real.h"

#define QUEUE_MAX ((size_t)1 << 20)
#define BACKLOG 512
/* A closed connection may take so long to take what was queued. */
#define LINGER_MS 10000

union stream {
	uv_handle_t handle;
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
};

struct real_tcp {
	struct bb_tcp base;
	union stream h;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	uv_timer_t linger;
	struct bb_node lingering;
	size_t queued;
	unsigned handles; /* Still to be closed: the stream and the linger timer. */
	bool connecting, ended, broken, closed;
};

struct real_listener {
	struct bb_listener base;
	union stream h;
	bool unix_socket;
};

struct write {
	uv_write_t req;
	struct real_tcp *c;
	size_t len;
	char data[];
};

static struct bb_list lingering;
static char rx[65536];

static struct real_tcp *of_base(const struct bb_tcp *c)
{
	return bb_container_of(c, struct real_tcp, base);
}

static void tcp_gone(uv_handle_t *h)
{
	struct real_tcp *c = h->data;

	if (--c->handles == 0)
		bb_free(c);
}

static void cut(struct real_tcp *c)
{
	bb_list_remove(&c->lingering);
	if (!uv_is_closing(&c->h.handle))
		uv_close(&c->h.handle, tcp_gone);
	if (!uv_is_closing((uv_handle_t *)&c->linger))
		uv_close((uv_handle_t *)&c->linger, tcp_gone);
}

static struct real_tcp *new_tcp(bool unix_socket)
{
	struct real_tcp *c = bb_zalloc(sizeof(*c));
	int err;

	if (!c)
		return NULL;
	err = unix_socket ? uv_pipe_init(&bb_uv, &c->h.pipe, 0) : uv_tcp_init(&bb_uv, &c->h.tcp);
	if (err) {
		bb_free(c);
		return NULL;
	}
	uv_timer_init(&bb_uv, &c->linger);
	c->h.handle.data = c;
	c->linger.data = c;
	c->handles = 2;
	return c;
}

static void end(struct real_tcp *c, int err)
{
	if (c->ended || c->closed)
		return;
	c->ended = true;
	c->broken = err != 0;
	if (!c->connecting)
		uv_read_stop(&c->h.stream);
	if (c->base.ops && c->base.ops->closed)
		c->base.ops->closed(&c->base, err, c->base.arg);
}

static void give_buffer(uv_handle_t *h, size_t size, uv_buf_t *buf)
{
	*buf = uv_buf_init(rx, sizeof(rx));
}

static void bytes(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct real_tcp *c = s->data;

	bb_loop_awake();
	if (n == 0 || c->closed)
		return;
	if (n < 0)
		end(c, n == UV_EOF ? 0 : (int)n);
	else if (c->base.ops && c->base.ops->recv)
		c->base.ops->recv(&c->base, buf->base, (size_t)n, c->base.arg);
}

static void learn_addresses(struct real_tcp *c)
{
	int len = sizeof(c->base.local.u);

	uv_tcp_getsockname(&c->h.tcp, &c->base.local.u.sa, &len);
	len = sizeof(c->base.remote.u);
	uv_tcp_getpeername(&c->h.tcp, &c->base.remote.u.sa, &len);
	uv_tcp_nodelay(&c->h.tcp, 1);
	uv_tcp_keepalive(&c->h.tcp, 1, 60);
}

static void connected(uv_connect_t *req, int status)
{
	struct real_tcp *c = bb_container_of(req, struct real_tcp, connect);

	bb_loop_awake();
	if (c->closed) {
		c->connecting = false;
		return;
	}
	if (status) {
		end(c, status);
		c->connecting = false;
		return;
	}
	c->connecting = false;
	learn_addresses(c);
	status = uv_read_start(&c->h.stream, give_buffer, bytes);
	if (status) {
		end(c, status);
		return;
	}
	if (c->base.ops && c->base.ops->connected)
		c->base.ops->connected(&c->base, c->base.arg);
}

int bb_real_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to)
{
	struct real_tcp *c = new_tcp(false);
	int err;

	if (!c)
		return -ENOMEM;
	c->base.remote = *to;
	c->connecting = true;
	err = uv_tcp_connect(&c->connect, &c->h.tcp, &to->u.sa, connected);
	if (err) {
		c->closed = true;
		cut(c);
		return err;
	}
	*cp = &c->base;
	return 0;
}

static void written(uv_write_t *req, int status)
{
	struct write *w = bb_container_of(req, struct write, req);
	struct real_tcp *c = w->c;

	bb_loop_awake();
	c->queued -= w->len;
	bb_free(w);
	if (status && status != UV_ECANCELED)
		end(c, status);
}

int bb_real_tcp_send(struct bb_tcp *base, const void *data, size_t len)
{
	struct real_tcp *c = of_base(base);
	struct write *w;
	uv_buf_t buf;
	int n = 0, err;

	if (c->ended || c->closed)
		return -ENOTCONN;
	if (len > QUEUE_MAX - c->queued)
		return -ENOBUFS;
	if (!c->connecting && !c->queued) {
		buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
		n = uv_try_write(&c->h.stream, &buf, 1);
		if (n == (int)len)
			return 0;
		/* A broken connection is told by the callbacks, like any other end. */
		if (n < 0)
			n = 0;
	}
	len -= (size_t)n;
	w = bb_alloc(sizeof(*w) + len);
	if (!w)
		return -ENOMEM;
	memset(w, 0, sizeof(*w));
	memcpy(w->data, (const char *)data + n, len);
	w->c = c;
	w->len = len;
	buf = uv_buf_init(w->data, (unsigned)len);
	err = uv_write(&w->req, &c->h.stream, &buf, 1, written);
	if (err) {
		bb_free(w);
		return err;
	}
	c->queued += len;
	return 0;
}

size_t bb_real_tcp_queued(const struct bb_tcp *c)
{
	return of_base(c)->queued;
}

int bb_real_tcp_peer_uid(const struct bb_tcp *c, unsigned *uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	uv_os_fd_t fd;

	if (uv_fileno(&of_base(c)->h.handle, &fd))
		return -ENOTCONN;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	/* A stream of another kind has nobody known at its end. */
	if (cred.pid == 0)
		return -ENOTSUP;
	*uid = (unsigned)cred.uid;
	return 0;
}

static void shut(uv_shutdown_t *req, int status)
{
	struct real_tcp *c = bb_container_of(req, struct real_tcp, shutdown);

	bb_loop_awake();
	cut(c);
}

static void lingered(uv_timer_t *t)
{
	bb_loop_awake();
	cut(t->data);
}

void bb_real_tcp_close(struct bb_tcp *base)
{
	struct real_tcp *c = of_base(base);

	c->closed = true;
	c->base.ops = NULL;
	if (c->connecting || c->broken || !c->queued) {
		cut(c);
		return;
	}
	uv_read_stop(&c->h.stream);
	if (uv_shutdown(&c->shutdown, &c->h.stream, shut)) {
		cut(c);
		return;
	}
	bb_list_append(&lingering, &c->lingering);
	uv_timer_start(&c->linger, lingered, LINGER_MS, 0);
}

void bb_real_tcp_stop(void)
{
	while (lingering.head)
		cut(bb_list_entry(lingering.head, struct real_tcp, lingering));
}

/* --- listening --- */

static void incoming(uv_stream_t *s, int status)
{
	struct real_listener *l = s->data;
	struct real_tcp *c;

	bb_loop_awake();
	if (status)
		return;
	c = new_tcp(l->unix_socket);
	/* Without memory the connection waits in the backlog for better times. */
	if (!c)
		return;
	if (uv_accept(s, &c->h.stream) || uv_read_start(&c->h.stream, give_buffer, bytes)) {
		c->closed = true;
		cut(c);
		return;
	}
	if (!l->unix_socket)
		learn_addresses(c);
	bb_loop.stats.tcp++;
	l->base.ops->accept(&l->base, &c->base, l->base.arg);
	/* Nobody wanted it. */
	if (!c->closed && !c->base.ops)
		bb_tcp_close(&c->base);
}

static void listener_gone(uv_handle_t *h)
{
	bb_free(h->data);
}

static struct real_listener *new_listener(bool unix_socket)
{
	struct real_listener *l = bb_zalloc(sizeof(*l));
	int err;

	if (!l)
		return NULL;
	l->unix_socket = unix_socket;
	err = unix_socket ? uv_pipe_init(&bb_uv, &l->h.pipe, 0) : uv_tcp_init(&bb_uv, &l->h.tcp);
	if (err) {
		bb_free(l);
		return NULL;
	}
	l->h.handle.data = l;
	return l;
}

int bb_real_tcp_listen(struct bb_listener **lp, const struct bb_addr *local)
{
	bool v6 = bb_addr_family(local) == AF_INET6;
	struct real_listener *l = new_listener(false);
	int len = sizeof(l->base.local.u), err;

	if (!l)
		return -ENOMEM;
	/* libuv keeps "address in use" to itself until listening. */
	err = uv_tcp_bind(&l->h.tcp, &local->u.sa, v6 ? UV_TCP_IPV6ONLY : 0);
	if (!err)
		err = uv_listen(&l->h.stream, BACKLOG, incoming);
	if (!err)
		err = uv_tcp_getsockname(&l->h.tcp, &l->base.local.u.sa, &len);
	if (err) {
		uv_close(&l->h.handle, listener_gone);
		return err;
	}
	*lp = &l->base;
	return 0;
}

/* A socket file whose owner died is in the way; one that answers is not ours to take. */
static int clear_path(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, err = 0;

	if (bb_str_copy(un.sun_path, sizeof(un.sun_path), bb_strz(path)))
		return -ENAMETOOLONG;
	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0 || errno == EAGAIN)
		err = -EADDRINUSE;
	else if (errno == ECONNREFUSED && unlink(path))
		err = -errno;
	close(fd);
	return err;
}

int bb_real_unix_listen(struct bb_listener **lp, const char *path)
{
	struct real_listener *l;
	mode_t mask;
	int err = clear_path(path);

	if (err)
		return err;
	l = new_listener(true);
	if (!l)
		return -ENOMEM;
	/* Nobody else may get in, not even between bind and chmod. */
	mask = umask(0177);
	err = uv_pipe_bind(&l->h.pipe, path);
	umask(mask);
	if (!err)
		err = uv_listen(&l->h.stream, 64, incoming);
	if (err) {
		uv_close(&l->h.handle, listener_gone);
		return err;
	}
	*lp = &l->base;
	return 0;
}

void bb_real_listener_close(struct bb_listener *base)
{
	struct real_listener *l = bb_container_of(base, struct real_listener, base);

	uv_close(&l->h.handle, listener_gone);
}
