// SPDX-License-Identifier: Apache-2.0
/*
 * cox-mt: one process, several named threads, and more of them on request; to test that what is
 * asked for a process reaches all of its threads, also those born later.
 */
#include "common.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>

#define MAX_THREADS 16384

struct worker {
	pthread_t thread;
	pid_t tid;
	_Atomic uint64_t rounds;
};

static const char usage[] =
	"usage: cox-mt [--threads N] [--name PREFIX] [--spin-us U] [--sleep-us U] [--duration S]\n"
	"\n"
	"Starts N (4) threads PREFIX-0, PREFIX-1, ... (mt) that spin (1000 us) and sleep (1000 us) in\n"
	"turn; --sleep-us 0 only spins. Prints {\"pid\",\"tids\":[...]} when all run. SIGUSR1 starts one\n"
	"more and prints {\"born\",\"name\"}. Ends on SIGTERM, after S seconds, or with its starter, and\n"
	"prints {\"threads\",\"rounds\":[...]}, when every thread has ended.\n";

static struct worker workers[MAX_THREADS];
static uint64_t spin = 1000 * NSEC_PER_USEC, pause_ns = 1000 * NSEC_PER_USEC;
static _Atomic int stopping, running;

static void *work(void *argument)
{
	struct worker *worker = argument;

	worker->tid = gettid();
	running++;
	do {
		spin_ns(spin);
		if (pause_ns)
			sleep_ns(pause_ns);
		worker->rounds++;
	} while (!stopping);
	return NULL;
}

/* Returns when the thread is there and has its name. */
static void start(int number, const char *prefix)
{
	struct worker *worker = &workers[number];
	char name[16];

	if (pthread_create(&worker->thread, NULL, work, worker))
		die("cannot start thread %d", number);
	snprintf(name, sizeof(name), "%.10s-%d", prefix, number);
	pthread_setname_np(worker->thread, name);
	while (running <= number)
		sleep_ns(100 * NSEC_PER_USEC);
}

static void print_list(const char *name, int count, int of_rounds)
{
	printf("\"%s\":[", name);
	for (int i = 0; i < count; i++) {
		uint64_t value = of_rounds ? workers[i].rounds : (uint64_t)workers[i].tid;

		printf("%s%llu", i ? "," : "", (unsigned long long)value);
	}
	puts("]}");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "threads", required_argument, NULL, 't' },
		{ "name", required_argument, NULL, 'n' },
		{ "spin-us", required_argument, NULL, 'p' },
		{ "sleep-us", required_argument, NULL, 's' },
		{ "duration", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *prefix = "mt";
	uint64_t duration = 0, end;
	int threads = 4, option;
	sigset_t signals;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 't':
			threads = (int)parse_number("threads", optarg, 1, MAX_THREADS);
			break;
		case 'n':
			prefix = optarg;
			break;
		case 'p':
			spin = parse_us("spin-us", optarg, 0, 10000000);
			break;
		case 's':
			pause_ns = parse_us("sleep-us", optarg, 0, 10000000);
			break;
		case 'd':
			duration = parse_s("duration", optarg, 1, 1000000);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	/* Blocked before any thread is born, so that only sigtimedwait below gets them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	orphaned();
	end = duration ? now_ns() + duration : UINT64_MAX;
	for (int i = 0; i < threads; i++)
		start(i, prefix);
	printf("{\"pid\":%d,", getpid());
	print_list("tids", threads, 0);

	while (!orphaned() && now_ns() < end) {
		struct timespec tick = to_timespec(NSEC_PER_SEC / 4);
		int got = sigtimedwait(&signals, NULL, &tick);

		if (got == SIGTERM || got == SIGINT)
			break;
		if (got == SIGUSR1 && threads < MAX_THREADS) {
			start(threads, prefix);
			printf("{\"born\":%d,\"name\":\"%.10s-%d\"}\n", workers[threads].tid,
			       prefix, threads);
			fflush(stdout);
			threads++;
		}
	}
	stopping = 1;
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	printf("{\"threads\":%d,", threads);
	print_list("rounds", threads, 1);
	return 0;
}
