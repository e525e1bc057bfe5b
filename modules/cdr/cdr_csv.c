/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cdr_csv.c - call records as Asterisk writes them: cdr-csv/Master.csv.
 *
 * One line a call, so that nothing is billed twice; the legs' records go to
 * Legs.csv of the same form when that is asked for.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include <bellbird/append.h>
#include <bellbird/cdr.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

struct csv_conf {
	bool usegmtime, loguniqueid, loguserfield, accountlogs, newcdrcolumns, legs;
};

static const struct bb_field fields[] = {
	{ .name = "usegmtime",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, usegmtime),
	  .def = "no",
	  .doc = "Write times in UTC instead of local time." },
	{ .name = "loguniqueid",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, loguniqueid),
	  .def = "no",
	  .doc = "Add the unique id as a column." },
	{ .name = "loguserfield",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, loguserfield),
	  .def = "no",
	  .doc = "Add the user field as a column." },
	{ .name = "accountlogs",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, accountlogs),
	  .def = "yes",
	  .doc = "Write the calls of each account code to a file of its own as well." },
	{ .name = "newcdrcolumns",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, newcdrcolumns),
	  .def = "no",
	  .doc = "Add the linked id and the sequence number as columns." },
	{ .name = "legs",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct csv_conf, legs),
	  .def = "no",
	  .doc = "Write a record a leg to Legs.csv as well." },
	{ 0 }
};

/* What Asterisk reads of this file and we do not: said once, never silently passed over. */
static const struct bb_field nothing[] = { { 0 } };
static const char *const general_known[] = { "enable",
					     "debug",
					     "canceldispositionenabled",
					     "channeldefaultenabled",
					     "ignorestatechanges",
					     "ignoredialchanges",
					     "unanswered",
					     "congestion",
					     "endbeforehexten",
					     "initiatedseconds",
					     "batch",
					     "size",
					     "time",
					     "scheduleronly",
					     "safeshutdown",
					     NULL };
static const char *const radius_known[] = { "usegmtime", "loguniqueid", "loguserfield", "radiuscfg",
					    NULL };

static const struct bb_conf_type types[] = {
	{ .file = "cdr.conf",
	  .section = "csv",
	  .fields = fields,
	  .size = sizeof(struct csv_conf),
	  .doc = "Call records in CSV files." },
	{ .file = "cdr.conf",
	  .section = "general",
	  .fields = nothing,
	  .size = sizeof(int),
	  .known = general_known,
	  .doc = "Call records in general." },
	{ .file = "cdr.conf",
	  .section = "radius",
	  .fields = nothing,
	  .size = sizeof(int),
	  .known = radius_known,
	  .doc = "Call records to a RADIUS server." },
	{ .file = "cdr.conf",
	  .section = "sqlite",
	  .fields = nothing,
	  .size = sizeof(int),
	  .known = radius_known,
	  .doc = "Call records to SQLite: here all are kept, without options." },
	{ 0 },
};

/* Quoted, quotes doubled; a line must stay a line. */
static void put_text(struct bb_buf *b, const char *z, char after)
{
	bb_buf_putc(b, '"');
	while (z && *z) {
		size_t n = strcspn(z, "\"\r\n");

		bb_buf_put(b, z, n);
		z += n;
		if (*z == '"')
			bb_buf_put(b, "\"\"", 2);
		else if (*z)
			bb_buf_putc(b, ' ');
		z += *z != '\0';
	}
	bb_buf_putc(b, '"');
	if (after)
		bb_buf_putc(b, after);
}

/* The times of a record, and those of records one after another, mostly lie in the same second. */
static const char *second(time_t s, bool utc)
{
	static struct {
		time_t s;
		bool utc;
		char text[32];
	} last;
	struct tm tm;

	if (last.text[0] && last.s == s && last.utc == utc)
		return last.text;
	last.s = s;
	last.utc = utc;
	if (!(utc ? gmtime_r(&s, &tm) : localtime_r(&s, &tm)) ||
	    !strftime(last.text, sizeof(last.text), "%Y-%m-%d %H:%M:%S", &tm))
		last.text[0] = '\0';
	return last.text;
}

static void put_time(struct bb_buf *b, bb_time t, bool utc)
{
	put_text(b, t > 0 ? second((time_t)(t / BB_SEC), utc) : "", ',');
}

