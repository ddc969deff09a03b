// SPDX-License-Identifier: Apache-2.0
/*
 * cox-waits: workloads that know how long they waited, to compare an observer with.
 */
#include "common.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MAX_SAMPLES 1000000

static const char usage[] =
	"usage: cox-waits waker [--period-us U] [--run-us U] [--seconds S] [--nice N] [--on-input]\n"
	"       cox-waits pipe [--round-trips N]\n"
	"       cox-waits spinners [--count N] [--seconds S] [--on-input]\n"
	"       cox-waits sleepers [--count N] [--period-ms M] [--seconds S]\n"
	"\n"
	"waker sleeps until fixed times, runs for U us (default: not at all), and prints how late it was and for how long\n"
	"it was without a CPU meanwhile (ns), in hundredths of all times, and what the kernel counted as its waiting.\n"
	"pipe sends a byte to and fro between two processes and prints what a round trip took (ns).\n"
	"spinners are N processes named spinner-0 and so on that do nothing but ask what time it is; the first prints how long it\n"
	"was without a CPU each time it had to give it up (ns), and what the kernel counted as its running and waiting.\n"
	"With --on-input they begin when their standard input ends.\n"
	"sleepers are N threads that wake every M ms, until S seconds are over or their starter is gone.\n";

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* What the kernel itself counts: time on a CPU, and time runnable without one. */
struct counted {
	unsigned long long run;
	unsigned long long wait;
};

static struct counted counted_by_kernel(void)
{
	struct counted counted = { 0 };
	FILE *file = fopen("/proc/self/schedstat", "r");

	if (!file || fscanf(file, "%llu %llu", &counted.run, &counted.wait) != 2)
		die("cannot read /proc/self/schedstat");
	fclose(file);
	return counted;
}

static void print_times(uint64_t *times, size_t count)
{
	uint64_t sum = 0;

	if (!count)
		die("no sample");
	qsort(times, count, sizeof(*times), compare);
	for (size_t i = 0; i < count; i++)
		sum += times[i];
	printf("\"samples\":%zu,\"sum_ns\":%llu,\"percentiles_ns\":[", count, (unsigned long long)sum);
	for (size_t percent = 0; percent <= 100; percent++)
		printf("%s%llu", percent ? "," : "", (unsigned long long)times[(count - 1) * percent / 100]);
	puts("]}");
}

static void leave_for_any_cpu(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	if (sched_setaffinity(0, sizeof(all), &all))
		die("sched_setaffinity: %s", strerror(errno));
}

/* Spins, and keeps for how long it was away each time it had to give its CPU up. */
static size_t spin_until(uint64_t end, uint64_t *away, size_t room)
{
	uint64_t last = now_ns(), now;
	struct rusage used;
	size_t count = 0;
	long given_up;

	getrusage(RUSAGE_THREAD, &used);
	given_up = used.ru_nivcsw;
	for (; last < end; last = now) {
		now = now_ns();
		/* An interrupt takes time, too, but is no waiting: only the kernel knows. */
		if (!away || now - last < 50 * NSEC_PER_USEC)
			continue;
		if (orphaned())
			break;
		getrusage(RUSAGE_THREAD, &used);
		if (used.ru_nivcsw != given_up && count < room)
			away[count++] = now - last;
		given_up = used.ru_nivcsw;
		now = now_ns();
	}
	return count;
}

/* `start` is what the kernel had counted before the waker was told to begin, which it may have had to wait for, too. */
static int run_waker(uint64_t period, uint64_t run, uint64_t duration, struct counted start)
{
	uint64_t *late = calloc(MAX_SAMPLES, sizeof(*late));
	uint64_t begin = now_ns(), next = begin;
	struct counted before, after;
	size_t count = 0;

	if (!late)
		die("no memory");
	set_comm("waker");
	/* Else the kernel may be late on purpose. */
	prctl(PR_SET_TIMERSLACK, 1);
	before = counted_by_kernel();
	while (now_ns() - begin < duration && count < MAX_SAMPLES && !orphaned()) {
		uint64_t now;

		next += period;
		now = now_ns();
		if (next <= now)
			next = now + period;
		sleep_until_ns(next);
		now = now_ns();
		late[count++] = now > next ? now - next : 0;
		if (run)
			count += spin_until(now + run, late + count, MAX_SAMPLES - count);
	}
	after = counted_by_kernel();
	/* Whoever observes would see it wait while it prints and ends, too. */
	leave_for_any_cpu();
	printf("{\"start_wait_ns\":%llu,\"kernel_wait_ns\":%llu,", before.wait - start.wait, after.wait - before.wait);
	print_times(late, count);
	return 0;
}

static int run_spinners(uint64_t spinners, uint64_t duration)
{
	uint64_t *away = calloc(MAX_SAMPLES, sizeof(*away));
	uint64_t begin = now_ns() + NSEC_PER_SEC / 2;
	struct counted before, after;
	size_t count;

	if (!away)
		die("no memory");
	for (uint64_t i = 1; i < spinners; i++) {
		char name[16];

		if (fork_dependent())
			continue;
		snprintf(name, sizeof(name), "spinner-%u", (unsigned int)i);
		set_comm(name);
		sleep_until_ns(begin);
		spin_until(begin + duration, NULL, 0);
		_exit(0);
	}
	set_comm("spinner-0");
	sleep_until_ns(begin);
	before = counted_by_kernel();
	count = spin_until(begin + duration, away, MAX_SAMPLES);
	after = counted_by_kernel();
	printf("{\"run_ns\":%llu,\"kernel_wait_ns\":%llu,", after.run - before.run, after.wait - before.wait);
	print_times(away, count);
	while (wait(NULL) > 0)
		;
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

/* Whoever observes from here on does not see what it took to start. */
static void wait_for_input_to_end(const char *mode)
{
	char byte;

	set_comm(!strcmp(mode, "waker") ? "waker" : "spinner-0");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "period-us", required_argument, NULL, 'u' }, { "period-ms", required_argument, NULL, 'm' },
		{ "run-us", required_argument, NULL, 'R' },
		{ "seconds", required_argument, NULL, 's' },   { "nice", required_argument, NULL, 'n' },
		{ "round-trips", required_argument, NULL, 'r' }, { "count", required_argument, NULL, 'c' },
		{ "on-input", no_argument, NULL, 'i' },	       { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t period = 20000 * NSEC_PER_USEC, run = 0, duration = 5 * NSEC_PER_SEC, round_trips = 10000, count = 1000;
	const char *mode = argc > 1 ? argv[1] : "";
	struct counted start;
	bool on_input = false;
	int option;

	optind = 2;
	while (argc > 1 && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'u':
			period = parse_us("period-us", optarg, 100, 10000000);
			break;
		case 'R':
			run = parse_us("run-us", optarg, 1, 1000000);
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
		case 'i':
			on_input = true;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	orphaned();
	start = counted_by_kernel();
	if (on_input)
		wait_for_input_to_end(mode);
	if (!strcmp(mode, "waker"))
		return run_waker(period, run, duration, start);
	if (!strcmp(mode, "pipe"))
		return run_pipe(round_trips);
	if (!strcmp(mode, "spinners"))
		return run_spinners(count, duration);
	if (!strcmp(mode, "sleepers"))
		return run_sleepers(count, period, duration);
	fputs(usage, stderr);
	return 2;
}
