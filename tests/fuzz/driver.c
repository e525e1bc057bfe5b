/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * driver.c - main() of the fuzz targets where libFuzzer is not.
 *
 *   fuzz_X [-r RUNS | -t SECONDS] [-s SEED] [-m MAXLEN] [FILE-OR-FOLDER…]
 *
 * Without a path it takes tests/fuzz/corpus/X and what the target names in
 * fuzz_also. Each file is given to the target as it is; then RUNS inputs are made from
 * them by mutation. The seed is printed, and the input at hand is written to
 * fuzz-crash.bin when the target dies, so that a failure can be replayed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_FILES 1024
#define MAX_LEN (128u * 1024u)

static struct {
	uint8_t *data;
	size_t len;
} files[MAX_FILES];
static size_t n_files;

static uint8_t *input;
static size_t input_len;
static uint64_t rng;

/* xorshift64*: enough for mutations. */
static uint32_t rnd(uint32_t bound)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return bound ? (uint32_t)((rng * 2685821657736338717ull) >> 33) % bound : 0;
}

static void on_crash(int sig)
{
	int fd = open("fuzz-crash.bin", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0) {
		ssize_t n = write(fd, input, input_len);

		(void)n;
		close(fd);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f || n_files == MAX_FILES) {
		if (f)
			fclose(f);
		return;
	}
	n = fread(input, 1, MAX_LEN, f);
	fclose(f);
	files[n_files].data = malloc(n + 1);
	if (!files[n_files].data)
		return;
	memcpy(files[n_files].data, input, n);
	files[n_files++].len = n;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of names, so that a seed means the same everywhere. */
static void add_path(const char *path)
{
	struct dirent **list;
	struct stat st;
	char name[1024];
	int n;

	if (stat(path, &st)) {
		fprintf(stderr, "no %s\n", path);
		exit(2);
	}
	if (!S_ISDIR(st.st_mode)) {
		add_file(path);
		return;
	}
	n = scandir(path, &list, NULL, by_name);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, list[i]->d_name);
		if (list[i]->d_name[0] != '.')
			add_path(name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void insert(size_t at, const void *data, size_t len, size_t max)
{
	if (input_len + len > max)
		return;
	memmove(input + at + len, input + at, input_len - at);
	memcpy(input + at, data, len);
	input_len += len;
}

static void erase(size_t at, size_t len)
{
	if (len > input_len - at)
		len = input_len - at;
	memmove(input + at, input + at + len, input_len - at - len);
	input_len -= len;
}

static void mutate_once(size_t max)
{
	static const char *const words[] = { "\r\n", "\r\n\r\n", "\"",	  "<",		">",
					     ";",    ",",	 ":",	  "@",		"=",
					     "%",    "%00",	 "[",	  "]",		"\\",
					     " ",    "\t",	 "\r\n ", "4294967296", "-1",
					     "0",    "255",	 "65536", "\xff",	"a=" };
	uint8_t copy[256];
	size_t at = rnd((uint32_t)input_len + 1), k;
	const char *w;

	switch (rnd(7)) {
	case 0:
		if (at < input_len)
			input[at] ^= (uint8_t)(1u << rnd(8));
		break;
	case 1:
		if (at < input_len)
			input[at] = (uint8_t)rnd(256);
		break;
	case 2:
		erase(at, 1 + rnd(rnd(4) ? 4 : 200));
		break;
	case 3:
		w = words[rnd(sizeof(words) / sizeof(words[0]))];
		insert(at, w, strlen(w), max);
		break;
	case 4: /* say a piece twice */
		k = rnd(sizeof(copy)) + 1;
		if (k > input_len - at)
			k = input_len - at;
		memcpy(copy, input + at, k);
		insert(rnd((uint32_t)input_len + 1), copy, k, max);
		break;
	case 5: /* a piece of another file */
		if (n_files) {
			size_t f = rnd((uint32_t)n_files), from = rnd((uint32_t)files[f].len + 1);

			k = rnd(sizeof(copy)) + 1;
			if (k > files[f].len - from)
				k = files[f].len - from;
			insert(at, files[f].data + from, k, max);
		}
		break;
	default:
		input_len = rnd(20) ? input_len : at;
		break;
	}
}

/* The target sees a block of exactly its length, so that a sanitizer finds each byte too far. */
static void run_one(void)
{
	uint8_t *exact = malloc(input_len ? input_len : 1);

	if (!exact)
		exit(2);
	memcpy(exact, input, input_len);
	LLVMFuzzerTestOneInput(exact, input_len);
	free(exact);
}

static void add_default(const char *program)
{
	const char *name = strstr(program, "fuzz_"), *next;
	char path[1024];

	while (name && (next = strstr(name + 1, "fuzz_")))
		name = next;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", BB_TOP_SRCDIR,
		 name ? name + strlen("fuzz_") : "");
	add_path(path);
	if (!&fuzz_also)
		return;
	snprintf(path, sizeof(path), "%s/%s", BB_TOP_SRCDIR, fuzz_also);
	add_path(path);
}

int main(int argc, char **argv)
{
	unsigned long runs = 20000, seconds = 0, n;
	size_t max = 4096;
	uint64_t seed = 1;
	time_t until;
	int opt;

	while ((opt = getopt(argc, argv, "r:t:s:m:")) >= 0) {
		if (opt == 'r')
			runs = strtoul(optarg, NULL, 10);
		else if (opt == 't')
			seconds = strtoul(optarg, NULL, 10);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (opt == 'm')
			max = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	LLVMFuzzerInitialize(&argc, &argv);
	input = malloc(MAX_LEN);
	if (!input)
		return 2;
	max = max > MAX_LEN ? MAX_LEN : max;
	for (int i = optind; i < argc; i++)
		add_path(argv[i]);
	if (optind == argc)
		add_default(argv[0]);
	rng = seed * 2654435769u + 88172645463325252ull;
	printf("seed %llu, %zu files\n", (unsigned long long)seed, n_files);
	fflush(stdout);
	signal(SIGABRT, on_crash);
	signal(SIGSEGV, on_crash);
	for (size_t i = 0; i < n_files; i++) {
		memcpy(input, files[i].data, input_len = files[i].len);
		run_one();
	}
	until = time(NULL) + (time_t)seconds;
	for (n = 0; seconds ? time(NULL) < until : n < runs; n++) {
		size_t f = rnd((uint32_t)n_files);

		input_len = 0;
		if (n_files)
			memcpy(input, files[f].data,
			       input_len = files[f].len > max ? max : files[f].len);
		for (unsigned k = 1 + rnd(8); k; k--)
			mutate_once(max);
		run_one();
	}
	printf("%lu runs\n", n);
	for (size_t i = 0; i < n_files; i++)
		free(files[i].data);
	free(input);
	return 0;
}
