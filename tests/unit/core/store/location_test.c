/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses-of-record: order, expiry, restart, failure, connections, watchers,
 * and how much memory a binding takes.
 */
#include <stdio.h>

#include <bellbird/loop.h>

#include "tests/unit/core/store/store_test.h"

static struct bb_location_change binding(const char *contact, unsigned q, bb_time lasts)
{
	struct bb_location_change ch = { .op = BB_LOC_PUT };

	ch.b.contact = bb_strz(contact);
	ch.b.params = BB_STR(";x=1");
	ch.b.path = BB_STR("");
	ch.b.call_id = BB_STR("abc@192.0.2.1");
	ch.b.cseq = 7;
	ch.b.q = q;
	ch.b.expires = bb_wall() + lasts;
	ch.b.user_agent = BB_STR("Test/1.0");
	ch.b.transport = BB_STR("udp");
	ch.b.instance = BB_STR("");
	bb_addr_parse(&ch.b.remote, BB_STR("192.0.2.1:5062"));
	bb_addr_parse(&ch.b.local, BB_STR("[2001:db8::1]:5060"));
	return ch;
}

struct answers {
	int err[16];
	size_t n;
};

static void answered(int err, void *arg)
{
	struct answers *a = arg;

	ck_assert_uint_lt(a->n, BB_ARRAY_SIZE(a->err));
	a->err[a->n++] = err;
}

static void put(const char *aor, const char *contact, unsigned q, bb_time lasts)
{
	struct bb_location_change ch = binding(contact, q, lasts);
	struct answers a = { .n = 0 };

	ck_assert_int_eq(bb_location_apply(bb_strz(aor), &ch, 1, answered, &a), 0);
	bb_sim_settle();
	ck_assert_uint_eq(a.n, 1);
	ck_assert_int_eq(a.err[0], 0);
}

/* "contact contact …" in the order they are given. */
static const char *list(const char *aor)
{
	static char text[1024];
	size_t n = 0;

	text[0] = '\0';
	for (const struct bb_binding *b = NULL; (b = bb_location_next(bb_strz(aor), b));)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", n ? " " : "",
				      BB_FMT(b->contact));
	return text;
}

START_TEST(test_order_and_refresh)
{
	const struct bb_binding *b;
	bb_time since;

	world_open(NULL);
	ck_assert_str_eq(list("alice"), "");
	put("alice", "sip:a@1", 500, 60 * BB_SEC);
	since = bb_location_next(BB_STR("alice"), NULL)->since;
	bb_sim_advance(BB_SEC);
	put("alice", "sip:a@2", 1000, 60 * BB_SEC);
	put("alice", "sip:a@3", 500, 60 * BB_SEC);
	ck_assert_str_eq(list("alice"), "sip:a@2 sip:a@1 sip:a@3");
	/* a refresh keeps its age */
	bb_sim_advance(BB_SEC);
	put("alice", "sip:a@1", 500, 60 * BB_SEC);
	ck_assert_str_eq(list("alice"), "sip:a@2 sip:a@1 sip:a@3");
	b = bb_location_next(BB_STR("alice"), bb_location_next(BB_STR("alice"), NULL));
	ck_assert_int_eq(b->since, since);
	ck_assert(b->reachable);
	ck_assert(bb_str_is(b->user_agent, "Test/1.0"));
	ck_assert_uint_eq(bb_addr_port(&b->remote), 5062);
	ck_assert_uint_eq(bb_location_count(BB_STR("alice")), 3);
	/* and a new q moves it */
	put("alice", "sip:a@1", 1000, 60 * BB_SEC);
	ck_assert_str_eq(list("alice"), "sip:a@1 sip:a@2 sip:a@3");
	ck_assert_str_eq(list("bob"), "");
	world_close();
}
END_TEST

static unsigned heard;
static void hear(struct bb_str aor, void *arg)
{
	ck_assert(bb_str_is(aor, "alice"));
	heard++;
}