static void format(struct bb_buf *b, const struct bb_cdr *r, const struct csv_conf *c)
{
	put_text(b, r->accountcode, ',');
	put_text(b, r->src, ',');
	put_text(b, r->dst, ',');
	put_text(b, r->dcontext, ',');
	put_text(b, r->clid, ',');
	put_text(b, r->channel, ',');
	put_text(b, r->dstchannel, ',');
	put_text(b, r->lastapp, ',');
	put_text(b, r->lastdata, ',');
	put_time(b, r->start, c->usegmtime);
	put_time(b, r->answer, c->usegmtime);
	put_time(b, r->end, c->usegmtime);
	bb_buf_printf(b, "%lld,%lld,", (long long)r->duration, (long long)r->billsec);
	put_text(b, r->disposition, ',');
	/* The flag of automated message accounting: there is but one here. */
	put_text(b, "DOCUMENTATION", '\0');
	if (c->loguniqueid) {
		bb_buf_putc(b, ',');
		put_text(b, r->uniqueid, '\0');
	}
	if (c->loguserfield) {
		bb_buf_putc(b, ',');
		put_text(b, r->userfield, '\0');
	}
	if (c->newcdrcolumns) {
		bb_buf_putc(b, ',');
		put_text(b, r->linkedid, ',');
		put_text(b, r->sequence, '\0');
	}
	bb_buf_putc(b, '\n');
}

/* An account code becomes a file name: only what is harmless there. */
static bool harmless(const char *z)
{
	size_t n = strlen(z);

	return n && n < 100 && z[0] != '.' &&
	       strspn(z, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@") ==
		       n;
}

static void append(const char *name, struct bb_str line)
{
	static struct bb_log_limit limit = { .burst = 1, .every = 60 * BB_SEC };
	const char *dir = bb_path("astlogdir");
	char *path = bb_sprintf("%s/cdr-csv/%s.csv", dir ? dir : ".", name);
	unsigned lost;
	int err = path ? bb_append_file(path, line) : -ENOMEM;

	if (err && bb_log_allow(&limit, &lost))
		bb_error("a call record could not be written to %s.csv: %s (%u more before)", name,
			 strerror(-err), lost);
	bb_free(path);
}

static void record(const struct bb_cdr *r)
{
	static const struct csv_conf defaults = { .accountlogs = true };
	const struct csv_conf *c = bb_conf_next(bb_conf_live(), &types[0], NULL);
	struct bb_buf b = { 0 };

	if (!c)
		c = &defaults;
	if (!r->whole_call && !c->legs)
		return;
	format(&b, r, c);
	if (b.err) {
		bb_error("a call record was lost: out of memory");
	} else {
		append(r->whole_call ? "Master" : "Legs", bb_buf_str(&b));
		if (r->whole_call && c->accountlogs && r->accountcode && harmless(r->accountcode) &&
		    strcmp(r->accountcode, "Master") != 0 && strcmp(r->accountcode, "Legs") != 0)
			append(r->accountcode, bb_buf_str(&b));
	}
	bb_buf_free(&b);
}

/* --- the directory, made off the control thread --- */

static unsigned making;

struct directory {
	char *parent, *path;
};

static int make(void *arg)
{
	struct directory *d = arg;

	if (mkdir(d->parent, 0750) && errno != EEXIST)
		return -errno;
	return mkdir(d->path, 0750) && errno != EEXIST ? -errno : 0;
}

static void directory_free(struct directory *d)
{
	if (d) {
		bb_free(d->parent);
		bb_free(d->path);
	}
	bb_free(d);
}

static void made(int err, void *arg)
{
	struct directory *d = arg;

	making--;
	if (err)
		bb_error("the directory %s cannot be made: %s. Call records will not be written "
			 "there",
			 d->path, strerror(-err));
	directory_free(d);
}

static int start(struct bb_self *self, struct bb_diag *diag)
{
	struct directory *d = bb_zalloc(sizeof(*d));
	const char *dir = bb_path("astlogdir");
	int err = d ? 0 : -ENOMEM;

	(void)self;
	(void)diag;
	making = 0;
	if (!err) {
		d->parent = bb_strdup(bb_strz(dir ? dir : "."));
		d->path = bb_sprintf("%s/cdr-csv", dir ? dir : ".");
		err = d->parent && d->path ? bb_work(make, made, d) : -ENOMEM;
	}
	if (err)
		directory_free(d);
	else
		making++;
	return err;
}

static unsigned busy(struct bb_self *self)
{
	(void)self;
	return making;
}

static const struct bb_cdr_sink csv = {
	.name = "csv",
	.record = record,
	.doc = { .summary = "Write call records to cdr-csv/Master.csv in the log directory",
		 .text = "One line a call, with Asterisk's columns: accountcode, src, dst, "
			 "dcontext, "
			 "clid, channel, dstchannel, lastapp, lastdata, start, answer, end, "
			 "duration, "
			 "billsec, disposition, amaflags; then what cdr.conf asks for.",
		 .since = "0.1" },
};

BB_MODULE(cdr_csv, .version = "0.1", .conf = types, .start = start, .busy = busy,
	  .provides = (const struct bb_provide[]){ BB_CDR_SINK(&csv), { 0 } },
	  .doc = { .summary = "Call records in CSV files", .since = "0.1" });
