/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module that takes something at its start and gives nothing back, for the
 * tests of the registry: leaky.conf says what, and whether the start then fails.
 */
#include <bellbird/loop.h>
#include <bellbird/module.h>
#include <bellbird/net.h>

enum { NOTHING, TIMER, TASK, DATAGRAMS, LISTENER, CONNECTION, PROCESS, LOOKUP, WORK };
static const char *const words[] = { "nothing",	   "timer",   "task",	"datagrams", "listener",
				     "connection", "process", "lookup", "work",	     NULL };

struct leaky {
	int leave;
	bool fail;
};

static const struct bb_field fields[] = {
	{ .name = "leave",
	  .type = BB_T_ENUM,
	  .words = words,
	  .off = offsetof(struct leaky, leave),
	  .def = "nothing",
	  .doc = "What is left behind." },
	{ .name = "fail",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct leaky, fail),
	  .def = "no",
	  .doc = "Fail half-way." },
	{ 0 },
};
static const struct bb_conf_type types[] = {
	{ .file = "leaky.conf",
	  .section = "general",
	  .fields = fields,
	  .size = sizeof(struct leaky),
	  .doc = "What it does wrong." },
	{ 0 },
};

static struct bb_timer timer;
static struct bb_task task;
static struct bb_udp *udp;
static struct bb_listener *listener;
static struct bb_tcp *tcp;

/** How often the code that was left behind has been called. */
BB_API unsigned leaky_called;
unsigned leaky_called;

static void called(void *arg)
{
	leaky_called++;
}
static void received(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
}
static void accepted(struct bb_listener *l, struct bb_tcp *c, void *arg)
{
}
static void closed(struct bb_tcp *c, int err, void *arg)
{
	leaky_called++;
}
static void ended(struct bb_process *p, int status, void *arg)
{
	leaky_called++;
}
static void found(int err, const struct bb_addr *addrs, size_t n, void *arg)
{
	leaky_called++;
}
static int work(void *arg)
{
	return 0;
}
static void worked(int result, void *arg)
{
	leaky_called++;
}

static const struct bb_udp_ops udp_ops = { .recv = received };
static const struct bb_listener_ops listener_ops = { .accept = accepted };
static const struct bb_tcp_ops tcp_ops = { .closed = closed };
static const struct bb_process_ops process_ops = { .exit = ended };

static int leave(int what)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct bb_addr at;

	bb_addr_parse(&at, BB_STR("127.0.0.1:5099"));
	switch (what) {
	case TIMER:
		bb_timer_set(&timer, BB_SEC, called, NULL);
		return 0;
	case TASK:
		bb_task_post(&task, called, NULL);
		return 0;
	case DATAGRAMS:
		return bb_udp_open(&udp, &at, &udp_ops, NULL);
	case LISTENER:
		return bb_tcp_listen(&listener, &at, &listener_ops, NULL);
	case CONNECTION:
		return bb_tcp_connect(&tcp, &at, &tcp_ops, NULL);
	case PROCESS:
		return bb_process_spawn(NULL, argv, NULL, &process_ops, NULL);
	case LOOKUP:
		return bb_resolve(NULL, BB_STR("127.0.0.1"), 5060, found, NULL);
	case WORK:
		return bb_work(work, worked, NULL);
	default:
		return 0;
	}
}

/** What .stop should have done. */
BB_API void leaky_tidy(void);
void leaky_tidy(void)
{
	bb_timer_cancel(&timer);
	bb_task_cancel(&task);
	bb_udp_close(udp);
	bb_listener_close(listener);
	bb_tcp_close(tcp);
}

static int start(struct bb_self *self, struct bb_diag *d)
{
	const struct leaky *l = bb_conf_next(bb_conf_live(), &types[0], NULL);
	int err;

	memset(&timer, 0, sizeof(timer));
	memset(&task, 0, sizeof(task));
	udp = NULL;
	listener = NULL;
	tcp = NULL;
	leaky_called = 0;
	err = l ? leave(l->leave) : 0;
	return err ? err : l && l->fail ? -EIO : 0;
}

BB_MODULE(test_leaky, .conf = types, .start = start,
	  .doc = { .summary = "Leaves things behind", .since = "0.1" });
