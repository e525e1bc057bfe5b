/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings, buffers, memory, maps, lists, randomness, addresses. */
#include <limits.h>
#include <stdio.h>

#include <bellbird/list.h>
#include <bellbird/map.h>
#include <bellbird/net.h>

#include "bbtest.h"
#include "core/base/mem_core.h"

START_TEST(comparing)
{
	ck_assert(bb_str_ieq(BB_STR("INVITE"), BB_STR("invite")));
	ck_assert(!bb_str_ieq(BB_STR("INVITE"), BB_STR("INVITES")));
	/* '@' and '`' differ by the case bit and by nothing else. */
	ck_assert(!bb_str_ieq(BB_STR("@"), BB_STR("`")));
	ck_assert(!bb_str_ieq(BB_STR("\xc4"), BB_STR("\xe4")));
	ck_assert_int_lt(bb_str_cmp(BB_STR("a"), BB_STR("ab")), 0);
	ck_assert_int_gt(bb_str_cmp(BB_STR("b"), BB_STR("ab")), 0);
	ck_assert_int_eq(bb_str_icmp(BB_STR("AB"), BB_STR("ab")), 0);
	ck_assert_int_lt(bb_str_cmp(BB_STR("\x01"), BB_STR("\xff")), 0);
	ck_assert(bb_str_starts(BB_STR("sip:x"), BB_STR("sip:")));
	ck_assert(bb_str_istarts(BB_STR("SIP:x"), BB_STR("sip:")));
	ck_assert(!bb_str_starts(BB_STR("si"), BB_STR("sip:")));
	ck_assert(bb_str_eq(bb_strz(NULL), BB_STR("")));
}
END_TEST

/* bb_format() says what snprintf() says, whole or cut. */
#define SAME(...)                                                                                  \
	do {                                                                                       \
		for (size_t cap = 0; cap <= sizeof(mine); cap += cap < 9 ? 1 : 23) {               \
			memset(mine, '!', sizeof(mine));                                           \
			memset(theirs, '!', sizeof(theirs));                                       \
			ck_assert_int_eq(bb_format(mine, cap, __VA_ARGS__),                        \
					 snprintf(theirs, cap, __VA_ARGS__));                      \
			ck_assert(memcmp(mine, theirs, sizeof(mine)) == 0);                        \
		}                                                                                  \
	} while (0)

START_TEST(formatting)
{
	char mine[78], theirs[78];
	const char *volatile none = NULL;

	SAME("nothing to do");
	SAME("%s and %s, 100%%%c", "one", "", '!');
	SAME("%.*s|%.3s|%.0s|%10s|%8.2s|%s", 2, "abcdef", "abcdef", "abc", "right", "abc", none);
	SAME("%d %i %u %d %d", 0, -1, UINT32_MAX, INT32_MIN, INT32_MAX);
	SAME("%ld %lu %lld %llu %zu", -5L, 5UL, LLONG_MIN, ULLONG_MAX, (size_t)77);
	SAME("%x %X %08x %4u|%04d|%4d|%12s", 0xbeefu, 0xbeefu, 0x12u, 7u, -7, -7, "x");
	/* What is not done by hand, first, in the middle and last. */
	SAME("%-8s|%u", "left", 3u);
	SAME("%s=%5.2f in %d", "pi", 3.14159, 7);
	SAME("%d %+d %#x", 1, 2, 0x30u);
	SAME("%hhu %.3d %p", (unsigned char)200, 5, NULL);
}
END_TEST

/* Each byte counts wherever it stands, and with folding the case of letters alone does not. */
START_TEST(hashing)
{
	char a[20], b[20];

	for (size_t l = 1; l < sizeof(a); l++)
		for (size_t at = 0; at < l; at++)
			for (unsigned c = 1; c < 256; c++) {
				bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 128;

				memset(a, 'm', l);
				memset(b, 'm', l);
				a[at] = (char)c;
				b[at] = (char)(c ^ 0x20);
				ck_assert(bb_str_hash(bb_strn(a, l), false) !=
					  bb_str_hash(bb_strn(b, l), false));
				ck_assert((bb_str_hash(bb_strn(a, l), true) ==
					   bb_str_hash(bb_strn(b, l), true)) == letter);
			}
	ck_assert(bb_str_hash(bb_strn("a\0", 2), false) != bb_str_hash(BB_STR("a"), false));
}
END_TEST

