/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/sim_process.c - child processes in simulation: real ones, run to
 * their end at once, so that they take no virtual time. What they said and how
 * they ended is told by a task.
 */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include <bellbird/mem.h>

#include "core/loop/sim.h"

extern char **environ;

struct sim_process {
	struct bb_process base;
	struct bb_task task;
	struct bb_buf output;
	int status;
};

static void told(void *arg)
{
	struct sim_process *p = arg;

	if (p->output.l && p->base.ops->output)
		p->base.ops->output(&p->base, p->output.p, p->output.l, p->base.arg);
	bb_process_over(&p->base, p->status);
	bb_buf_free(&p->output);
	bb_free(p);
}

static int start(pid_t *pid, const char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t acts;
	int err;

	if (posix_spawn_file_actions_init(&acts))
		return -ENOMEM;
	posix_spawn_file_actions_adddup2(&acts, in, 0);
	posix_spawn_file_actions_adddup2(&acts, out, 1);
	posix_spawn_file_actions_adddup2(&acts, out, 2);
	err = posix_spawnp(pid, argv[0], &acts, NULL, (char **)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&acts);
	return -err;
}

/* Feed and read at the same time, or both sides might wait for each other. */
static void converse(struct sim_process *p, int *in, int out, const char *input)
{
	size_t left = input ? strlen(input) : 0;
	char data[4096];

	fcntl(*in, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd fds[2] = { { .fd = out, .events = POLLIN },
					 { .fd = left ? *in : -1, .events = POLLOUT } };
		ssize_t n;

		if (!left && *in >= 0) {
			close(*in);
			*in = -1;
		}
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents) {
			n = write(*in, input, left);
			if (n < 0 && errno != EAGAIN)
				left = 0;
			else if (n > 0) {
				input += n;
				left -= (size_t)n;
			}
		}
		if (!fds[0].revents)
			continue;
		n = read(out, data, sizeof(data));
		if (n <= 0)
			return;
		bb_buf_put(&p->output, data, (size_t)n);
	}
}

static int run(struct sim_process *p, const char *const *argv, const char *input)
{
	void (*before)(int);
	int in[2], out[2], status = 0, err;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		err = -errno;
		close(in[0]);
		close(in[1]);
		return err;
	}
	err = start(&pid, argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (!err) {
		before = signal(SIGPIPE, SIG_IGN);
		converse(p, &in[1], out[0], input);
		signal(SIGPIPE, before);
	}
	if (in[1] >= 0)
		close(in[1]);
	close(out[0]);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	p->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	return p->output.err;
}

int bb_sim_spawn(struct bb_process **pp, const char *const *argv, const char *input)
{
	struct sim_process *p = bb_zalloc(sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	err = run(p, argv, input);
	if (err) {
		bb_buf_free(&p->output);
		bb_free(p);
		return err;
	}
	bb_task_post(&p->task, told, p);
	*pp = &p->base;
	return 0;
}

/* It has ended already. */
void bb_sim_kill(struct bb_process *p, int signum)
{
	(void)p;
	(void)signum;
}
