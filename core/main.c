/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird - a modular PBX. The options of the command line.
 */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <config.h>
#include "core/init.h"

enum { OPT_CHECK = 256, OPT_MANUAL };

static const struct option longs[] = {
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "write-manual", required_argument, NULL, OPT_MANUAL },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fputs("usage: bellbird [-f | -c | -r | -x COMMAND | --check] [-v…] [-d…] [-C PATH] [-S "
	      "DIR]\n"
	      "  (nothing)    start in the background\n"
	      "  -f           stay in the foreground\n"
	      "  -c           stay in the foreground with a console\n"
	      "  -r           attach a console to the instance that runs on the same -S\n"
	      "  -x COMMAND   run one console command there; the exit status tells success\n"
	      "  --check      judge the configuration, start nothing; exits 0 clean, 1 with\n"
	      "               warnings, 2 with errors\n"
	      "  -v, -d       more of calls, more for developers; repeat for more\n"
	      "  -C PATH      the configuration: a directory, or its bellbird.conf or "
	      "asterisk.conf\n"
	      "  -S DIR       the state: database, console socket, recordings, logs\n"
	      "  -V, -h       version, this help\n"
	      "  --write-manual DIR  write manual.xml and manual.html of all that is installed\n",
	      out);
}

/* @return -1 to go on, or an exit status. */
static int parse(int argc, char **argv, struct bb_options *opt)
{
	int c;

	while ((c = getopt_long(argc, argv, "fcrx:vdC:S:Vh", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			opt->foreground = true;
			break;
		case 'c':
			opt->console = true;
			break;
		case 'r':
			opt->remote = true;
			break;
		case 'x':
			opt->command = optarg;
			break;
		case 'v':
			opt->verbose++;
			break;
		case 'd':
			opt->debug++;
			break;
		case 'C':
			opt->config = optarg;
			break;
		case 'S':
			opt->state = optarg;
			break;
		case OPT_CHECK:
			opt->check = true;
			break;
		case OPT_MANUAL:
			opt->manual = optarg;
			break;
		case 'V':
			puts("Bellbird " PACKAGE_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "bellbird: '%s' is no option\n", argv[optind]);
		usage(stderr);
		return 2;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct bb_options opt = { 0 };
	int status;

	/* Numbers keep their dots; only the console's characters are local. */
	setlocale(LC_CTYPE, "");
	status = parse(argc, argv, &opt);
	if (status >= 0)
		return status;
	if (opt.manual)
		return bb_program_manual(&opt);
	if (opt.check)
		return bb_program_check(&opt);
	if (opt.remote || opt.command)
		return bb_program_attach(&opt);
	return bb_program_run(&opt);
}
