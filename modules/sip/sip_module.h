/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip_module.h - what the files of sip.so share: the one core, and commands.
 */
#ifndef SIP_MODULE_H
#define SIP_MODULE_H

#include <bellbird/cli.h>

#include "modules/sip/session.h"

extern struct sip_core *sip_the_core;

extern const struct bb_cli sip_cli_endpoints, sip_cli_endpoint, sip_cli_contacts, sip_cli_aors,
	sip_cli_transports, sip_cli_transactions, sip_cli_sessions, sip_cli_settings,
	sip_cli_logger;
void sip_cli_completers(void);

#endif
