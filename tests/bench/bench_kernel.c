/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_kernel - what the kernel takes for one datagram received and one sent
 * on loopback, in CPU microseconds of the process: the yardstick of the
 * signalling figures. Prints one number.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 40000
#define SIZE 600

static double cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
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

int main(void)
{
	struct sockaddr_in a, b;
	int one = bound(&a), two = bound(&b), ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN };
	char buf[SIZE] = { 0 };
	double start;

	if (one < 0 || two < 0 || ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, two, &ev))
		return 1;
	start = cpu();
	for (unsigned i = 0; i < ROUNDS; i++) {
		/* One sent by the one socket, one wake-up and one received by the other. */
		if (sendto(one, buf, sizeof(buf), 0, (struct sockaddr *)&b, sizeof(b)) < 0 ||
		    epoll_wait(ep, &ev, 1, 1000) != 1 || recv(two, buf, sizeof(buf), 0) < 0)
			return 1;
	}
	printf("%.3f\n", (cpu() - start) / ROUNDS);
	return 0;
}