START_TEST(test_whole_change)
{
	struct bb_location_change ch[3];
	struct answers a = { .n = 0 };

	world_open(NULL);
	put("alice", "sip:a@1", 1000, 60 * BB_SEC);
	ck_assert_int_eq(bb_location_watch(hear, NULL), 0);
	heard = 0;
	ch[0] = binding("sip:a@2", 1000, 60 * BB_SEC);
	ch[1] = binding("sip:a@1", 1000, 0);
	ch[1].op = BB_LOC_REMOVE;
	ch[2] = binding("sip:a@3", 900, 60 * BB_SEC);
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), ch, 3, answered, &a), 0);
	ck_assert_str_eq(list("alice"), "sip:a@2 sip:a@3");
	ck_assert_uint_eq(a.n, 0);
	bb_sim_settle();
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(heard, 1);
	/* Nothing, and nothing without a contact, is no change. */
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), ch, 0, NULL, NULL), -EINVAL);
	ck_assert_int_eq(bb_location_apply(BB_STR(""), ch, 1, NULL, NULL), -EINVAL);
	ch[0].b.contact = BB_STR("");
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), ch, 1, NULL, NULL), -EINVAL);
	bb_location_unwatch(hear, NULL);
	put("alice", "sip:a@9", 1000, 60 * BB_SEC);
	ck_assert_uint_eq(heard, 1);
	world_close();
}
END_TEST

START_TEST(test_expiry)
{
	struct bb_loop_stats st;
	size_t before;

	world_open(NULL);
	bb_loop_stats(&st);
	before = st.timers;
	ck_assert_int_eq(bb_location_watch(hear, NULL), 0);
	put("alice", "sip:a@3", 1000, 30 * BB_SEC);
	put("alice", "sip:a@1", 1000, 10 * BB_SEC);
	put("alice", "sip:a@2", 1000, 20 * BB_SEC);
	/* one timer for all bindings */
	bb_loop_stats(&st);
	ck_assert_uint_eq(st.timers, before + 1);
	heard = 0;
	bb_sim_advance(9 * BB_SEC);
	ck_assert_uint_eq(bb_location_count(BB_STR("alice")), 3);
	ck_assert_uint_eq(heard, 0);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_str_eq(list("alice"), "sip:a@3 sip:a@2");
	ck_assert_uint_eq(heard, 1);
	/* a refresh puts it off */
	put("alice", "sip:a@2", 1000, 60 * BB_SEC);
	heard = 0;
	bb_sim_advance(20 * BB_SEC);
	ck_assert_str_eq(list("alice"), "sip:a@2");
	ck_assert_uint_eq(heard, 1);
	bb_sim_advance(60 * BB_SEC);
	ck_assert_str_eq(list("alice"), "");
	bb_loop_stats(&st);
	ck_assert_uint_eq(st.timers, before);
	world_close();
}
END_TEST

START_TEST(test_failure_reverts)
{
	struct bb_location_change one = binding("sip:a@1", 1000, 60 * BB_SEC), two, gone;
	struct answers a = { .n = 0 };

	world_open(NULL);
	one.b.expires = bb_wall() + 60 * BB_SEC;
	two = binding("sip:a@2", 900, 60 * BB_SEC);
	gone = one;
	gone.op = BB_LOC_REMOVE;
	ck_assert_int_eq(bb_location_watch(hear, NULL), 0);
	bb_store_fail(-EIO);
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &one, 1, answered, &a), 0);
	ck_assert_str_eq(list("alice"), "sip:a@1");
	bb_sim_settle();
	ck_assert_uint_eq(a.n, 1);
	ck_assert_int_eq(a.err[0], -EIO);
	ck_assert_str_eq(list("alice"), "");
	bb_store_fail(0);
	put("alice", "sip:a@1", 1000, 60 * BB_SEC);
	/* A removal that fails brings the binding back; several in order. */
	bb_store_fail(-ENOSPC);
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &gone, 1, answered, &a), 0);
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &two, 1, answered, &a), 0);
	ck_assert_str_eq(list("alice"), "sip:a@2");
	bb_sim_settle();
	ck_assert_uint_eq(a.n, 3);
	ck_assert_int_eq(a.err[1], -ENOSPC);
	ck_assert_int_eq(a.err[2], -ENOSPC);
	ck_assert_str_eq(list("alice"), "sip:a@1");
	bb_store_fail(0);
	world_close();
}
END_TEST

