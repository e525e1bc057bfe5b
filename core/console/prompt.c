/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/prompt.c - editing, history, completion (libedit).
 *
 * While libedit waits for a key we wait for the socket too: a line of the log
 * is printed above the prompt, which is then drawn again.
 */
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/console/client.h"
#include "core/console/console_int.h"

#define HISTORY_LINES 500

static struct {
	struct bb_link *link;
	const struct bb_client_options *opt;
	EditLine *el;
	char prompt[300];
	bool editing; /* The prompt is on the screen. */
	bool gone;
	volatile sig_atomic_t interrupted, hung_up;
	sigset_t mask; /* While waiting: the user's own, with SIGINT let through. */
} me;

static char *prompt_text(EditLine *el)
{
	(void)el;
	return me.prompt;
}

static void log_above(struct bb_str line, void *arg)
{
	(void)arg;
	/* To the left edge, and clear what stands there. */
	if (me.editing)
		fputs("\r\033[K", stdout);
	printf("%.*s\n", BB_FMT(line));
	if (me.editing)
		el_set(me.el, EL_REFRESH);
	fflush(stdout);
}

/* @return false when the server has gone. */
static bool serve_socket(void)
{
	json_t *msg;

	do {
		int got = bb_link_read(me.link, 0, &msg);

		if (got > 0)
			json_decref(msg); /* an answer nobody waits for any more */
		if (got < 0)
			return false;
	} while (bb_link_ready(me.link));
	return true;
}

static int next_char(EditLine *el, wchar_t *c)
{
	static char pending[8];
	static size_t n;

	(void)el;
	for (;;) {
		struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				       { .fd = me.link->fd, .events = POLLIN } };
		mbstate_t state = { 0 };
		size_t used;

		/* Ctrl-C reaches us only here, so that it cannot come between look and wait. */
		if (ppoll(p, 2, NULL, &me.mask) < 0) {
			me.gone = me.gone || me.hung_up;
			if (me.interrupted)
				return 0;
			continue;
		}
		if (p[1].revents && !serve_socket()) {
			me.gone = true;
			return 0;
		}
		if (!p[0].revents)
			continue;
		if (read(STDIN_FILENO, pending + n, 1) != 1)
			return 0;
		n++;
		used = mbrtowc(c, pending, n, &state);
		if (used == (size_t)-2 && n < sizeof(pending))
			continue;
		n = 0;
		if (used == (size_t)-1 || used == (size_t)-2)
			continue; /* no character: forget the bytes */
		return 1;
	}
}

static size_t common(json_t *words)
{
	const char *first = json_string_value(json_array_get(words, 0));
	size_t n = first ? strlen(first) : 0;

	for (size_t i = 1; i < json_array_size(words); i++) {
		const char *w = json_string_value(json_array_get(words, i));
		size_t k = 0;

		while (w && k < n && w[k] == first[k])
			k++;
		n = k;
	}
	return first ? bb_text_cut(bb_strz(first), n) : 0;
}

static void list_words(json_t *words)
{
	unsigned width = bb_terminal_width(), widest = 1, columns;
	size_t n = json_array_size(words), rows;

	for (size_t i = 0; i < n; i++) {
		size_t w = bb_text_width(bb_strz(json_string_value(json_array_get(words, i))));

		if (w > widest)
			widest = (unsigned)w;
	}
	columns = width / (widest + 2) ? width / (widest + 2) : 1;
	rows = (n + columns - 1) / columns;
	putchar('\n');
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = r; i < n; i += rows) {
			const char *w = json_string_value(json_array_get(words, i));

			printf("%s%*s", w, (int)(widest + 2 - bb_text_width(bb_strz(w))), "");
		}
		putchar('\n');
	}
}

/* Put the candidate in place of the word that stands before the cursor. */
static void insert_word(EditLine *el, const char *word, size_t n, size_t typed, bool whole)
{
	bool quote = memchr(word, ' ', n) != NULL;
	struct bb_buf b = { 0 };

	el_deletestr(el, (int)typed);
	if (quote)
		bb_buf_putc(&b, '"');
	bb_buf_put(&b, word, n);
	if (quote && whole)
		bb_buf_putc(&b, '"');
	if (whole)
		bb_buf_putc(&b, ' ');
	if (!b.err)
		el_insertstr(el, bb_buf_cstr(&b));
	bb_buf_free(&b);
}

/* Characters, which el_deletestr() counts, of the last word of the line. */
static size_t last_word(struct bb_str line)
{
	size_t at = line.l, chars = 0;

	while (at && line.p[at - 1] != ' ')
		at--;
	for (size_t i = at; i < line.l; i++)
		chars += ((unsigned char)line.p[i] & 0xc0) != 0x80;
	return chars;
}

static unsigned char complete(EditLine *el, int ch)
{
	const LineInfo *li = el_line(el);
	struct bb_str before = bb_strn(li->buffer, (size_t)(li->cursor - li->buffer));
	char text[BB_CLIENT_SHELL_MAX];
	size_t n, typed = last_word(before);
	unsigned char result = CC_REFRESH;
	json_t *words;

	(void)ch;
	if (bb_str_copy(text, sizeof(text), before))
		return CC_ERROR;
	words = bb_link_complete(me.link, text);
	if (!words || json_array_size(words) == 0) {
		json_decref(words);
		return CC_ERROR;
	}
	n = common(words);
	if (json_array_size(words) == 1) {
		insert_word(el, json_string_value(json_array_get(words, 0)), n, typed, true);
	} else if (n > 0 &&
		   bb_text_width(bb_strn(json_string_value(json_array_get(words, 0)), n)) > typed) {
		insert_word(el, json_string_value(json_array_get(words, 0)), n, typed, false);
	} else {
		list_words(words);
		result = CC_REDISPLAY;
	}
	json_decref(words);
	return result;
}

