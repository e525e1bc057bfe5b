/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/elsewhere.c - commands of Asterisk's that are none here: what to
 * type instead, or that the thing itself is not built.
 */
#include "core/console/console_int.h"

static const struct elsewhere {
	const char *theirs; /* the beginning of the line; at its end * goes on with the word */
	const char *ours; /* the same here, when there is one: takes the rest of the line */
	const char *says; /* else a sentence */
} table[] = {
	{ "reload", "core reload", NULL },
	{ "config reload", "core reload", NULL },
	{ "sip reload", "module reload sip", NULL },
	{ "pjsip reload", "module reload sip", NULL },
	{ "logger reload", "module reload logger", NULL },
	{ "moh reload", "module reload sound", NULL },
	{ "core stop when convenient", "core stop gracefully", NULL },
	{ "soft hangup", "channel request hangup", NULL },
	{ "hangup request", "channel request hangup", NULL },
	{ "core show calls", "core show channels count", NULL },
	{ "core show license", NULL,
	  "Bellbird is under the BSD licence with three clauses: COPYING" },
	{ "core show warranty", NULL, "Bellbird comes without warranty: COPYING" },
	{ "core restart", NULL,
	  "restarting is for whoever started it (systemctl restart); \"core stop now\" ends it" },
	{ "core abort shutdown", NULL, "a stop cannot be taken back" },
	{ "core show sysinfo", NULL, "\"core show memory\" and \"core show threads\" tell that" },
	{ "core show taskprocessors", NULL,
	  "there are none; \"core show threads\" tells the load" },
	{ "core show channeltype*", NULL, "\"module show\" lists what is loaded" },
	{ "core show file*", NULL, "\"module show like format\" lists the sound formats" },
	{ "core show image*", NULL, "images are not built here" },
	{ "core waitfullybooted", NULL, "a console is answered when all is loaded" },
	{ "logger set", NULL, "the levels of each file stand in logger.conf" },
	{ "logger mute", NULL, "\"core set verbose 0 here\" quiets this console" },
	{ "logger add", NULL, "logger.conf names the files; \"module reload logger\" reads it" },
	{ "dialplan add", NULL, "extensions.conf is the dial plan; \"dialplan reload\" reads it" },
	{ "dialplan remove", NULL,
	  "extensions.conf is the dial plan; \"dialplan reload\" reads it" },
	{ "dialplan debug", NULL, "\"dialplan explain NUMBER from CONTEXT\" tells what matches" },
	{ "dialplan set chanvar", NULL, "only globals can be set: \"dialplan set global\"" },
	{ "database showkey", NULL, "\"database show\" takes a family, and a key" },
	{ "database query", NULL, "\"database show\" lists the keys; sqlite3 opens the file" },
	{ "pjsip show auth*", NULL,
	  "\"sip show endpoint NAME\" names its auth; passwords are not shown" },
	{ "pjsip list auth*", NULL,
	  "\"sip show endpoint NAME\" names its auth; passwords are not shown" },
	{ "pjsip show identif*", NULL, "pjsip.conf has them; they are not listed here" },
	{ "pjsip show registration*", NULL,
	  "registering elsewhere (type=registration) is not built here" },
	{ "pjsip list registration*", NULL,
	  "registering elsewhere (type=registration) is not built here" },
	{ "sip show registry", NULL,
	  "registering elsewhere (type=registration) is not built here" },
	{ "pjsip send*", NULL, "sending NOTIFY or REGISTER by hand is not built here" },
	{ "pjsip qualify", NULL,
	  "qualify_frequency of an aor does it; \"sip show contacts\" tells" },
	{ "pjsip show subscriptions", NULL, "subscriptions are not built here" },
	{ "pjsip show history", NULL, "\"call show ID messages\" keeps the messages of a call" },
	{ "pjsip set history", NULL, "\"call show ID messages\" keeps the messages of a call" },
	{ "sip show subscriptions", NULL, "subscriptions are not built here" },
	{ "rtp set debug", NULL, "\"sip show channelstats\" tells of the packets" },
	{ "rtcp set", NULL, "\"sip show channelstats\" tells what RTCP says" },
	{ "moh show", NULL, "musiconhold.conf has the classes; they are not listed here" },
	{ "indication show", NULL, "indications.conf has the tones; they are not listed here" },
	{ "cdr show", NULL, "records are always kept: table cdr of the database, log/cdr-csv" },
	{ "cel show", NULL, "event records are not built here; \"call show\" tells all of a call" },
	{ "channel debug", NULL, "\"call show\" tells all that happened to a channel" },
	{ "agi", NULL, "AGI is not built here" },
	{ "ari", NULL, "the REST interface is not built here" },
	{ "http", NULL, "the HTTP server is not built here" },
	{ "manager", NULL, "the manager interface is not built here" },
	{ "queue", NULL, "queues are not built here" },
	{ "voicemail", NULL, "voicemail is not built here" },
	{ "confbridge", NULL, "conferences are not built here" },
	{ "meetme", NULL, "conferences are not built here" },
	{ "parking", NULL, "parking is not built here" },
	{ "agent", NULL, "agents are not built here" },
	{ "features show", NULL, "features.conf has the codes; they are not listed here" },
	{ "fax", NULL, "fax is not built here" },
	{ "udptl", NULL, "fax is not built here" },
	{ "iax2", NULL, "IAX2 is not built here" },
	{ "dahdi", NULL, "telephone cards are not built here" },
	{ "pri", NULL, "telephone cards are not built here" },
	{ "xmpp", NULL, "XMPP is not built here" },
	{ "odbc", NULL, "ODBC is not built here" },
	{ "realtime", NULL, "configuration from a database is not built here" },
	{ "sorcery", NULL, "configuration from a database is not built here" },
	{ "dundi", NULL, "DUNDi is not built here" },
	{ "calendar", NULL, "calendars are not built here" },
	{ "mixmonitor", NULL, "recording is not built here" },
	{ "presencestate", NULL, "presence is not built here" },
	{ "devstate", NULL, "\"core show hints\" shows the states of devices that have hints" },
	{ "ael", NULL, "AEL is not built here" },
	{ "lua", NULL, "dial plans in Lua are not built here" },
	{ "timing", NULL, "media threads keep their own time; \"media show stats\" tells of them" },
	{ "stun", NULL, "STUN is not built here" },
};

/* Do the words of the line begin as the spelling does? *end becomes where its rest begins. */
static bool begins(const struct bb_words *w, const char *spelling, size_t *end)
{
	struct bb_str rest = bb_strz(spelling), word;
	size_t i = 0;

	for (; bb_str_split(&rest, ' ', &word); i++) {
		bool open = word.p[word.l - 1] == '*';

		if (i >= w->n ||
		    !(open ? bb_str_istarts(w->v[i].text, bb_str_sub(word, 0, word.l - 1))
			   : bb_str_ieq(w->v[i].text, word)))
			return false;
		*end = w->v[i].end;
	}
	return true;
}

bool bb_elsewhere(const struct bb_words *w, struct bb_str line, struct bb_buf *instead,
		  struct bb_buf *says)
{
	size_t end = 0;

	for (size_t i = 0; i < BB_ARRAY_SIZE(table); i++) {
		const struct elsewhere *e = &table[i];

		if (!begins(w, e->theirs, &end))
			continue;
		if (e->ours)
			bb_buf_printf(instead, "%s%.*s", e->ours,
				      BB_FMT(bb_str_sub(line, end, SIZE_MAX)));
		else
			bb_buf_printf(says, "%s", e->says);
		return true;
	}
	return false;
}
