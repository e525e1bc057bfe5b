/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conn.c - stream connections of any type: cutting messages out of the
 * stream (RFC 3261 section 18.3), keep-alive (RFC 5626 section 3.5.1), reuse,
 * caps and timeouts.
 *
 * One timer a connection serves all its deadlines. It is set to the earliest
 * one and looks at the clock when it fires, so that traffic costs no timer
 * work.
 */
#include "modules/sip/chars.h"
#include "modules/sip/stack.h"

static void conn_destroy(void *obj)
{
	struct sip_conn *c = obj;

	bb_buf_free(&c->in);
	bb_buf_free(&c->pending);
}

/* --- tables --- */

static void peer_key(char key[SIP_PEER_KEY], enum sip_tp type, const struct bb_addr *a)
{
	uint16_t port = bb_addr_port(a);

	key[0] = (char)type;
	sip_host_key(key + 1, a);
	memcpy(key + 1 + SIP_HOST_KEY, &port, sizeof(port));
}

struct sip_conn *sip_conn_find(struct sip_stack *s, uint64_t id)
{
	struct bb_map_node *n = bb_map_get(&s->conns_by_id, bb_strn((const char *)&id, sizeof(id)));

	return n ? bb_map_entry(n, struct sip_conn, by_id) : NULL;
}

struct sip_conn *sip_conn_to(struct sip_stack *s, enum sip_tp type, const struct bb_addr *remote)
{
	char key[SIP_PEER_KEY];
	struct bb_map_node *n;

	peer_key(key, type, remote);
	n = bb_map_get(&s->conns_by_peer, bb_strn(key, sizeof(key)));
	return n ? bb_map_entry(n, struct sip_conn, by_peer) : NULL;
}

/* --- deadlines --- */

static void earliest(bb_time *at, bb_time deadline)
{
	if (!*at || deadline < *at)
		*at = deadline;
}

static bb_time dead_at(const struct sip_conn *c, int *err)
{
	const struct sip_stack_conf *conf = &c->stack->conf;
	bb_time at = 0, last = c->last_rx > c->last_tx ? c->last_rx : c->last_tx;

	*err = -ETIMEDOUT;
	if (!c->connected)
		return c->since + conf->connect_timeout;
	if (c->incoming && !c->proven)
		earliest(&at, c->since + conf->first_timeout);
	if (c->begun)
		earliest(&at, c->begun + conf->first_timeout);
	if (conf->idle_timeout)
		earliest(&at, last + conf->idle_timeout);
	return at;
}

static void on_timer(void *arg);

static void arm(struct sip_conn *c)
{
	const struct sip_stack_conf *conf = &c->stack->conf;
	bb_time at;
	int err;

	at = dead_at(c, &err);
	if (conf->keep_alive && c->connected)
		earliest(&at, c->last_tx + conf->keep_alive);
	if (!at) {
		bb_timer_cancel(&c->timer);
		return;
	}
	if (!bb_timer_active(&c->timer) || at < c->timer.at)
		bb_timer_set_at(&c->timer, at, on_timer, c, BB_WHERE);
}

static void on_timer(void *arg)
{
	struct sip_conn *c = arg;
	bb_time at;
	int err;

	at = dead_at(c, &err);
	if (at && at <= bb_now()) {
		sip_conn_close(c, err);
		return;
	}
	if (c->stack->conf.keep_alive && c->connected &&
	    c->last_tx + c->stack->conf.keep_alive <= bb_now()) {
		bb_obj_ref(c);
		sip_conn_send(c, BB_STR("\r\n\r\n"));
		if (!c->dead)
			arm(c);
		bb_obj_unref(c);
		return;
	}
	arm(c);
}

/* --- opening and closing --- */

static int conn_new(struct sip_conn **cp, struct sip_transport *t, const struct bb_addr *remote)
{
	struct sip_stack *s = t->stack;
	struct sip_conn *c;

	if (s->conns.count >= s->conf.max_connections) {
		s->stats.conns_refused++;
		return -ENOBUFS;
	}
	c = bb_obj_new(sizeof(*c), conn_destroy, "sip_conn");
	if (!c)
		return -ENOMEM;
	c->stack = s;
	c->tp = t;
	c->flow = (struct sip_flow){
		.type = t->type, .transport = t->id, .conn = ++s->last_conn, .remote = *remote
	};
	c->since = c->last_rx = c->last_tx = bb_now();
	peer_key(c->peer_key, t->type, remote);
	if (bb_map_add(&s->conns_by_id, &c->by_id,
		       bb_strn((const char *)&c->flow.conn, sizeof(c->flow.conn))) ||
	    bb_map_add(&s->conns_by_peer, &c->by_peer, bb_strn(c->peer_key, SIP_PEER_KEY))) {
		bb_map_remove(&s->conns_by_id, &c->by_id);
		bb_obj_unref(c);
		return -ENOMEM;
	}
	bb_list_append(&s->conns, &c->node);
	*cp = c;
	return 0;
}

