/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the options of the command line to a running PBX, and back.
 */
#include "core/init.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bellbird/chan.h>
#include <bellbird/log.h>

#include "core/console/console.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/registry/registry.h"
#include "core/store/store_core.h"

#include <config.h>

/* How long hung-up calls may take to say goodbye. */
#define FAREWELL (3 * BB_SEC)

static struct {
	const struct bb_options *opt;
	int status; /* exit status */
	int ready; /* pipe to the parent that waits for the start; -1 none */
	bool loaded, stopping, graceful, fiber_runs;
	bb_time started, started_wall;
} program = { .ready = -1 };

bb_time bb_program_started(void)
{
	return program.started;
}

bb_time bb_program_started_wall(void)
{
	return program.started_wall;
}

bool bb_program_on_terminal(void)
{
	return program.opt && program.opt->foreground && !program.opt->console;
}

/* --- what is wrong, for whoever started us --- */

static void print_all(struct bb_diag *d, FILE *out, enum bb_diag_mode mode, bool strict)
{
	struct bb_buf b = { 0 };

	bb_diag_sort(d);
	for (size_t i = 0; bb_diag_at(d, i); i++) {
		bb_buf_truncate(&b, 0);
		bb_diag_print(d, i, mode, strict, &b);
		fprintf(out, "%s\n", bb_buf_cstr(&b));
	}
	bb_buf_free(&b);
}

/* --- the end --- */

static void stop_fiber(void *arg)
{
	bb_time until;

	while (program.graceful && bb_chan_count())
		bb_fiber_park_for(100 * BB_MS);
	for (struct bb_chan *ch = bb_chan_next(NULL), *next; ch; ch = next) {
		next = bb_chan_next(ch);
		bb_chan_hangup(ch, BB_CAUSE_NORMAL);
	}
	until = bb_now() + FAREWELL;
	while (bb_chan_count() && bb_now() < until)
		bb_fiber_park_for(20 * BB_MS);
	if (bb_chan_count())
		bb_warning("%u channels did not end in time", bb_chan_count());
	/* What the store still owes is answered while everybody lives. */
	bb_store_flush();
	bb_modules_stop();
	bb_store_flush();
	bb_loop_stop();
}

void bb_program_stop(bool gracefully, int status, const char *why)
{
	struct bb_fiber *f;

	if (status)
		program.status = status;
	if (!gracefully && program.stopping)
		program.graceful = false; /* the second wish is not to wait */
	if (program.stopping)
		return;
	program.stopping = true;
	program.graceful = gracefully;
	bb_notice("stopping%s: %s", gracefully ? " when the last call has ended" : "", why);
	if (gracefully)
		bb_modules_refuse_calls();
	if (bb_fiber_spawn(&f, "stop", stop_fiber, NULL))
		bb_loop_stop();
}

static void gave_up(const char *why)
{
	bb_program_stop(false, 1, why);
}

/* --- reload --- */

int bb_program_reload(struct bb_diag *d)
{
	int err = bb_modules_reload(d);

	bb_diag_sort(d);
	bb_diag_log(d, bb_modules_checked_strict());
	if (err == -EBUSY)
		bb_warning("a reload is running already");
	else if (err)
		bb_error("nothing was reloaded: what runs stays as it is");
	else
		bb_notice("configuration reloaded");
	return err;
}

static void reload_fiber(void *arg)
{
	struct bb_diag *d;

	if (bb_diag_new(&d) == 0) {
		bb_program_reload(d);
		bb_diag_free(d);
	}
}

static void on_signal(int signum, void *arg)
{
	struct bb_fiber *f;

	if (signum != SIGHUP) {
		bb_program_stop(false, 0, signum == SIGINT ? "interrupted" : "asked to terminate");
	} else if (program.loaded && !program.stopping) {
		if (bb_fiber_spawn(&f, "reload", reload_fiber, NULL))
			bb_error("no memory to reload");
	}
}

/* --- the start --- */

static void tell_parent(char c)
{
	if (program.ready < 0)
		return;
	if (write(program.ready, &c, 1) != 1)
		bb_debug(1, "nobody waits for the start");
	close(program.ready);
	program.ready = -1;
}

static void leave_terminal(void)
{
	int null;

	if (program.opt->foreground || program.opt->console)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	close(null);
}

static void start_fiber(void *arg)
{
	struct bb_diag *d;
	bool strict;
	int err = bb_diag_new(&d);

	if (err) {
		program.status = 1;
		bb_loop_stop();
		return;
	}
	err = bb_modules_load(d);
	strict = bb_modules_checked_strict();
	if (err) {
		print_all(d, stderr, BB_DIAG_START, strict);
		fprintf(stderr, "bellbird: not started%s%s\n", err == -EINVAL ? "" : ": ",
			err == -EINVAL ? "" : strerror(-err));
		program.status = 1;
		bb_loop_stop();
	} else if (program.stopping) {
		/* It gave up meanwhile. */
		print_all(d, stderr, BB_DIAG_START, strict);
		fprintf(stderr, "bellbird: not started\n");
	} else {
		bb_diag_sort(d);
		bb_diag_log(d, strict);
		program.loaded = true;
		bb_notice("Bellbird %s is ready", PACKAGE_VERSION);
		tell_parent('y');
		leave_terminal();
	}
	bb_diag_free(d);
}

