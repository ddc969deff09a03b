// SPDX-License-Identifier: Apache-2.0
/*
 * cox-wake: threads that wake up on a timetable and do a little work, as a service with a frame or
 * request rate does. Measures what a scheduler does to them: how late they start, and how late
 * they are done.
 */
#include "distribution.h"

#include <getopt.h>
#include <pthread.h>

#define MAX_THREADS 256
#define MAX_WAKEUPS 1000000

struct worker {
	pthread_t thread;
	uint64_t offset_ns;
	uint64_t *late; /* ns, one for each wake-up of the window */
	uint64_t *done;
};

static const char usage[] =
	"usage: cox-wake [--name NAME] [--threads N] [--period-us U] [--work-us W]\n"
	"\n"
	"N threads (1) wake up every U us (10000), evenly spread, and compute for W us (0) of CPU time.\n"
	"Each line 'WAKEUPS' on standard input measures so many wake-ups of each thread and prints a\n"
	"line of JSON: wake_us, from the moment a thread should have run until it did; done_us, until\n"
	"its work was done; missed, how often that took longer than a period. Ends with its input.\n";

static struct worker workers[MAX_THREADS];
static int threads = 1;
static uint64_t period_ns = 10000 * NSEC_PER_USEC, work_ns;
static uint64_t wakeups, start_ns;
static pthread_barrier_t window_begins, window_ends;

static uint64_t cpu_time_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	/* The default of 50 us would be added to every sleep. */
	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		pthread_barrier_wait(&window_begins);
		for (uint64_t k = 0; k < wakeups; k++) {
			uint64_t due = start_ns + worker->offset_ns + k * period_ns, now;

			sleep_until_ns(due);
			now = now_ns();
			worker->late[k] = now - due;
			if (work_ns) {
				uint64_t end = cpu_time_ns() + work_ns;

				while (cpu_time_ns() < end)
					;
				now = now_ns();
			}
			worker->done[k] = now - due;
		}
		pthread_barrier_wait(&window_ends);
	}
	return NULL;
}

static uint64_t *gather(uint64_t count, int of_done)
{
	uint64_t *all = calloc(count, sizeof(*all));

	if (!all)
		die("no memory for %llu wake-ups", (unsigned long long)count);
	for (int i = 0; i < threads; i++)
		memcpy(all + (uint64_t)i * wakeups, of_done ? workers[i].done : workers[i].late,
		       wakeups * sizeof(*all));
	return all;
}

static void report(double seconds)
{
	uint64_t count = wakeups * (uint64_t)threads, missed = 0;
	uint64_t *late = gather(count, 0), *done = gather(count, 1);

	for (uint64_t i = 0; i < count; i++)
		missed += done[i] > period_ns;
	printf("{\"samples\":%llu,\"missed\":%llu,\"seconds\":%.3f", (unsigned long long)count,
	       (unsigned long long)missed, seconds);
	print_distribution("wake_us", late, count);
	print_distribution("done_us", done, count);
	puts("}");
	fflush(stdout);
	free(late);
	free(done);
}

static void measure(uint64_t count)
{
	uint64_t begin;

	wakeups = count;
	for (int i = 0; i < threads; i++) {
		workers[i].late = calloc(count, sizeof(uint64_t));
		workers[i].done = calloc(count, sizeof(uint64_t));
		if (!workers[i].late || !workers[i].done)
			die("no memory for %llu wake-ups", (unsigned long long)count);
		/* Touched now: the first write of a page must not cost a fault inside a measurement. */
		memset(workers[i].late, 1, count * sizeof(uint64_t));
		memset(workers[i].done, 1, count * sizeof(uint64_t));
	}
	/* Far enough ahead that all of them sleep by then. */
	begin = now_ns() + 2 * period_ns + NSEC_PER_SEC / 10;
	start_ns = begin;
	pthread_barrier_wait(&window_begins);
	pthread_barrier_wait(&window_ends);
	report((double)(now_ns() - begin) / NSEC_PER_SEC);
	for (int i = 0; i < threads; i++) {
		free(workers[i].late);
		free(workers[i].done);
	}
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 't' },
		{ "period-us", required_argument, NULL, 'p' },
		{ "work-us", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *name = "waker";
	char line[64];
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'n':
			name = optarg;
			break;
		case 't':
			threads = (int)parse_number("threads", optarg, 1, MAX_THREADS);
			break;
		case 'p':
			period_ns = parse_us("period-us", optarg, 100, 10000000);
			break;
		case 'w':
			work_ns = parse_us("work-us", optarg, 0, 10000000);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	set_comm(name);
	pthread_barrier_init(&window_begins, NULL, (unsigned int)threads + 1);
	pthread_barrier_init(&window_ends, NULL, (unsigned int)threads + 1);
	for (int i = 0; i < threads; i++) {
		workers[i].offset_ns = period_ns * (uint64_t)i / (uint64_t)threads;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("cannot start thread %d", i);
	}
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long long count;

		if (sscanf(line, "%llu", &count) != 1 || count < 1 || count > MAX_WAKEUPS)
			die("standard input: expected a number of wake-ups up to %d, got: %s",
			    MAX_WAKEUPS, line);
		measure(count);
	}
	return 0;
}