START_TEST(test_connections)
{
	struct bb_location_change ch;
	const struct bb_binding *b;

	world_open(NULL);
	ck_assert_int_eq(bb_location_watch(hear, NULL), 0);
	put("alice", "sip:a@udp", 1000, 60 * BB_SEC);
	ch = binding("sip:a@tcp", 900, 60 * BB_SEC);
	ch.b.transport = BB_STR("tcp");
	ch.b.connection = 4711;
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &ch, 1, NULL, NULL), 0);
	bb_sim_settle();
	heard = 0;
	bb_location_connection_gone(1);
	bb_location_connection_gone(0);
	bb_sim_settle();
	ck_assert_uint_eq(heard, 0);
	bb_location_connection_gone(4711);
	bb_sim_settle();
	ck_assert_uint_eq(heard, 1);
	b = bb_location_next(BB_STR("alice"), NULL);
	ck_assert(b->reachable);
	b = bb_location_next(BB_STR("alice"), b);
	ck_assert(!b->reachable);
	/* It registers again over another one. */
	ch.b.connection = 4712;
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &ch, 1, NULL, NULL), 0);
	bb_sim_settle();
	b = bb_location_next(BB_STR("alice"), bb_location_next(BB_STR("alice"), NULL));
	ck_assert(b->reachable);
	ck_assert_uint_eq(b->connection, 4712);
	world_close();
}
END_TEST

START_TEST(test_restart)
{
	const char *path = temp_path();
	struct bb_location_change ch;
	const struct bb_binding *b;
	bb_time expires, since;

	world_open(path);
	put("alice", "sip:a@1", 700, 100 * BB_SEC);
	put("alice", "sip:a@short", 700, 5 * BB_SEC);
	ch = binding("sip:a@tcp", 900, 60 * BB_SEC);
	ch.b.transport = BB_STR("X-ODD");
	ch.b.connection = 12;
	ch.b.instance = BB_STR("<urn:uuid:1>");
	ch.b.path = BB_STR("<sip:p1;lr>");
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &ch, 1, NULL, NULL), 0);
	bb_sim_settle();
	b = bb_location_next(BB_STR("alice"), NULL);
	b = bb_location_next(BB_STR("alice"), b);
	expires = b->expires;
	since = b->since;
	bb_store_close();
	/* The PBX is down while one of them expires. */
	bb_sim_advance(10 * BB_SEC);
	world_restart(path);
	ck_assert_str_eq(list("alice"), "sip:a@tcp sip:a@1");
	b = bb_location_next(BB_STR("alice"), NULL);
	ck_assert(!b->reachable);
	ck_assert(bb_str_is(b->transport, "X-ODD"));
	ck_assert(bb_str_is(b->instance, "<urn:uuid:1>"));
	ck_assert(bb_str_is(b->path, "<sip:p1;lr>"));
	b = bb_location_next(BB_STR("alice"), b);
	ck_assert(b->reachable);
	ck_assert_int_eq(b->expires, expires);
	ck_assert_int_eq(b->since, since);
	ck_assert_uint_eq(b->q, 700);
	ck_assert_uint_eq(b->cseq, 7);
	ck_assert(bb_str_is(b->params, ";x=1"));
	ck_assert_uint_eq(bb_addr_port(&b->local), 5060);
	ck_assert_int_eq(bb_addr_family(&b->local), AF_INET6);
	/* and goes at its time */
	bb_sim_advance(91 * BB_SEC);
	ck_assert_str_eq(list("alice"), "");
	world_close();
}
END_TEST