static void on_interrupt(int sig)
{
	(void)sig;
	me.interrupted = 1;
}

/* The terminal, or the PBX whose terminal this is, has gone: leave it as it was found. */
static void on_hangup(int sig)
{
	(void)sig;
	me.interrupted = 1;
	me.hung_up = 1;
}

static void history_path(char *dst, size_t cap)
{
	const char *home = getenv("HOME");

	dst[0] = '\0';
	if (home && home[0])
		snprintf(dst, cap, "%s/.bellbird_history", home);
}

/* The PBX has gone: wait for it to come back. @return false when the user has had enough. */
static bool reconnect(void)
{
	struct bb_client_options again = *me.opt;

	if (me.link->bye[0])
		printf("Disconnected: %s.\n", me.link->bye);
	else
		puts("Disconnected from the PBX.");
	fflush(stdout);
	if (me.opt->local || me.hung_up)
		return false;
	puts("Waiting for it to come back (Ctrl-C leaves) …");
	fflush(stdout);
	me.link->bye[0] = '\0';
	again.wait = false;
	while (!me.interrupted) {
		bb_link_close(me.link);
		if (bb_link_open(me.link, &again, true) == 0) {
			puts("Connected again.");
			fflush(stdout);
			return true;
		}
		ppoll(NULL, 0, &(struct timespec){ .tv_nsec = 500000000 }, &me.mask);
	}
	return false;
}

static EditLine *edit_new(History **hp)
{
	EditLine *el = el_init("bellbird", stdin, stdout, stderr);
	HistEvent ev;

	*hp = history_init();
	if (!el || !*hp)
		return NULL;
	history(*hp, &ev, H_SETSIZE, HISTORY_LINES);
	history(*hp, &ev, H_SETUNIQUE, 1);
	el_set(el, EL_PROMPT, prompt_text);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_HIST, history, *hp);
	el_set(el, EL_GETCFN, next_char);
	el_set(el, EL_SIGNAL, 0);
	el_set(el, EL_ADDFN, "bb-complete", "Complete the word", complete);
	el_set(el, EL_BIND, "^I", "bb-complete", NULL);
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(el, NULL);
	return el;
}

static void remember(History *h, const char *line, const char *file)
{
	HistEvent ev;
	mode_t old;

	if (bb_str_empty(bb_str_trim(bb_strz(line))))
		return;
	history(h, &ev, H_ENTER, line);
	if (!file[0])
		return;
	/* Passwords may be typed at a console. */
	old = umask(077);
	history(h, &ev, H_SAVE, file);
	umask(old);
}

static int edit_lines(History *h, const char *file)
{
	for (;;) {
		enum bb_line_result r;
		const char *line;
		int n = 0;

		me.interrupted = 0;
		me.editing = true;
		line = me.gone ? NULL : el_gets(me.el, &n);
		me.editing = false;
		if (me.gone) {
			putchar('\n');
			if (!reconnect())
				return me.opt->local ? 0 : 2;
			me.gone = false;
			continue;
		}
		if (me.interrupted) {
			/* Ctrl-C forgets the line. */
			el_reset(me.el);
			putchar('\n');
			continue;
		}
		if (!line || n <= 0) {
			putchar('\n');
			if (!me.opt->local)
				return 0;
			puts("This console belongs to the running PBX: \"core stop now\" ends "
			     "both.");
			if (!isatty(STDIN_FILENO) || feof(stdin))
				return 0;
			continue;
		}
		/* libedit's buffer goes with the next event */
		remember(h, line, file);
		r = bb_line_run(me.link, me.opt, bb_strz(line));
		if (r == BB_LINE_QUIT)
			return 0;
		me.gone = r == BB_LINE_GONE;
	}
}

int bb_prompt_run(struct bb_link *l, const struct bb_client_options *opt)
{
	struct sigaction sa = { .sa_handler = on_interrupt };
	char file[4096];
	HistEvent ev;
	sigset_t block;
	History *h = NULL;
	int status = 1;

	memset(&me, 0, sizeof(me));
	me.link = l;
	me.opt = opt;
	l->log = log_above;
	snprintf(me.prompt, sizeof(me.prompt), "%s*CLI> ", l->host);
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &me.mask);
	sigdelset(&me.mask, SIGINT);
	sigdelset(&me.mask, SIGHUP);
	sigdelset(&me.mask, SIGTERM);
	sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_hangup;
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	l->wait_mask = &me.mask;
	l->interrupted = &me.interrupted;
	me.el = edit_new(&h);
	if (me.el) {
		history_path(file, sizeof(file));
		if (file[0])
			history(h, &ev, H_LOAD, file);
		printf("Bellbird %s, process %d. TAB completes, \"core show help\" lists "
		       "commands.\n",
		       l->version, l->pid);
		status = edit_lines(h, file);
		el_end(me.el);
	}
	if (h)
		history_end(h);
	return status;
}
