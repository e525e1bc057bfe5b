/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The socket, its clients, and the prompt on a pseudo-terminal. The server
 * runs in a process of its own, as in life.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log_core.h"
#include "core/console/client.h"
#include "core/console/wire.h"
#include "tests/unit/core/console/console_test.h"

static char dir[64], path[96];
static pid_t server;

static void on_term(int signum, void *arg)
{
	bb_loop_stop();
}

static void serve(int ready)
{
	const struct bb_loop_options loop = { 0 };
	const struct bb_store_options store = { 0 };
	char c = 'R';

	if (bb_loop_init(&loop) || bb_log_init() || bb_store_init(&store) || bb_console_init(path))
		_exit(10);
	add_test_commands();
	if (bb_loop_on_signal(SIGTERM, on_term, NULL) || write(ready, &c, 1) != 1)
		_exit(11);
	bb_loop_run();
	bb_console_close();
	bb_store_close();
	bb_log_close();
	_exit(bb_loop_close() ? 12 : 0);
}

static void server_start(void)
{
	int ready[2];
	char c = 0;

	if (!dir[0]) {
		snprintf(dir, sizeof(dir), "/tmp/bellbird-console-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(dir));
		snprintf(path, sizeof(path), "%s/ctl", dir);
	}
	ck_assert_int_eq(pipe(ready), 0);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0)
		serve(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
}

/* It ends in order, with nothing left open. */
static void server_stop(void)
{
	int status;

	ck_assert_int_eq(kill(server, SIGTERM), 0);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_ne(access(path, F_OK), 0);
}

static void clean_up(void)
{
	rmdir(dir);
	dir[0] = '\0';
}

static int raw(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path, path, strlen(path));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

/* Run the client as a program would; its output and exit status. */
static int client(const char *command, char *text, size_t cap)
{
	const struct bb_client_options opt = { .path = path, .command = command };
	int pipes[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	fflush(NULL);
	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		dup2(pipes[1], STDERR_FILENO);
		status = bb_console_client(&opt);
		fflush(NULL);
		_exit(status);
	}
	close(pipes[1]);
	while (n + 1 < cap && (got = read(pipes[0], text + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(pipes[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(test_exec)
{
	static char text[4 * 1024 * 1024];
	struct stat st;

	server_start();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(client("test echo hello", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "First:    hello\nCount:    3\nColour:   -\nThe rest: \n");
	ck_assert_int_eq(client("test fault", text, sizeof(text)), 1);
	ck_assert_str_eq(text, "the thing is broken\n");
	ck_assert_int_eq(client("what is this", text, sizeof(text)), 1);
	ck_assert_int_eq(client("test wait", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "waited\n");
	/* more than any window or socket buffer */
	ck_assert_int_eq(client("test many", text, sizeof(text)), 0);
	ck_assert_uint_gt(strlen(text), 1000000);
	ck_assert_ptr_nonnull(strstr(text, "\n 19999  \xc3\xa4"));
	ck_assert_ptr_null(strstr(text, "\xef\xbf\xbd"));
	ck_assert_int_eq(client("database put f k v", text, sizeof(text)), 0);
	ck_assert_int_eq(client("database get f k --json", text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, "\"value\": \"v\""));
	server_stop();
	ck_assert_int_eq(client("test wait", text, sizeof(text)), 2);
	ck_assert_ptr_nonnull(strstr(text, "nobody answers"));
	clean_up();
}
END_TEST

START_TEST(test_second_server)
{
	int status, ready[2];
	pid_t first;

	server_start();
	first = server;
	ck_assert_int_eq(pipe(ready), 0);
	server = fork();
	if (server == 0)
		serve(ready[1]);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_int_eq(WEXITSTATUS(status), 10);
	server = first;
	/* The first one still answers. */
	ck_assert_int_eq(access(path, F_OK), 0);
	close(raw());
	/* What a killed one leaves behind does not stop the next. */
	ck_assert_int_eq(kill(server, SIGKILL), 0);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_int_eq(access(path, F_OK), 0);
	server_start();
	server_stop();
	clean_up();
}
END_TEST

static void hurl(const char *data, size_t len)
{
	int fd = raw();
	char buf[512];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	/* It closes, or has nothing to say. */
	while (poll(&p, 1, 100) > 0 && recv(fd, buf, sizeof(buf), 0) > 0)
		;
	close(fd);
}

START_TEST(test_hostile)
{
	static const char *const messages[] = {
		"\n",
		"null\n",
		"[]\n",
		"{}\n",
		"{\"op\":1}\n",
		"{\"op\":\"exec\"}\n",
		"{\"op\":\"exec\",\"command\":7,\"id\":\"x\"}\n",
		"{\"op\":\"exec\",\"command\":\"test echo\",\"width\":-5,\"format\":[]}\n",
		"{\"op\":\"exec\",\"command\":\"test table\",\"width\":1}\n",
		"{\"op\":\"complete\"}\n",
		"{\"op\":\"complete\",\"line\":\"\\\"\\\\\"}\n",
		"{\"op\":\"ack\",\"bytes\":99999999999999}\n",
		"{\"op\":\"ack\",\"bytes\":-1}\n",
		"{\"op\":\"hello\",\"verbose\":1e99,\"log\":3}\n",
		"{\"op\":\"unknown\"}\n",
		"{\"op\":\"exec\",\"command\":\"\xff\xfe\"}\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	};
	static char big[200000], deep[60000], text[4096];

	server_start();
	for (size_t i = 0; i < BB_ARRAY_SIZE(messages); i++)
		hurl(messages[i], strlen(messages[i]));
	memset(big, 'a', sizeof(big));
	hurl(big, sizeof(big));
	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 1] = '\n';
	hurl(deep, sizeof(deep));
	for (unsigned seed = 1; seed < 50; seed++) {
		for (size_t i = 0; i < 300; i++)
			big[i] = (char)(i * seed * 2654435761u >> 13);
		big[299] = '\n';
		hurl(big, 300);
	}
	ck_assert_int_eq(client("test wait", text, sizeof(text)), 0);
	server_stop();
	clean_up();
}
END_TEST

static json_t *receive(int fd, struct bb_buf *in)
{
	char data[4096], *nl;
	json_t *msg;

	while (!in->l || !(nl = memchr(in->p, '\n', in->l))) {
		ssize_t n = recv(fd, data, sizeof(data), 0);

		if (n <= 0)
			return NULL;
		bb_buf_put(in, data, (size_t)n);
	}
	msg = json_loadb(in->p, (size_t)(nl - in->p), 0, NULL);
	bb_buf_consume(in, (size_t)(nl - in->p) + 1);
	return msg;
}

/* A client that never acknowledges gets a window and no more; others are served. */
START_TEST(test_slow_client)
{
	static const char ask[] = "{\"op\":\"exec\",\"id\":1,\"command\":\"test many\"}\n";
	static char data[65536], text[4096];
	size_t total = 0;
	int fd;

	server_start();
	fd = raw();
	ck_assert_int_eq(send(fd, ask, sizeof(ask) - 1, 0), sizeof(ask) - 1);
	ck_assert_int_eq(client("test wait", text, sizeof(text)), 0);
	/* Up to the window, however slow the machine is; then silence. */
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, total < BB_WIRE_WINDOW ? 20000 : 200) <= 0)
			break;
		n = recv(fd, data, sizeof(data), 0);
		ck_assert_int_gt(n, 0);
		total += (size_t)n;
	}
	ck_assert_uint_eq(total, BB_WIRE_WINDOW);
	close(fd);
	server_stop();
	clean_up();
}
END_TEST

/* Commands of one client are answered in order; too many at once are refused. */
START_TEST(test_queue)
{
	struct bb_buf in = { 0 };
	unsigned done = 0, refused = 0;
	json_int_t last = 0;
	char ask[96], text[256];
	int fd;

	server_start();
	fd = raw();
	for (int i = 1; i <= 30; i++) {
		int n = snprintf(ask, sizeof(ask),
				 "{\"op\":\"exec\",\"id\":%d,\"command\":\"test wait\"}\n", i);

		ck_assert_int_eq(send(fd, ask, (size_t)n, 0), n);
	}
	while (done + refused < 30) {
		json_t *msg = receive(fd, &in);

		ck_assert_ptr_nonnull(msg);
		if (json_is_true(json_object_get(msg, "done"))) {
			json_int_t id = json_integer_value(json_object_get(msg, "id"));
			json_int_t status = json_integer_value(json_object_get(msg, "status"));

			if (status == -EBUSY) {
				refused++;
			} else {
				ck_assert_int_eq(status, 0);
				ck_assert_int_gt(id, last);
				last = id;
				done++;
			}
		}
		json_decref(msg);
	}
	ck_assert_uint_ge(done, BB_WIRE_QUEUE);
	ck_assert_uint_gt(refused, 0);
	/* and one that leaves while its command runs does no harm */
	ck_assert_int_eq(send(fd, ask, strlen(ask), 0), (ssize_t)strlen(ask));
	close(fd);
	bb_buf_free(&in);
	/* begun later, so it ends later */
	ck_assert_int_eq(client("test wait", text, sizeof(text)), 0);
	server_stop();
	clean_up();
}
END_TEST

/* --- the prompt --- */

static struct bb_buf screen;
static int terminal;

static bool shows(const char *what)
{
	char data[4096];

	for (unsigned i = 0; i < 400; i++) {
		struct pollfd p = { .fd = terminal, .events = POLLIN };
		ssize_t n;

		if (strstr(bb_buf_cstr(&screen), what))
			return true;
		if (poll(&p, 1, 100) <= 0)
			continue;
		n = read(terminal, data, sizeof(data));
		if (n <= 0)
			return strstr(bb_buf_cstr(&screen), what) != NULL;
		bb_buf_put(&screen, data, (size_t)n);
	}
	return false;
}

static void type(const char *keys)
{
	bb_buf_truncate(&screen, 0);
	ck_assert_int_eq(write(terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
}

START_TEST(test_prompt)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char prompt[300] = "", history[128], line[128] = "";
	int status;
	FILE *f;
	pid_t pid;

	server_start();
	snprintf(history, sizeof(history), "%s/.bellbird_history", dir);
	pid = forkpty(&terminal, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const struct bb_client_options opt = { .path = path };

		setenv("TERM", "xterm", 1);
		setenv("HOME", dir, 1);
		setenv("SHELL", "/bin/sh", 1);
		_exit(bb_console_client(&opt));
	}
	gethostname(prompt, 200);
	strcat(prompt, "*CLI> ");
	ck_assert_msg(shows(prompt), "%s", bb_buf_cstr(&screen));
	type("te\tec\tban\t\r");
	ck_assert_msg(shows("banana\r\n"), "%s", bb_buf_cstr(&screen));
	ck_assert(shows("First:"));
	ck_assert(shows(prompt));
	type("test f\t\t");
	ck_assert_msg(shows("fault"), "%s", bb_buf_cstr(&screen));
	type("\025!echo sh\"\"ell\r");
	ck_assert_msg(shows("\nshell"), "%s", bb_buf_cstr(&screen));
	type("test nonsense\r");
	ck_assert_msg(shows("no such command"), "%s", bb_buf_cstr(&screen));
	type("half a line\003");
	ck_assert(shows(prompt));
	/* up twice: the line before the last */
	type("\033[A\033[A\r");
	ck_assert_msg(shows("shell"), "%s", bb_buf_cstr(&screen));
	type("exit\r");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	close(terminal);
	f = fopen(history, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_ptr_nonnull(strstr(line, "banana"));
	fclose(f);
	unlink(history);
	bb_buf_free(&screen);
	server_stop();
	clean_up();
}
END_TEST

/* Lines of the log come above the prompt, at this console's own level. */
START_TEST(test_log_lines)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char text[1024];
	int status;
	pid_t pid;

	server_start();
	pid = forkpty(&terminal, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const struct bb_client_options opt = { .path = path, .verbose = 3 };

		setenv("TERM", "dumb", 1);
		setenv("HOME", "", 1);
		_exit(bb_console_client(&opt));
	}
	ck_assert(shows("*CLI> "));
	bb_buf_truncate(&screen, 0);
	ck_assert_int_eq(client("test log", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
	ck_assert_msg(shows("    -- Executing [100@internal:2] Dial("), "%s", bb_buf_cstr(&screen));
	ck_assert_msg(shows("WARNING: a name that bites: ^[[2J"), "%s", bb_buf_cstr(&screen));
	/* and the prompt stands again below */
	ck_assert(shows("*CLI> "));
	ck_assert_ptr_null(strstr(bb_buf_cstr(&screen), "deep water"));
	type("core set verbose 5\r");
	ck_assert(shows("level is 5 at this console"));
	bb_buf_truncate(&screen, 0);
	ck_assert_int_eq(client("test log", text, sizeof(text)), 0);
	ck_assert_msg(shows("deep water"), "%s", bb_buf_cstr(&screen));
	type("core set verbose off\r");
	ck_assert(shows("level is 0"));
	bb_buf_truncate(&screen, 0);
	ck_assert_int_eq(client("test log", text, sizeof(text)), 0);
	ck_assert(shows("WARNING"));
	ck_assert_ptr_null(strstr(bb_buf_cstr(&screen), "Executing"));
	type("exit\r");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	close(terminal);
	bb_buf_free(&screen);
	server_stop();
	clean_up();
}
END_TEST

START_TEST(test_server_goes)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int status;
	pid_t pid;

	server_start();
	pid = forkpty(&terminal, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const struct bb_client_options opt = { .path = path };

		setenv("TERM", "xterm", 1);
		setenv("HOME", "", 1);
		_exit(bb_console_client(&opt));
	}
	ck_assert(shows("*CLI> "));
	server_stop();
	ck_assert_msg(shows("Disconnected: the PBX has ended"), "%s", bb_buf_cstr(&screen));
	server_start();
	ck_assert_msg(shows("Connected again"), "%s", bb_buf_cstr(&screen));
	bb_buf_truncate(&screen, 0);
	type("test wait\r");
	ck_assert(shows("waited"));
	type("quit\r");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	close(terminal);
	bb_buf_free(&screen);
	server_stop();
	clean_up();
}
END_TEST

Suite *socket_suite(void)
{
	Suite *s = suite_create("console socket");
	TCase *t = tcase_create("socket");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_exec);
	tcase_add_test(t, test_second_server);
	tcase_add_test(t, test_hostile);
	tcase_add_test(t, test_slow_client);
	tcase_add_test(t, test_queue);
	tcase_add_test(t, test_prompt);
	tcase_add_test(t, test_log_lines);
	tcase_add_test(t, test_server_goes);
	suite_add_tcase(s, t);
	return s;
}
