/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cdr_sqlite.c - call records into the table `cdr` of the PBX's database.
 *
 * Times are UTC, "2026-01-31 12:00:00.250", NULL when it did not happen.
 */
#include <stdio.h>
#include <time.h>

#include <bellbird/cdr.h>
#include <bellbird/log.h>
#include <bellbird/store.h>

static const char create_table[] =
	"CREATE TABLE IF NOT EXISTS cdr ("
	" id INTEGER PRIMARY KEY,"
	" kind TEXT NOT NULL," /* 'call': one a call; 'leg': one a channel */
	" linkedid TEXT NOT NULL," /* the same for all rows of one call */
	" uniqueid TEXT NOT NULL," /* of the channel */
	" sequence TEXT NOT NULL,"
	" channel TEXT NOT NULL,"
	" dstchannel TEXT NOT NULL," /* the leg it was connected to */
	" src TEXT NOT NULL," /* caller's number */
	" clid TEXT NOT NULL," /* caller's name and number */
	" dst TEXT NOT NULL," /* dialed extension */
	" dcontext TEXT NOT NULL,"
	" accountcode TEXT NOT NULL,"
	" lastapp TEXT NOT NULL,"
	" lastdata TEXT NOT NULL,"
	" userfield TEXT NOT NULL,"
	" disposition TEXT NOT NULL," /* ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION */
	" start TEXT,"
	" answer TEXT,"
	" \"end\" TEXT,"
	" duration INTEGER NOT NULL," /* seconds from start to end */
	" billsec INTEGER NOT NULL," /* seconds from answer to end */
	" cause INTEGER NOT NULL," /* Q.850 */
	" reason TEXT NOT NULL," /* in plain words */
	" legs INTEGER NOT NULL,"
	" codec TEXT NOT NULL,"
	" mos REAL)"; /* 1..5, NULL unknown */

static const char create_index[] = "CREATE INDEX IF NOT EXISTS cdr_linkedid ON cdr (linkedid)";
static const char create_index_2[] = "CREATE INDEX IF NOT EXISTS cdr_start ON cdr (start)";

static const char insert[] =
	"INSERT INTO cdr (kind, linkedid, uniqueid, sequence, channel, dstchannel, src, clid, dst,"
	" dcontext, accountcode, lastapp, lastdata, userfield, disposition, start, answer, \"end\","
	" duration, billsec, cause, reason, legs, codec, mos) VALUES"
	" (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,"
	"?25)";

#define TIME_TEXT 48

static struct bb_sql_value text(const char *z)
{
	return (struct bb_sql_value){ .type = BB_SQL_TEXT, .s = bb_strz(z ? z : "") };
}

static struct bb_sql_value number(int64_t i)
{
	return (struct bb_sql_value){ .type = BB_SQL_INT, .i = i };
}

/* The times of a record, and those of records one after another, mostly lie in the same second. */
static const char *second(time_t s)
{
	static struct {
		time_t s;
		char text[32];
	} last;
	struct tm tm;

	if (last.text[0] && last.s == s)
		return last.text;
	last.s = s;
	if (!gmtime_r(&s, &tm) || !strftime(last.text, sizeof(last.text), "%Y-%m-%d %H:%M:%S", &tm))
		last.text[0] = '\0';
	return last.text;
}

static struct bb_sql_value instant(bb_time t, char buf[TIME_TEXT])
{
	const char *day = t > 0 ? second((time_t)(t / BB_SEC)) : "";

	if (!*day)
		return (struct bb_sql_value){ .type = BB_SQL_NULL };
	bb_format(buf, TIME_TEXT, "%s.%03d", day, (int)(t % BB_SEC / BB_MS));
	return text(buf);
}

static void written(int err, void *arg)
{
	static struct bb_log_limit limit = { .burst = 1, .every = 60 * BB_SEC };
	unsigned lost;

	(void)arg;
	if (err && bb_log_allow(&limit, &lost))
		bb_error("a call record could not be written to the database: %s (%u more before)",
			 strerror(-err), lost);
}

static void record(const struct bb_cdr *r)
{
	char start[TIME_TEXT], answer[TIME_TEXT], end[TIME_TEXT];
	struct bb_sql_value mos = { .type = r->mos > 0 ? BB_SQL_REAL : BB_SQL_NULL, .r = r->mos };
	const struct bb_sql_value v[] = {
		text(r->whole_call ? "call" : "leg"),
		text(r->linkedid),
		text(r->uniqueid),
		text(r->sequence),
		text(r->channel),
		text(r->dstchannel),
		text(r->src),
		text(r->clid),
		text(r->dst),
		text(r->dcontext),
		text(r->accountcode),
		text(r->lastapp),
		text(r->lastdata),
		text(r->userfield),
		text(r->disposition),
		instant(r->start, start),
		instant(r->answer, answer),
		instant(r->end, end),
		number(r->duration),
		number(r->billsec),
		number(r->cause),
		text(r->reason),
		number(r->legs),
		text(r->codec),
		mos,
	};
	int err = bb_sql_exec(insert, v, BB_ARRAY_SIZE(v), written, NULL);

	if (err)
		written(err, NULL);
}

static void created(int err, void *arg)
{
	(void)arg;
	if (err)
		bb_error("the table cdr cannot be made: %s. Call records will not be kept",
			 strerror(-err));
}

static int start(struct bb_self *self, struct bb_diag *d)
{
	(void)self;
	(void)d;
	/* Without a database calls go on; the sentence is in the log. */
	if (bb_sql_exec(create_table, NULL, 0, created, NULL) ||
	    bb_sql_exec(create_index, NULL, 0, NULL, NULL) ||
	    bb_sql_exec(create_index_2, NULL, 0, NULL, NULL))
		created(-EIO, NULL);
	return 0;
}

static const struct bb_cdr_sink sqlite = {
	.name = "sqlite",
	.record = record,
	.doc = { .summary = "Write call records to the table cdr of the database",
		 .text = "One row a leg (kind is leg) at its hangup, and one a call (kind is call) "
			 "at "
			 "its end; linkedid joins them.\n\n"
			 "Example: SELECT start, src, dst, disposition, billsec FROM cdr WHERE "
			 "kind = "
			 "'call' ORDER BY start DESC LIMIT 20",
		 .since = "0.1" },
};

BB_MODULE(cdr_sqlite, .version = "0.1", .start = start,
	  .provides = (const struct bb_provide[]){ BB_CDR_SINK(&sqlite), { 0 } },
	  .doc = { .summary = "Call records in SQLite", .since = "0.1" });