START_TEST(cutting)
{
	struct bb_str rest = BB_STR("a, b ,,c,"), piece;
	struct bb_buf got = { 0 };

	while (bb_str_split(&rest, ',', &piece))
		bb_buf_printf(&got, "<%.*s>", BB_FMT(piece));
	ck_assert_str_eq(bb_buf_cstr(&got), "<a><b><><c><>");
	bb_buf_free(&got);
	bbt_str_eq(bb_str_trim(BB_STR(" \t x y \r\n")), "x y");
	bbt_str_eq(bb_str_trim(BB_STR(" \t ")), "");
	bbt_str_eq(bb_str_sub(BB_STR("hello"), 1, 3), "ell");
	bbt_str_eq(bb_str_sub(BB_STR("hello"), 9, 3), "");
	bbt_str_eq(bb_str_sub(BB_STR("hello"), 3, SIZE_MAX), "lo");
	ck_assert_int_eq(bb_str_chr(BB_STR("a@b"), '@'), 1);
	ck_assert_int_eq(bb_str_chr(bb_strn(NULL, 0), '@'), -1);
	ck_assert_int_eq(bb_str_find(BB_STR("abcabd"), BB_STR("abd")), 3);
	ck_assert_int_eq(bb_str_find(BB_STR("ab"), BB_STR("abd")), -1);
}
END_TEST

START_TEST(numbers)
{
	uint64_t u;
	int64_t i;
	double d;
	bool b;

	ck_assert_int_eq(bb_str_u64(BB_STR("18446744073709551615"), &u), 0);
	ck_assert(u == UINT64_MAX);
	ck_assert_int_eq(bb_str_u64(BB_STR("18446744073709551616"), &u), -ERANGE);
	ck_assert_int_eq(bb_str_u64(BB_STR("99999999999999999999999x"), &u), -EINVAL);
	ck_assert_int_eq(bb_str_u64(BB_STR(""), &u), -EINVAL);
	ck_assert_int_eq(bb_str_u64(BB_STR("-1"), &u), -EINVAL);
	ck_assert_int_eq(bb_str_i64(BB_STR("-9223372036854775808"), &i), 0);
	ck_assert(i == INT64_MIN);
	ck_assert_int_eq(bb_str_i64(BB_STR("9223372036854775808"), &i), -ERANGE);
	ck_assert_int_eq(bb_str_i64(BB_STR("-"), &i), -EINVAL);
	ck_assert_int_eq(bb_str_double(BB_STR("1.5"), &d), 0);
	ck_assert(d == 1.5);
	ck_assert_int_eq(bb_str_double(BB_STR("1.5x"), &d), -EINVAL);
	ck_assert_int_eq(bb_str_double(BB_STR("nan"), &d), -EINVAL);
	ck_assert_int_eq(bb_str_double(BB_STR("1e999"), &d), -ERANGE);
	ck_assert_int_eq(bb_str_bool(BB_STR("On"), &b), 0);
	ck_assert(b);
	ck_assert_int_eq(bb_str_bool(BB_STR("f"), &b), 0);
	ck_assert(!b);
	ck_assert_int_eq(bb_str_bool(BB_STR("maybe"), &b), -EINVAL);
}
END_TEST

START_TEST(copies_and_distances)
{
	char text[4];

	ck_assert_int_eq(bb_str_copy(text, sizeof(text), BB_STR("abc")), 0);
	ck_assert_str_eq(text, "abc");
	ck_assert_int_eq(bb_str_copy(text, sizeof(text), BB_STR("abcd")), -ENAMETOOLONG);
	ck_assert_str_eq(text, "abc");
	ck_assert_uint_eq(bb_str_distance(BB_STR("Dial"), BB_STR("dial")), 0);
	ck_assert_uint_eq(bb_str_distance(BB_STR("Dail"), BB_STR("Dial")), 1);
	ck_assert_uint_eq(bb_str_distance(BB_STR("Playbck"), BB_STR("Playback")), 1);
	ck_assert_uint_eq(bb_str_distance(BB_STR(""), BB_STR("abc")), 3);
	ck_assert_uint_eq(bb_str_hash(BB_STR("AbC"), true), bb_str_hash(BB_STR("aBc"), true));
	ck_assert_uint_ne(bb_str_hash(BB_STR("AbC"), false), bb_str_hash(BB_STR("aBc"), false));
}
END_TEST