/* Out of all tables; the object lives on while a callback holds it. */
static void conn_unlink(struct sip_conn *c)
{
	struct sip_stack *s = c->stack;

	c->dead = true;
	bb_timer_cancel(&c->timer);
	bb_list_remove(&c->node);
	bb_map_remove(&s->conns_by_id, &c->by_id);
	bb_map_remove(&s->conns_by_peer, &c->by_peer);
	if (c->source)
		c->source->conns--;
	sip_source_unref(s, c->source);
	c->source = NULL;
	c->tp->ops->disconnect(c);
}

int sip_conn_open(struct sip_conn **cp, struct sip_transport *t, const struct bb_addr *remote)
{
	struct sip_conn *c;
	int err = conn_new(&c, t, remote);

	if (err)
		return err;
	c->flow.local = t->local;
	if (bb_addr_is_any(&t->local) && !bb_addr_source_for(&c->flow.local, remote))
		bb_addr_set_port(&c->flow.local, bb_addr_port(&t->local));
	err = t->ops->connect(c);
	if (err) {
		conn_unlink(c);
		bb_obj_unref(c);
		return err;
	}
	arm(c);
	*cp = c;
	return 0;
}

int sip_conn_accepted(struct sip_conn **cp, struct sip_transport *t, const struct bb_addr *local,
		      const struct bb_addr *remote)
{
	struct sip_stack *s = t->stack;
	struct sip_source *src = sip_source_ref(s, remote, false);
	struct sip_conn *c;
	int err = -ENOMEM;

	if (!src)
		return -ENOMEM;
	if (src->conns >= s->conf.max_connections_per_source) {
		s->stats.conns_refused++;
		err = -ENOBUFS;
	} else {
		err = conn_new(&c, t, remote);
	}
	if (err) {
		sip_source_unref(s, src);
		return err;
	}
	c->source = src;
	src->conns++;
	c->incoming = c->connected = true;
	c->flow.local = *local;
	arm(c);
	*cp = c;
	return 0;
}

void sip_conn_close(struct sip_conn *c, int err)
{
	struct sip_stack *s = c->stack;

	if (c->dead)
		return;
	conn_unlink(c);
	sip_ctrans_conn_lost(c, err);
	/* One that stood is opened anew for the next response (section 18.2.2). */
	if (!c->connected)
		sip_strans_conn_failed(s, c->flow.conn, err);
	if (s->ops.closed && !s->closing)
		s->ops.closed(&c->flow, err, s->arg);
	bb_obj_unref(c);
}

void sip_conn_connected(struct sip_conn *c)
{
	struct bb_buf pending = c->pending;

	c->connected = true;
	c->last_rx = bb_now();
	c->pending = (struct bb_buf){ 0 };
	bb_timer_cancel(&c->timer);
	bb_obj_ref(c);
	if (pending.l)
		sip_conn_send(c, bb_buf_str(&pending));
	bb_buf_free(&pending);
	if (!c->dead)
		arm(c);
	bb_obj_unref(c);
}

int sip_conn_send(struct sip_conn *c, struct bb_str text)
{
	int err;

	if (c->dead)
		return -ENOTCONN;
	c->last_tx = bb_now();
	if (c->connected)
		return c->tp->ops->write(c, text);
	if (c->pending.l + text.l > SIP_PENDING_MAX)
		return -ENOBUFS;
	bb_buf_putstr(&c->pending, text);
	err = c->pending.err;
	return err;
}

/* --- framing --- */

/* Content-Length among raw header lines: -1 none, -2 broken or two different ones. */
static int64_t find_length(struct bb_str head)
{
	int64_t found = -1;

	while (head.l) {
		const char *lf = memchr(head.p, '\n', head.l);
		size_t l = lf ? (size_t)(lf - head.p) + 1 : head.l;
		struct bb_str line = bb_strn(head.p, l);
		ptrdiff_t colon;
		uint64_t n;

		head = bb_strn(head.p + l, head.l - l);
		if (sip_lower(line.p[0]) != 'c' && sip_lower(line.p[0]) != 'l')
			continue;
		colon = bb_str_chr(line, ':');
		if (colon <= 0 || sip_hdr_id_of(bb_str_trim(bb_strn(line.p, (size_t)colon))) !=
					  SIP_HDR_CONTENT_LENGTH)
			continue;
		/* The value may stand on a continuation line. */
		while (head.l && sip_is_ws(head.p[0])) {
			lf = memchr(head.p, '\n', head.l);
			l = lf ? (size_t)(lf - head.p) + 1 : head.l;
			line.l += l;
			head = bb_strn(head.p + l, head.l - l);
		}
		line = bb_str_trim(bb_str_sub(line, (size_t)colon + 1, line.l));
		if (!sip_all(line, SIP_C_DIGIT) || bb_str_u64(line, &n) || n > SIP_MAX_MESSAGE ||
		    (found >= 0 && (int64_t)n != found))
			return -2;
		found = (int64_t)n;
	}
	return found;
}

