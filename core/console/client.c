/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/client.c - `-r`, `-x`, and the terminal of `-c`.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/console/client.h"

unsigned bb_terminal_width(void)
{
	struct winsize w = { 0 };

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

bool bb_terminal_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !(no && no[0]);
}

/* `!cmd`: the user's shell, as the user at this terminal. */
static bool shell(struct bb_str command)
{
	const char *sh = getenv("SHELL");
	char line[BB_CLIENT_SHELL_MAX];
	int status = 0;
	pid_t pid;

	if (!sh || !sh[0])
		sh = "/bin/sh";
	if (bb_str_copy(line, sizeof(line), command))
		return false;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return false;
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGINT, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		if (line[0])
			execl(sh, sh, "-c", line, (char *)NULL);
		else
			execl(sh, sh, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

enum bb_line_result bb_line_run(struct bb_link *l, const struct bb_client_options *opt,
				struct bb_str line)
{
	char text[BB_CLIENT_SHELL_MAX];
	int err;

	line = bb_str_trim(line);
	if (bb_str_empty(line))
		return BB_LINE_OK;
	if (line.p[0] == '!')
		return shell(bb_str_trim(bb_str_sub(line, 1, SIZE_MAX))) ? BB_LINE_OK
									 : BB_LINE_FAILED;
	if (bb_str_iis(line, "exit") || bb_str_iis(line, "quit")) {
		if (!opt->local)
			return BB_LINE_QUIT;
		puts("This console belongs to the running PBX: \"core stop now\" ends both.");
		return BB_LINE_OK;
	}
	if (bb_str_copy(text, sizeof(text), line)) {
		puts("That line is too long.");
		return BB_LINE_FAILED;
	}
	err = bb_link_exec(l, text, bb_terminal_width(), bb_terminal_colour());
	if (err == -ENOTCONN)
		return BB_LINE_GONE;
	if (err == -EINTR)
		puts("\nThe command goes on without us.");
	return err ? BB_LINE_FAILED : BB_LINE_OK;
}

int bb_pipe_run(struct bb_link *l, const struct bb_client_options *opt)
{
	enum bb_line_result last = BB_LINE_OK;
	char line[BB_CLIENT_SHELL_MAX];

	while (last != BB_LINE_QUIT && last != BB_LINE_GONE && fgets(line, sizeof(line), stdin))
		last = bb_line_run(l, opt, bb_strz(line));
	return last == BB_LINE_GONE ? 2 : last == BB_LINE_FAILED;
}

static void print_log(struct bb_str line, void *arg)
{
	(void)arg;
	printf("%.*s\n", BB_FMT(line));
	fflush(stdout);
}

static int refuse(const struct bb_client_options *opt, int err)
{
	if (err == -EACCES || err == -EPERM)
		fprintf(stderr, "The console at %s is for the user the PBX runs as.\n", opt->path);
	else if (err == -ENOENT || err == -ECONNREFUSED)
		fprintf(stderr, "No PBX is running there: nobody answers at %s.\n", opt->path);
	else
		fprintf(stderr, "Cannot reach the PBX at %s: %s.\n", opt->path, strerror(-err));
	return 2;
}

int bb_console_client(const struct bb_client_options *opt)
{
	struct bb_link l = { .fd = -1, .log = print_log };
	int err, status;

	/* Only how characters are encoded: numbers keep their point. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	err = bb_link_open(&l, opt, !opt->command);
	if (err) {
		bb_link_close(&l);
		bb_buf_free(&l.in);
		return refuse(opt, err);
	}
	if (opt->command) {
		enum bb_line_result r = bb_line_run(&l, opt, bb_strz(opt->command));

		if (r == BB_LINE_GONE)
			fprintf(stderr, "The PBX ended before it had answered.\n");
		status = r == BB_LINE_GONE ? 2 : r == BB_LINE_FAILED;
	} else if (isatty(STDIN_FILENO)) {
		status = bb_prompt_run(&l, opt);
	} else {
		status = bb_pipe_run(&l, opt);
	}
	bb_link_close(&l);
	bb_buf_free(&l.in);
	return status;
}

int bb_console_fork_client(const struct bb_client_options *opt)
{
	struct bb_client_options mine = *opt;
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		return (int)pid;
	/* When the PBX goes, however that is, its terminal is free again. */
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	if (getppid() != parent)
		_exit(2);
	mine.wait = true;
	mine.local = true;
	exit(bb_console_client(&mine));
}