START_TEST(buffers)
{
	BBT_OOM(50)
	{
		struct bb_buf b = { 0 };

		ck_assert_str_eq(bb_buf_cstr(&b), "");
		for (int i = 0; i < 40; i++)
			bb_buf_printf(&b, "%d-%s,", i, "some words");
		bb_buf_putc(&b, '!');
		if (!bbt_oom) {
			ck_assert_int_eq(b.err, 0);
			ck_assert_uint_eq(strlen(b.p), b.l);
			ck_assert(bb_str_starts(bb_buf_str(&b), BB_STR("0-some words,1-")));
			bb_buf_consume(&b, 13);
			ck_assert(bb_str_starts(bb_buf_str(&b), BB_STR("1-some")));
			bb_buf_truncate(&b, 6);
			ck_assert_str_eq(bb_buf_cstr(&b), "1-some");
			bb_buf_consume(&b, 99);
			ck_assert_uint_eq(b.l, 0);
		} else {
			ck_assert(b.err == 0 || b.err == -ENOMEM);
		}
		bb_buf_free(&b);
		ck_assert_ptr_null(b.p);
	}
}
END_TEST

static void read_shelf(size_t *n, size_t *bytes, size_t *most)
{
	*n = 3;
	*bytes = 30;
	*most = 300;
}

START_TEST(memory_in_all)
{
	struct bb_mem_gauge shelf = { .name = "shelf", .read = read_shelf };
	struct bb_mem_stats before, after;
	size_t n = 0;
	void *p;

	bb_mem_stats(&before);
	p = bb_alloc(3000000);
	ck_assert_ptr_nonnull(p);
	bb_mem_stats(&after);
	/* A C library that cannot tell says nothing rather than something wrong. */
	ck_assert(after.used >= before.used + 3000000 || after.used == 0);
	bb_free(p);
	bb_mem_stats(&after);
	ck_assert_uint_lt(after.used, before.used + 3000000);
	bb_mem_gauge_add(&shelf);
	bb_mem_gauge_add(&shelf);
	for (struct bb_mem_gauge *g = NULL; (g = bb_mem_gauge_next(g));)
		n += g == &shelf;
	ck_assert_uint_eq(n, 1);
	bb_mem_gauge_remove(&shelf);
	for (struct bb_mem_gauge *g = NULL; (g = bb_mem_gauge_next(g));)
		ck_assert_ptr_ne(g, &shelf);
}
END_TEST

START_TEST(arenas)
{
	BBT_OOM(50)
	{
		struct bb_arena *a = bb_arena_new(64);
		char *text[50];

		if (!a)
			continue;
		for (unsigned i = 0; i < 50; i++) {
			char *block = bb_arena_alloc(a, i * 7);

			text[i] = bb_arena_printf(a, "text %u", i);
			ck_assert(bbt_oom || (block && text[i]));
			ck_assert(((uintptr_t)block & 7) == 0);
			for (unsigned k = 0; block && k < i * 7; k++)
				ck_assert_int_eq(block[k], 0);
			if (block)
				memset(block, 0xaa, i * 7);
		}
		for (unsigned i = 0; i < 50; i++) {
			char want[20];

			snprintf(want, sizeof(want), "text %u", i);
			if (text[i])
				ck_assert_str_eq(text[i], want);
		}
		bb_arena_reset(a);
		ck_assert_uint_le(bb_arena_size(a), 256);
		ck_assert_ptr_nonnull(bb_arena_alloc(a, 10));
		bb_arena_free(a);
	}
}
END_TEST

static unsigned destroyed;

static void destroy(void *obj)
{
	destroyed++;
}

static void find_type(const char *type, size_t live, size_t bytes, void *arg)
{
	if (strcmp(type, "test-thing") == 0) {
		ck_assert_uint_eq(live, 1);
		ck_assert_uint_ge(bytes, 100);
		*(unsigned *)arg += 1;
	}
}

