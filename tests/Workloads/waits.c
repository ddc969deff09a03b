// SPDX-License-Identifier: Apache-2.0
/*
 * cox-waits: workloads that know how long they waited, to compare an observer with.
 */
#include "common.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MAX_SAMPLES 1000000

static const char usage[] =
	"usage: cox-waits waker [--period-us U] [--seconds S] [--nice N]\n"
	"       cox-waits pipe [--round-trips N]\n"
	"       cox-waits sleepers [--count N] [--period-ms M] [--seconds S]\n"
	"\n"
	"waker sleeps until fixed times and prints how late it was (ns), and what the kernel counted as its waiting.\n"
	"pipe sends a byte to and fro between two processes and prints what a round trip took (ns).\n"
	"sleepers are N threads that wake every M ms, until S seconds are over or their starter is gone.\n";

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Second field: time runnable without a CPU. */
static uint64_t kernel_wait_ns(void)
{
	unsigned long long run = 0, wait = 0;
	FILE *file = fopen("/proc/self/schedstat", "r");

	if (file) {
		if (fscanf(file, "%llu %llu", &run, &wait) != 2)
			wait = 0;
		fclose(file);
	}
	return wait;
}

static int run_waker(uint64_t period, uint64_t duration)
{
	uint64_t *late = calloc(MAX_SAMPLES, sizeof(*late));
	uint64_t begin = now_ns(), next = begin, waited, sum = 0;
	size_t count = 0;

	if (!late)
		die("no memory");
	set_comm("waker");
	waited = kernel_wait_ns();
	while (now_ns() - begin < duration && count < MAX_SAMPLES && !orphaned()) {
		uint64_t now;

		next += period;
		now = now_ns();
		if (next <= now)
			next = now + period;
		sleep_until_ns(next);
		now = now_ns();
		late[count++] = now > next ? now - next : 0;
		sum += late[count - 1];
	}
	waited = kernel_wait_ns() - waited;
	qsort(late, count, sizeof(*late), compare);
	if (!count)
		die("no sample");
	printf("{\"pid\":%d,\"samples\":%zu,\"sum_ns\":%llu,\"kernel_wait_ns\":%llu,\"p50_ns\":%llu,\"p90_ns\":%llu,\"p99_ns\":%llu,\"max_ns\":%llu}\n",
	       getpid(), count, (unsigned long long)sum, (unsigned long long)waited,
	       (unsigned long long)late[count / 2], (unsigned long long)late[count * 9 / 10],
	       (unsigned long long)late[count * 99 / 100], (unsigned long long)late[count - 1]);
	return 0;
}

static int run_pipe(uint64_t round_trips)
{
	int to[2], from[2];
	uint64_t begin;
	char byte = 0;
	pid_t child;

	set_comm("ping");
	if (pipe(to) || pipe(from))
		die("pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		die("fork: %s", strerror(errno));
	if (!child) {
		set_comm("pong");
		close(to[1]);
		while (read(to[0], &byte, 1) == 1 && write(from[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	begin = now_ns();
	for (uint64_t i = 0; i < round_trips; i++) {
		if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1)
			die("pipe: %s", strerror(errno));
	}
	printf("%llu\n", (unsigned long long)((now_ns() - begin) / round_trips));
	close(to[1]);
	waitpid(child, NULL, 0);
	return 0;
}

static uint64_t sleepers_period;

static void *sleeper(void *argument)
{
	/* Spread over the period, as nobody wakes all of them at once. */
	uint64_t next = now_ns() + sleepers_period + (uintptr_t)argument * 7919 % 1000 * (sleepers_period / 1000);

	for (;; next += sleepers_period)
		sleep_until_ns(next);
	return NULL;
}

static int run_sleepers(uint64_t count, uint64_t period, uint64_t duration)
{
	uint64_t begin = now_ns();
	pthread_attr_t small;

	set_comm("sleeper");
	sleepers_period = period;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	for (uint64_t i = 0; i < count; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, &small, sleeper, (void *)(uintptr_t)i);

		if (error)
			die("thread %llu: %s", (unsigned long long)i, strerror(error));
	}
	puts("ready");
	fflush(stdout);
	while (now_ns() - begin < duration && !orphaned())
		sleep_ns(100 * 1000 * NSEC_PER_USEC);
	_exit(0);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "period-us", required_argument, NULL, 'u' }, { "period-ms", required_argument, NULL, 'm' },
		{ "seconds", required_argument, NULL, 's' },   { "nice", required_argument, NULL, 'n' },
		{ "round-trips", required_argument, NULL, 'r' }, { "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },	       { NULL, 0, NULL, 0 },
	};
	uint64_t period = 20000 * NSEC_PER_USEC, duration = 5 * NSEC_PER_SEC, round_trips = 10000, count = 1000;
	const char *mode = argc > 1 ? argv[1] : "";
	int option;

	optind = 2;
	while (argc > 1 && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'u':
			period = parse_us("period-us", optarg, 100, 10000000);
			break;
		case 'm':
			period = parse_number("period-ms", optarg, 1, 100000) * 1000 * NSEC_PER_USEC;
			break;
		case 's':
			duration = parse_s("seconds", optarg, 1, 100000);
			break;
		case 'n':
			if (setpriority(PRIO_PROCESS, 0, (int)parse_number("nice", optarg, 0, 19)))
				die("nice: %s", strerror(errno));
			break;
		case 'r':
			round_trips = parse_number("round-trips", optarg, 1, 100000000);
			break;
		case 'c':
			count = parse_number("count", optarg, 1, 100000);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	orphaned();
	if (!strcmp(mode, "waker"))
		return run_waker(period, duration);
	if (!strcmp(mode, "pipe"))
		return run_pipe(round_trips);
	if (!strcmp(mode, "sleepers"))
		return run_sleepers(count, period, duration);
	fputs(usage, stderr);
	return 2;
}