static int watch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	int err = 0;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < BB_ARRAY_SIZE(signals) && !err; i++)
		err = bb_loop_on_signal(signals[i], on_signal, NULL);
	return err;
}

/* The parent waits until the child runs or has said why not. */
static void daemonize(void)
{
	int fds[2];
	char c = 'n';
	pid_t pid;

	if (pipe(fds)) {
		perror("bellbird: pipe");
		exit(1);
	}
	pid = fork();
	if (pid < 0) {
		perror("bellbird: fork");
		exit(1);
	}
	if (pid > 0) {
		close(fds[1]);
		while (read(fds[0], &c, 1) < 0 && errno == EINTR)
			;
		_exit(c == 'y' ? 0 : 1);
	}
	close(fds[0]);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	program.ready = fds[1];
	setsid();
}

/* Without a configuration a console can still be attached by -S alone. */
static int early_config(const struct bb_options *opt, bool needed)
{
	int err = bb_config_init(opt->config, opt->state);

	if (err) {
		fprintf(stderr, "bellbird: %s\n", strerror(-err));
		return err;
	}
	if (needed || opt->config)
		err = bb_config_look(opt->config);
	if (err)
		fprintf(stderr,
			"bellbird: the configuration %s cannot be read: %s (-C PATH chooses "
			"another)\n",
			opt->config ? opt->config : bb_path("astetcdir"), strerror(-err));
	return err;
}

/* A call has four sockets, and the first limit of a process is often no more than 1024. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	/* Where it may not, what there was has to do. */
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return;
}

int bb_program_run(const struct bb_options *opt)
{
	struct bb_fiber *f;
	int lock;

	program.opt = opt;
	program.status = 0;
	if (early_config(opt, true))
		return 1;
	if (opt->console) {
		char *path = bb_socket_path();
		struct bb_client_options co = { .path = path,
						.verbose = opt->verbose,
						.debug = opt->debug,
						.wait = true,
						.local = true };

		if (!path || bb_state_make() || bb_console_fork_client(&co) < 0)
			return 1;
		bb_free(path);
	} else if (!opt->foreground) {
		daemonize();
	}
	if (bb_state_make())
		return 1;
	lock = bb_state_lock();
	if (lock < 0)
		return 1;
	bb_config_close();
	raise_descriptors();
	if (bb_rooms_init(opt)) {
		bb_state_unlock(lock);
		return 1;
	}
	program.started = bb_now();
	program.started_wall = bb_wall();
	bb_registry_on_give_up(gave_up);
	if (watch_signals() || bb_fiber_spawn(&f, "start", start_fiber, NULL))
		program.status = 1;
	else
		bb_loop_run();
	bb_rooms_close();
	bb_state_unlock(lock);
	return program.status;
}

/* --- --check --- */

static void check_fiber(void *arg)
{
	struct bb_diag *d;
	int err = bb_diag_new(&d);
	bool strict;

	program.status = BB_CHECK_ERRORS;
	if (!err) {
		err = bb_modules_check(d);
		strict = bb_modules_checked_strict();
		print_all(d, stdout, BB_DIAG_CHECK, strict);
		if (!err && bb_diag_count(d, BB_WARN))
			program.status = BB_CHECK_WARNINGS;
		else if (!err)
			program.status = BB_CHECK_CLEAN;
		else if (err != -EINVAL)
			fprintf(stderr, "bellbird: the check failed: %s\n", strerror(-err));
		bb_diag_free(d);
	}
	bb_loop_stop();
}

int bb_program_check(const struct bb_options *opt)
{
	struct bb_fiber *f;

	program.opt = opt;
	if (early_config(opt, true))
		return BB_CHECK_ERRORS;
	bb_config_close();
	if (bb_rooms_init(opt))
		return BB_CHECK_ERRORS;
	if (bb_fiber_spawn(&f, "check", check_fiber, NULL))
		program.status = BB_CHECK_ERRORS;
	else
		bb_loop_run();
	bb_rooms_close();
	fflush(stdout);
	return program.status;
}

/* --- --write-manual --- */

int bb_program_manual(const struct bb_options *opt)
{
	/* Nothing is started, as in a check. */
	struct bb_options quiet = *opt;
	int err;

	quiet.check = true;
	program.opt = &quiet;
	if (bb_rooms_init(&quiet))
		return 1;
	err = bb_manual_write(opt->manual);
	if (err)
		fprintf(stderr, "bellbird: the manual cannot be written to %s: %s\n", opt->manual,
			strerror(-err));
	bb_rooms_close();
	return err ? 1 : 0;
}

/* --- -r and -x --- */

int bb_program_attach(const struct bb_options *opt)
{
	struct bb_client_options co = { .command = opt->command,
					.verbose = opt->verbose,
					.debug = opt->debug };
	char *path;
	int status;

	if (early_config(opt, false))
		return 2;
	path = bb_socket_path();
	if (!path)
		return 1;
	co.path = path;
	status = bb_console_client(&co);
	bb_free(path);
	bb_config_close();
	return status;
}