START_TEST(test_bound)
{
	struct answers a = { .n = 0 };
	char contact[32];

	world_open(NULL);
	for (unsigned i = 0; i < 256; i++) {
		snprintf(contact, sizeof(contact), "sip:a@%u", i);
		put("alice", contact, 1000, 60 * BB_SEC);
	}
	struct bb_location_change ch = binding("sip:a@over", 1000, 60 * BB_SEC);
	ck_assert_int_eq(bb_location_apply(BB_STR("alice"), &ch, 1, answered, &a), -ENOSPC);
	bb_sim_settle();
	ck_assert_uint_eq(a.n, 0);
	ck_assert_uint_eq(bb_location_count(BB_STR("alice")), 256);
	world_close();
}
END_TEST

START_TEST(test_no_memory)
{
	struct bb_location_change ch[2];
	unsigned long n;

	world_open(NULL);
	for (n = 1; n < 200; n++) {
		struct answers a = { .n = 0 };
		int err;

		put("alice", "sip:a@1", 1000, 60 * BB_SEC);
		ch[0] = binding("sip:a@2", 900, 60 * BB_SEC);
		ch[1] = binding("sip:a@1", 0, 0);
		ch[1].op = BB_LOC_REMOVE;
		bb_mem_fail_at(n);
		err = bb_location_apply(BB_STR("alice"), ch, 2, answered, &a);
		bb_mem_fail_at(0);
		bb_sim_settle();
		ck_assert_uint_eq(a.n, err == 0);
		if (!err)
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_str_eq(list("alice"), "sip:a@1");
	}
	ck_assert_uint_gt(n, 5);
	ck_assert_uint_lt(n, 200);
	ck_assert_str_eq(list("alice"), "sip:a@2");
	world_close();
}
END_TEST

static void count(struct bb_str aor, const struct bb_binding *b, void *arg)
{
	++*(size_t *)arg;
}

START_TEST(test_memory)
{
	size_t bindings, aors, bytes, seen = 0;
	char aor[32], contact[64], id[64];

	world_open(NULL);
	for (unsigned i = 0; i < 10000; i++) {
		struct bb_location_change ch;

		snprintf(aor, sizeof(aor), "user%05u", i);
		snprintf(contact, sizeof(contact), "sip:user%05u@192.168.10.%u:5060;ob", i,
			 i % 250);
		snprintf(id, sizeof(id), "%08x-3f2a-4b1c-9d8e-%08x", i * 7919, i);
		ch = binding(contact, 1000, 3600 * BB_SEC + i * BB_MS);
		ch.b.call_id = bb_strz(id);
		ch.b.user_agent = BB_STR("Phone Model 42 / 7.1.3.9");
		ch.b.instance = BB_STR("<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>");
		ck_assert_int_eq(bb_location_apply(bb_strz(aor), &ch, 1, NULL, NULL), 0);
		if (i % 100 == 99)
			bb_sim_settle();
	}
	bb_location_stats(&bindings, &aors, &bytes);
	bb_location_each(count, &seen);
	ck_assert_uint_eq(bindings, 10000);
	ck_assert_uint_eq(seen, 10000);
	printf("location: %zu bytes a binding (10000 bindings, own allocations)\n",
	       bytes / bindings);
	ck_assert_uint_lt(bytes / bindings, 700);
	bb_sim_advance(3600 * BB_SEC + 10001 * BB_MS);
	bb_location_stats(&bindings, &aors, &bytes);
	ck_assert_uint_eq(bindings, 0);
	ck_assert_uint_eq(aors, 0);
	world_close();
}
END_TEST

Suite *location_suite(void)
{
	Suite *s = suite_create("location");
	TCase *t = tcase_create("location");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_order_and_refresh);
	tcase_add_test(t, test_whole_change);
	tcase_add_test(t, test_expiry);
	tcase_add_test(t, test_failure_reverts);
	tcase_add_test(t, test_connections);
	tcase_add_test(t, test_restart);
	tcase_add_test(t, test_bound);
	tcase_add_test(t, test_no_memory);
	tcase_add_test(t, test_memory);
	suite_add_tcase(s, t);
	return s;
}