START_TEST(objects)
{
	unsigned found = 0;
	char *o;

	BBT_OOM(20)
	{
		o = bb_obj_new(100, destroy, "test-thing");
		if (!o)
			continue;
		ck_assert_uint_eq(bb_obj_refs(o), 1);
		ck_assert_ptr_eq(bb_obj_ref(o), o);
		bb_obj_unref(o);
		ck_assert_int_eq(o[99], 0);
		destroyed = 0;
		bb_obj_unref(o);
		ck_assert_uint_eq(destroyed, 1);
	}
	ck_assert_uint_eq(bb_obj_live("test-thing"), 0);
	o = bb_obj_new(100, destroy, "test-thing");
	ck_assert_uint_eq(bb_obj_live("test-thing"), 1);
	ck_assert_uint_eq(bb_obj_live(NULL), 1);
	bb_obj_each_type(find_type, &found);
	ck_assert_uint_eq(found, 1);
	bb_obj_unref(o);
	bb_obj_unref(NULL);
}
END_TEST

START_TEST(failing_on_purpose)
{
	void *a, *b, *c;

	bb_mem_fail_at(2);
	a = bb_alloc(1);
	b = bb_zalloc(1);
	c = bb_alloc(1);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(b);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(bb_mem_fail_at(0), 3);
	bb_free(a);
	bb_free(c);
	a = bb_strdup(BB_STR("x"));
	b = bb_sprintf("%d", 5);
	ck_assert_str_eq(a, "x");
	ck_assert_str_eq(b, "5");
	bb_free(a);
	bb_free(b);
}
END_TEST

struct entry {
	struct bb_map_node node;
	char key[16];
	unsigned n;
};

START_TEST(maps)
{
	static struct entry e[300];

	BBT_OOM(50)
	{
		struct bb_map m = { .fold = true };
		struct bb_map_iter it = { 0 };
		struct bb_map_node *n;
		unsigned in = 0, seen = 0;

		memset(e, 0, sizeof(e));
		for (unsigned i = 0; i < 300; i++) {
			e[i].n = i;
			snprintf(e[i].key, sizeof(e[i].key), "Key%u", i % 200);
			if (!bb_map_add(&m, &e[i].node, bb_strz(e[i].key)))
				in++;
		}
		ck_assert_uint_eq(m.count, in);
		if (!bbt_oom)
			ck_assert_uint_eq(in, 300);
		if (in == 300) {
			n = bb_map_get(&m, BB_STR("kEY7"));
			ck_assert_ptr_eq(n, &e[7].node);
			n = bb_map_next_same(&m, n);
			ck_assert_ptr_eq(n, &e[207].node);
			ck_assert_ptr_null(bb_map_next_same(&m, n));
			ck_assert_ptr_null(bb_map_get(&m, BB_STR("key200")));
		}
		while ((n = bb_map_next(&m, &it))) {
			seen++;
			bb_map_remove(&m, n);
			bb_map_remove(&m, n);
		}
		ck_assert_uint_eq(seen, in);
		ck_assert_uint_eq(m.count, 0);
		ck_assert_ptr_null(bb_map_get(&m, BB_STR("key7")));
		bb_map_free(&m);
	}
}
END_TEST

START_TEST(lists)
{
	struct entry_l {
		struct bb_node node;
		int n;
	} e[5] = { 0 };
	struct bb_list l = { 0 };
	int sum = 0;

	for (int i = 0; i < 5; i++) {
		e[i].n = i;
		bb_list_append(&l, &e[i].node);
	}
	bb_list_each (n, &l) {
		sum += bb_list_entry(n, struct entry_l, node)->n;
		if (n == &e[2].node)
			bb_list_remove(n);
	}
	ck_assert_int_eq(sum, 10);
	ck_assert_uint_eq(l.count, 4);
	bb_list_remove(&e[2].node);
	ck_assert(!bb_node_linked(&e[2].node));
	bb_list_prepend(&l, &e[2].node);
	ck_assert_ptr_eq(bb_list_pop(&l), &e[2].node);
	bb_list_insert(&l, &e[3].node, &e[2].node);
	ck_assert_ptr_eq(e[1].node.next, &e[2].node);
	ck_assert_ptr_eq(l.tail, &e[4].node);
}
END_TEST

