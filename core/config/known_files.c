/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Facts: the files, sections and SIP object types that Asterisk knows.
 */
#include "core/config/config.h"

static const char *const files[] = {
	"acl.conf",
	"adsi.conf",
	"agents.conf",
	"aeap.conf",
	"alarmreceiver.conf",
	"amd.conf",
	"app_skel.conf",
	"ari.conf",
	"ast_debug_tools.conf",
	"asterisk.conf",
	"asterisk.adsi",
	"calendar.conf",
	"ccss.conf",
	"cdr.conf",
	"cdr_adaptive_odbc.conf",
	"cdr_beanstalkd.conf",
	"cdr_custom.conf",
	"cdr_manager.conf",
	"cdr_odbc.conf",
	"cdr_pgsql.conf",
	"cdr_sqlite3_custom.conf",
	"cdr_tds.conf",
	"cel.conf",
	"cel_beanstalkd.conf",
	"cel_custom.conf",
	"cel_odbc.conf",
	"cel_pgsql.conf",
	"cel_sqlite3_custom.conf",
	"cel_tds.conf",
	"chan_dahdi.conf",
	"chan_mobile.conf",
	"chan_websocket.conf",
	"cli.conf",
	"cli_aliases.conf",
	"cli_permissions.conf",
	"codecs.conf",
	"confbridge.conf",
	"config_test.conf",
	"console.conf",
	"dbsep.conf",
	"dnsmgr.conf",
	"dsp.conf",
	"dundi.conf",
	"enum.conf",
	"extconfig.conf",
	"extensions.conf",
	"extensions_minivm.conf",
	"features.conf",
	"festival.conf",
	"followme.conf",
	"formats.conf",
	"func_odbc.conf",
	"geolocation.conf",
	"hep.conf",
	"http.conf",
	"iax.conf",
	"iaxprov.conf",
	"indications.conf",
	"logger.conf",
	"manager.conf",
	"meetme.conf",
	"minivm.conf",
	"modules.conf",
	"motif.conf",
	"musiconhold.conf",
	"ooh323.conf",
	"phoneprov.conf",
	"pjproject.conf",
	"pjsip.conf",
	"pjsip_notify.conf",
	"pjsip_wizard.conf",
	"prometheus.conf",
	"queuerules.conf",
	"queues.conf",
	"res_config_mysql.conf",
	"res_config_odbc.conf",
	"res_config_sqlite3.conf",
	"res_corosync.conf",
	"res_curl.conf",
	"res_fax.conf",
	"res_http_media_cache.conf",
	"res_ldap.conf",
	"res_odbc.conf",
	"res_parking.conf",
	"res_pgsql.conf",
	"res_snmp.conf",
	"res_stun_monitor.conf",
	"resolver_unbound.conf",
	"rtp.conf",
	"say.conf",
	"sip.conf",
	"sla.conf",
	"smdi.conf",
	"sorcery.conf",
	"ss7.timers",
	"stasis.conf",
	"statsd.conf",
	"stir_shaken.conf",
	"telcordia-1.adsi",
	"test_sorcery.conf",
	"udptl.conf",
	"unistim.conf",
	"users.conf",
	"voicemail.conf",
	"websocket_client.conf",
	"xmpp.conf",
	NULL,
};

static const char *const sip_types[] = {
	"acl",
	"aor",
	"asterisk-publication",
	"auth",
	"contact",
	"domain_alias",
	"endpoint",
	"global",
	"identify",
	"inbound-publication",
	"outbound-publish",
	"phoneprov",
	"registration",
	"resource_list",
	"subscription_persistence",
	"system",
	"transport",
	NULL,
};

static const struct {
	const char *file, *sections; /* space-separated; "*": any */
} sections[] = {
	{ "bellbird.conf", "files compat" },
	{ "logger.conf", "general logfiles" },
	{ "modules.conf", "modules global" },
	{ "rtp.conf", "general ice_host_candidates" },
	{ "features.conf", "general featuremap applicationmap parkinglot *" },
	{ "musiconhold.conf", "general default *" },
	{ "indications.conf", "general *" },
	{ "cdr.conf", "general csv radius sqlite custom" },
	{ "cdr_custom.conf", "mappings" },
	{ "extensions.conf", "*" },
};

static bool in(const char *const *words, struct bb_str name)
{
	for (; *words; words++)
		if (bb_str_iis(name, *words))
			return true;
	return false;
}

bool bb_known_file(struct bb_str base_name)
{
	return in(files, base_name);
}

bool bb_known_sip_type(struct bb_str type)
{
	return in(sip_types, type);
}

bool bb_known_section(const char *file, struct bb_str name)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(sections); i++) {
		struct bb_str rest = bb_strz(sections[i].sections), word;

		if (strcmp(file, sections[i].file) != 0)
			continue;
		while (bb_str_split(&rest, ' ', &word))
			if (bb_str_is(word, "*") || bb_str_ieq(word, name))
				return true;
	}
	return false;
}