int sip_frame(struct bb_str in, size_t *scanned, size_t *total)
{
	size_t i = *scanned;
	int64_t body;

	while (i < in.l) {
		const char *lf = memchr(in.p + i, '\n', in.l - i);

		if (!lf)
			break;
		i = (size_t)(lf - in.p) + 1;
		/* An empty line: LF LF or LF CR LF. */
		if (i < in.l && in.p[i] == '\n') {
			i += 1;
		} else if (i + 1 < in.l && in.p[i] == '\r' && in.p[i + 1] == '\n') {
			i += 2;
		} else {
			if (i + 1 >= in.l) { /* its end has not come yet: look at this LF again */
				i--;
				break;
			}
			continue;
		}
		*scanned = 0;
		body = find_length(bb_strn(in.p, i));
		if (body < 0) {
			*total = i;
			return -EBADMSG;
		}
		*total = i + (size_t)body;
		if (*total > in.l)
			*scanned = i > 4 ? i - 4 : 0;
		return *total <= in.l;
	}
	*scanned = i < in.l ? i : in.l;
	return 0;
}

/* Line ends between messages: a double one is a ping, which wants a single one back. */
static size_t take_pings(struct sip_conn *c, struct bb_str in)
{
	size_t i = 0;

	while (i < in.l && (in.p[i] == '\r' || in.p[i] == '\n')) {
		if (i + 4 <= in.l && !memcmp(in.p + i, "\r\n\r\n", 4)) {
			sip_conn_send(c, BB_STR("\r\n"));
			i += 4;
			continue;
		}
		/* Half a ping may be on its way: only a line end with something behind it is a
		 * pong. */
		if (in.l - i < 4 && in.p[i] == '\r' && !memcmp(in.p + i, "\r\n\r\n", in.l - i) &&
		    in.l - i != 2)
			break;
		i++;
	}
	return i;
}

/* @return bytes used, all messages that are whole. */
static size_t consume(struct sip_conn *c, struct bb_str in)
{
	size_t used = 0, total;
	int n;

	while (!c->dead) {
		struct bb_str rest = bb_strn(in.p + used, in.l - used);
		size_t skip = c->scanned ? 0 : take_pings(c, rest);

		used += skip;
		rest = bb_strn(in.p + used, in.l - used);
		if (!rest.l || rest.p[0] == '\r')
			break;
		n = sip_frame(rest, &c->scanned, &total);
		if (n == 0)
			break;
		c->proven = c->proven || n == 1;
		sip_stack_input(c->stack, &c->flow, rest.p, total, SIP_STREAM);
		used += total;
		/* The end of that message is unknown: so is the beginning of the next. */
		if (n < 0 && !c->dead)
			sip_conn_close(c, -EBADMSG);
	}
	return used;
}

void sip_conn_input(struct sip_conn *c, const char *data, size_t len)
{
	struct bb_str in = bb_strn(data, len);
	size_t used;

	if (c->dead)
		return;
	bb_obj_ref(c);
	c->last_rx = bb_now();
	if (c->in.l) {
		bb_buf_put(&c->in, data, len);
		in = bb_buf_str(&c->in);
	}
	used = c->in.err ? 0 : consume(c, in);
	if (c->dead)
		goto out;
	if (c->in.l)
		bb_buf_consume(&c->in, used);
	else if (used < len)
		bb_buf_put(&c->in, data + used, len - used);
	if (!c->in.l)
		bb_buf_free(&c->in);
	if (used || !c->in.l)
		c->begun = c->in.l ? bb_now() : 0;
	else if (!c->begun)
		c->begun = bb_now();
	if (c->in.err || c->in.l > 2 * SIP_MAX_MESSAGE)
		sip_conn_close(c, c->in.err ? -ENOMEM : -EMSGSIZE);
	else
		arm(c);
out:
	bb_obj_unref(c);
}

void sip_conn_each(struct sip_stack *s, void (*fn)(const struct sip_conn_info *i, void *arg),
		   void *arg)
{
	bb_list_each (n, &s->conns) {
		struct sip_conn *c = bb_list_entry(n, struct sip_conn, node);
		struct sip_conn_info i = {
			.id = c->flow.conn,
			.flow = c->flow,
			.incoming = c->incoming,
			.connected = c->connected,
			.since = c->since,
			.last = c->last_rx > c->last_tx ? c->last_rx : c->last_tx,
		};

		fn(&i, arg);
	}
}