START_TEST(randomness)
{
	unsigned hits[10] = { 0 };
	char a[41], b[41];

	bb_random_text(a, 40);
	bb_random_text(b, 40);
	ck_assert_uint_eq(strlen(a), 40);
	ck_assert_uint_eq(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz"), 40);
	ck_assert_str_ne(a, b);
	for (int i = 0; i < 10000; i++)
		hits[bb_random_below(10)]++;
	for (int i = 0; i < 10; i++)
		ck_assert_uint_gt(hits[i], 700);
	ck_assert_uint_eq(bb_random_below(0), 0);
	ck_assert_uint_eq(bb_random_below(1), 0);
}
END_TEST

START_TEST(addresses)
{
	static const char *const same[] = { "192.0.2.1:5060", "[2001:db8::1]:5061", "[fe80::1%7]:1",
					    "0.0.0.0:0", "[::ffff:192.0.2.1]:5060" };
	static const char *const bad[] = { "",	       "192.0.2", "192.0.2.1:",	 "1.2.3.4:70000",
					   "[::1",     "[::1]x",  "example.com", "1.2.3.4:-1",
					   "256.1.1.1" };
	char text[BB_ADDR_TEXT];
	struct bb_addr a, b;

	for (unsigned i = 0; i < BB_ARRAY_SIZE(same); i++) {
		ck_assert_int_eq(bb_addr_parse(&a, bb_strz(same[i])), 0);
		ck_assert_str_eq(bb_addr_print(&a, text), same[i]);
	}
	for (unsigned i = 0; i < BB_ARRAY_SIZE(bad); i++)
		ck_assert_msg(bb_addr_parse(&a, bb_strz(bad[i])) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("192.0.2.1:5060")), 0);
	ck_assert_int_eq(bb_addr_parse(&b, BB_STR("[::ffff:192.0.2.1]:5060")), 0);
	ck_assert(bb_addr_eq(&a, &b));
	ck_assert_uint_eq(bb_addr_hash(&a), bb_addr_hash(&b));
	bb_addr_set_port(&b, 5061);
	ck_assert(!bb_addr_eq(&a, &b));
	ck_assert(bb_addr_eq_host(&a, &b));
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("::1")), 0);
	ck_assert(bb_addr_is_loopback(&a));
	ck_assert_int_eq(bb_addr_from(&a, BB_STR("172.31.0.1"), 7), 0);
	ck_assert(bb_addr_is_private(&a));
	ck_assert_uint_eq(bb_addr_port(&a), 7);
	ck_assert_int_eq(bb_addr_from(&a, BB_STR("172.32.0.1"), 7), 0);
	ck_assert(!bb_addr_is_private(&a));
	ck_assert_int_eq(bb_addr_from(&a, BB_STR("fd00::1"), 7), 0);
	ck_assert(bb_addr_is_private(&a));
}
END_TEST

START_TEST(networks)
{
	struct bb_addr in, out, six;
	struct bb_cidr c;

	ck_assert_int_eq(bb_addr_parse(&in, BB_STR("10.1.2.3")), 0);
	ck_assert_int_eq(bb_addr_parse(&out, BB_STR("10.2.0.0")), 0);
	ck_assert_int_eq(bb_addr_parse(&six, BB_STR("2001:db8:1::5")), 0);
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.1.0.0/16")), 0);
	ck_assert(bb_cidr_has(&c, &in));
	ck_assert(!bb_cidr_has(&c, &out));
	ck_assert(!bb_cidr_has(&c, &six));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.1.0.0/255.255.0.0")), 0);
	ck_assert_uint_eq(c.bits, 16);
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("0.0.0.0/0")), 0);
	ck_assert(bb_cidr_has(&c, &in));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("0.0.0.0/0.0.0.0")), 0);
	ck_assert(bb_cidr_has(&c, &out));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.1.2.3")), 0);
	ck_assert(bb_cidr_has(&c, &in));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("2001:db8::/33")), 0);
	ck_assert(bb_cidr_has(&c, &six));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("2001:db8::/48")), 0);
	ck_assert(!bb_cidr_has(&c, &six));
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.0.0.0/33")), -EINVAL);
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.0.0.0/255.0.255.0")), -EINVAL);
	ck_assert_int_eq(bb_cidr_parse(&c, BB_STR("10.0.0.0/")), -EINVAL);
}
END_TEST

BBT_MAIN("core/base",
	 BBT_CASE("str", BBT_NO_LOOP, comparing, formatting, hashing, cutting, numbers,
		  copies_and_distances),
	 BBT_CASE("mem", BBT_NO_LOOP, buffers, arenas, memory_in_all, objects, failing_on_purpose,
		  maps, lists),
	 BBT_CASE("random", BBT_NO_LOOP, randomness),
	 BBT_CASE("addr", BBT_NO_LOOP, addresses, networks))
