/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/process.c - child processes.
 */
#include <stdlib.h>

#include <bellbird/mem.h>

#include "core/loop/real.h"

struct real_process {
	struct bb_process base;
	uv_process_t process;
	uv_pipe_t in, out, err;
	uv_write_t write;
	char *input;
	unsigned handles; /* Not closed yet; the object lives until then. */
	unsigned outputs; /* Of stdout and stderr: how many are still open. */
	bool exited, told;
	int status;
};

static char rx[16384];

static void gone(uv_handle_t *h)
{
	struct real_process *p = h->data;

	if (--p->handles)
		return;
	bb_free(p->input);
	bb_free(p);
}

static void close_once(uv_handle_t *h)
{
	if (!uv_is_closing(h))
		uv_close(h, gone);
}

/* The end is told when the child is dead and all it said was read. */
static void check_end(struct real_process *p)
{
	if (!p->exited || p->outputs || p->told)
		return;
	p->told = true;
	bb_process_over(&p->base, p->status);
	close_once((uv_handle_t *)&p->process);
	close_once((uv_handle_t *)&p->in);
	close_once((uv_handle_t *)&p->out);
	close_once((uv_handle_t *)&p->err);
}

static void exited(uv_process_t *h, int64_t status, int signum)
{
	struct real_process *p = h->data;

	bb_loop_awake();
	p->exited = true;
	p->status = signum ? -signum : (int)status;
	check_end(p);
}

static void give_buffer(uv_handle_t *h, size_t size, uv_buf_t *buf)
{
	*buf = uv_buf_init(rx, sizeof(rx));
}

static void output(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct real_process *p = s->data;

	bb_loop_awake();
	if (n > 0 && p->base.ops->output)
		p->base.ops->output(&p->base, buf->base, (size_t)n, p->base.arg);
	if (n < 0) {
		uv_read_stop(s);
		p->outputs--;
		check_end(p);
	}
}

static void fed(uv_write_t *w, int status)
{
	struct real_process *p = bb_container_of(w, struct real_process, write);

	bb_loop_awake();
	close_once((uv_handle_t *)&p->in);
}

static void feed(struct real_process *p)
{
	uv_buf_t buf;

	if (!p->input || !*p->input) {
		close_once((uv_handle_t *)&p->in);
		return;
	}
	buf = uv_buf_init(p->input, (unsigned)strlen(p->input));
	if (uv_write(&p->write, (uv_stream_t *)&p->in, &buf, 1, fed))
		close_once((uv_handle_t *)&p->in);
}

static void listen_to(struct real_process *p, uv_pipe_t *pipe)
{
	if (!uv_read_start((uv_stream_t *)pipe, give_buffer, output))
		p->outputs++;
}

int bb_process_real_spawn(struct bb_process **pp, const char *const *argv, const char *input)
{
	struct real_process *p = bb_zalloc(sizeof(*p));
	uv_stdio_container_t io[3];
	uv_process_options_t opt;
	int err;

	if (!p)
		return -ENOMEM;
	if (input) {
		p->input = bb_strdup(bb_strz(input));
		if (!p->input) {
			bb_free(p);
			return -ENOMEM;
		}
	}
	uv_pipe_init(&bb_uv, &p->in, 0);
	uv_pipe_init(&bb_uv, &p->out, 0);
	uv_pipe_init(&bb_uv, &p->err, 0);
	p->in.data = p->out.data = p->err.data = p->process.data = p;
	memset(&opt, 0, sizeof(opt));
	memset(io, 0, sizeof(io));
	io[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
	io[0].data.stream = (uv_stream_t *)&p->in;
	io[1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	io[1].data.stream = (uv_stream_t *)&p->out;
	opt.file = argv[0];
	opt.args = (char **)(uintptr_t)argv;
	opt.exit_cb = exited;
	opt.stdio = io;
	opt.stdio_count = 3;
	io[2].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	io[2].data.stream = (uv_stream_t *)&p->err;
	err = uv_spawn(&bb_uv, &p->process, &opt);
	p->handles = 4;
	if (err) {
		close_once((uv_handle_t *)&p->process);
		close_once((uv_handle_t *)&p->in);
		close_once((uv_handle_t *)&p->out);
		close_once((uv_handle_t *)&p->err);
		return err;
	}
	feed(p);
	listen_to(p, &p->out);
	listen_to(p, &p->err);
	*pp = &p->base;
	return 0;
}

void bb_process_real_kill(struct bb_process *base, int signum)
{
	struct real_process *p = bb_container_of(base, struct real_process, base);

	if (!p->exited)
		uv_process_kill(&p->process, signum);
}
