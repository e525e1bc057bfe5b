/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/location_disk.c - bindings as rows of the table `binding`.
 */
#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "core/store/location_int.h"

#define COLUMNS                                                                                    \
	"aor, contact, params, path, call_id, cseq, q, expires, user_agent, transport, local, "    \
	"remote, stream, instance, node, since"
#define N_COLUMNS 16

static struct bb_sql_value text(struct bb_str s)
{
	return (struct bb_sql_value){ .type = BB_SQL_TEXT, .s = s };
}

static struct bb_sql_value number(int64_t i)
{
	return (struct bb_sql_value){ .type = BB_SQL_INT, .i = i };
}

static struct bb_sql_value address(const struct bb_addr *a, char buf[BB_ADDR_TEXT])
{
	buf[0] = '\0';
	if (bb_addr_set(a))
		bb_addr_print(a, buf);
	return text(bb_strz(buf));
}

int bb_loc_disk_put(struct bb_store_batch *batch, struct bb_str aor, const struct bb_binding *b)
{
	char local[BB_ADDR_TEXT], remote[BB_ADDR_TEXT];
	const struct bb_sql_value v[N_COLUMNS] = {
		text(aor),
		text(b->contact),
		text(b->params),
		text(b->path),
		text(b->call_id),
		number(b->cseq),
		number(b->q),
		number(b->expires),
		text(b->user_agent),
		text(b->transport),
		address(&b->local, local),
		address(&b->remote, remote),
		number(b->connection != 0),
		text(b->instance),
		number(b->node),
		number(b->since),
	};

	return bb_store_batch_add(batch,
				  "INSERT OR REPLACE INTO binding (" COLUMNS
				  ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
				  "?16)",
				  v, N_COLUMNS);
}

int bb_loc_disk_remove(struct bb_store_batch *batch, struct bb_str aor, struct bb_str contact)
{
	const struct bb_sql_value v[] = { text(aor), text(contact) };

	return bb_store_batch_add(batch, "DELETE FROM binding WHERE aor = ?1 AND contact = ?2", v,
				  2);
}

void bb_loc_disk_expire(struct bb_str aor, const struct bb_binding *b)
{
	const struct bb_sql_value v[] = { text(aor), text(b->contact), number(b->expires) };

	/* What stays when this fails is dropped when it is read again. */
	if (bb_sql_exec("DELETE FROM binding WHERE aor = ?1 AND contact = ?2 AND expires <= ?3", v,
			3, NULL, NULL))
		bb_debug(1, "an expired binding of %.*s stays on disk", BB_FMT(aor));
}

struct load {
	size_t n;
	int err;
};

static void load_row(const struct bb_sql_value *v, size_t n, void *arg)
{
	struct load *l = arg;
	struct bb_binding b = { .params = v[2].s,
				.path = v[3].s,
				.call_id = v[4].s,
				.contact = v[1].s,
				.cseq = (uint32_t)v[5].i,
				.q = (unsigned)v[6].i,
				.expires = v[7].i,
				.user_agent = v[8].s,
				.transport = v[9].s,
				.instance = v[13].s,
				.node = (uint32_t)v[14].i,
				.since = v[15].i };

	if (l->err || n != N_COLUMNS || bb_str_empty(v[0].s) || bb_str_empty(b.contact))
		return;
	if (!bb_str_empty(v[10].s) && bb_addr_parse(&b.local, v[10].s))
		memset(&b.local, 0, sizeof(b.local));
	if (!bb_str_empty(v[11].s) && bb_addr_parse(&b.remote, v[11].s))
		memset(&b.remote, 0, sizeof(b.remote));
	/* A connection does not outlive its process. */
	b.reachable = v[12].i == 0;
	l->err = bb_loc_restore(v[0].s, &b);
	l->n++;
}

int bb_location_load(void)
{
	const struct bb_sql_value now = number(bb_wall());
	struct load l = { 0 };
	int err;

	err = bb_sql_exec("DELETE FROM binding WHERE expires <= ?1", &now, 1, NULL, NULL);
	if (!err)
		err = bb_sql_query("SELECT " COLUMNS " FROM binding", load_row, &l);
	if (!err)
		err = l.err;
	if (l.n)
		bb_verbose(2, "%zu bindings read from the database", l.n);
	return err;
}
