/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_kernel - what the kernel takes for one datagram received and one sent
 * on loopback: the yardstick of the signalling figures. A process that does
 * nothing but epoll, receive and send answers another one, as a telephone
 * exchange answers its telephones: the wake-up of the other process is part of
 * a send. Prints the answering process' CPU microseconds a pair.
 *
 * The other side keeps a few datagrams under way, so that some are found
 * waiting together and some are not, as under a middling load.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 30000
#define UNDER_WAY 2
#define SIZE 600

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int bound(struct sockaddr_in *a)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t l = sizeof(*a);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)a, sizeof(*a)) ||
	    getsockname(fd, (struct sockaddr *)a, &l))
		return -1;
	return fd;
}

/* The load: what comes back is sent again. */
static void load(int fd, const struct sockaddr_in *to)
{
	char buf[SIZE] = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < UNDER_WAY; i++)
		sendto(fd, buf, sizeof(buf), 0, (const struct sockaddr *)to, sizeof(*to));
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		sendto(fd, buf, sizeof(buf), 0, (const struct sockaddr *)to, sizeof(*to));
}

static int answer(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);
	double start = 0;

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		return -1;
	for (unsigned i = 0; i < ROUNDS + 1000; i++) {
		struct sockaddr_in from;
		socklen_t l = sizeof(from);
		char buf[SIZE];
		ssize_t n;

		if (i == 1000)
			start = cpu();
		if (epoll_wait(ep, &ev, 1, 2000) != 1)
			return -1;
		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &l);
		if (n < 0 || sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, l) < 0)
			return -1;
	}
	printf("%.3f\n", (cpu() - start) / ROUNDS);
	return 0;
}

int main(void)
{
	struct sockaddr_in a, b;
	int one = bound(&a), two = bound(&b), err;
	pid_t child;

	if (one < 0 || two < 0)
		return 1;
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		load(one, &b);
		_exit(0);
	}
	err = answer(two);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return err ? 1 : 0;
}
