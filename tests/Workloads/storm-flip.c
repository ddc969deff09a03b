// SPDX-License-Identifier: Apache-2.0
#include "storm.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#ifndef SCHED_EXT
#define SCHED_EXT 7
#endif

enum { STARTING, RUNNING, DONE };

struct worker {
	_Atomic uint64_t rounds;
	_Atomic uint64_t last_ns;
	_Atomic uint64_t longest_gap_ns;
	_Atomic uint64_t bounces; /* rounds that ended on another CPU than the one before */
	_Atomic pid_t tid;
	_Atomic int state;
	_Atomic int stop;
	int number;
} __attribute__((aligned(CACHE_LINE)));

struct tally {
	uint64_t flips;
	uint64_t refused; /* the CPU went offline meanwhile */
	int lost;
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	uint64_t random = 0x9e3779b97f4a7c15ull * ((uint64_t)worker->number + 1), now, gap;
	int cpu = -1, last_cpu = -1;

	worker->tid = gettid();
	worker->last_ns = now_ns();
	worker->state = RUNNING;
	while (!worker->stop) {
		/* Half mostly spin, half mostly sleep: queued and woken tasks alike are hit. */
		if (worker->number % 2) {
			spin_ns(next_random(&random) % (200 * NSEC_PER_USEC));
			sleep_ns(next_random(&random) % (2000 * NSEC_PER_USEC));
		} else {
			spin_ns(next_random(&random) % (4000 * NSEC_PER_USEC));
			if (next_random(&random) % 8 == 0)
				sleep_ns(200 * NSEC_PER_USEC);
		}
		now = now_ns();
		gap = now - worker->last_ns;
		if (gap > worker->longest_gap_ns)
			worker->longest_gap_ns = gap;
		worker->last_ns = now;
		worker->rounds++;
		cpu = sched_getcpu();
		worker->bounces += cpu != last_cpu;
		last_cpu = cpu;
	}
	worker->state = DONE;
	return NULL;
}

static void start(const struct storm *storm, struct worker *worker)
{
	pthread_t thread;

	if (storm->threads) {
		if (pthread_create(&thread, NULL, work, worker))
			die("cannot start a thread");
		pthread_detach(thread);
		return;
	}
	if (!fork_dependent()) {
		set_comm("storm-worker");
		work(worker);
		_exit(0);
	}
}

static void flip_mask(pid_t tid, const cpu_set_t *all, uint64_t *random, struct tally *tally)
{
	uint64_t kind = next_random(random) % 4;
	int wanted = (int)(next_random(random) % (uint64_t)CPU_COUNT(all));
	cpu_set_t mask = *all;

	for (int cpu = 0, nth = 0; kind < 3 && cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all))
			continue;
		/* kind 0, 1: a single CPU. kind 2: each by a toss of a coin, that one certainly. */
		if (nth++ != wanted && (kind < 2 || next_random(random) % 2))
			CPU_CLR(cpu, &mask);
	}
	tally->flips++;
	if (sched_setaffinity(tid, sizeof(mask), &mask)) {
		if (errno == EINVAL)
			tally->refused++;
		else
			tally->lost++;
	}
}

static void flip_nice(pid_t tid, uint64_t *random, struct tally *tally)
{
	int value = (int)(next_random(random) % 40) - 20;

	tally->flips++;
	if (setpriority(PRIO_PROCESS, (id_t)tid, value)) {
		if (errno == EACCES || errno == EPERM)
			tally->refused++;
		else
			tally->lost++;
	}
}

/*
 * Real-time only those that sleep often (see work()): one that spins would keep out whoever changes
 * it back.
 */
static void flip_policy(const struct worker *worker, uint64_t *random, struct tally *tally)
{
	static const int policies[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_EXT, SCHED_FIFO };
	int policy = policies[next_random(random) % (worker->number % 2 ? 5 : 4)];
	struct sched_param parameter = { .sched_priority = policy == SCHED_FIFO };

	tally->flips++;
	if (sched_setscheduler(worker->tid, policy, &parameter))
		tally->lost++;
}

/* Asks every worker to end, lets each run anywhere again, and counts those that do not end. */
static int finish(const struct storm *storm, struct worker *workers, const cpu_set_t *all)
{
	uint64_t deadline = now_ns() + storm->lost_ns;
	struct sched_param normal = { 0 };
	int left = storm->workers;

	for (int i = 0; i < storm->workers; i++) {
		workers[i].stop = 1;
		sched_setaffinity(workers[i].tid, sizeof(*all), all);
		if (storm->nice)
			setpriority(PRIO_PROCESS, (id_t)workers[i].tid, 0);
		if (storm->policy)
			sched_setscheduler(workers[i].tid, SCHED_OTHER, &normal);
	}
	while (left && now_ns() < deadline) {
		left = 0;
		for (int i = 0; i < storm->workers; i++)
			left += workers[i].state != DONE;
		sleep_ns(1000 * NSEC_PER_USEC);
	}
	for (int i = 0; !storm->threads && i < storm->workers; i++) {
		if (workers[i].state != DONE)
			kill(workers[i].tid, SIGKILL);
	}
	return left;
}

int flip_storm(const struct storm *storm)
{
	size_t length = (size_t)storm->workers * sizeof(struct worker);
	struct worker *workers = mmap(NULL, length, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t random = 88172645463325252ull, next, end, rounds = 0, bounces = 0, gap = 0;
	struct tally tally = { 0 };
	cpu_set_t all;

	if (workers == MAP_FAILED || sched_getaffinity(0, sizeof(all), &all))
		die("cannot begin: %s", strerror(errno));
	for (int i = 0; i < storm->workers; i++) {
		workers[i].number = i;
		start(storm, &workers[i]);
	}
	for (int i = 0; i < storm->workers; i++) {
		while (workers[i].state == STARTING)
			sleep_ns(1000 * NSEC_PER_USEC);
	}

	next = now_ns();
	end = next + storm->duration_ns;
	for (; next < end && !tally.lost; next += storm->period_ns) {
		struct worker *worker = &workers[next_random(&random) % (uint64_t)storm->workers];
		uint64_t last = worker->last_ns;

		sleep_until_ns(next);
		if (storm->affinity)
			flip_mask(worker->tid, &all, &random, &tally);
		if (storm->nice)
			flip_nice(worker->tid, &random, &tally);
		if (storm->policy)
			flip_policy(worker, &random, &tally);
		/* A timetable, but no burst of flips after we were kept waiting ourselves. */
		if (now_ns() > next + 10 * storm->period_ns)
			next = now_ns();
		if (worker->last_ns == last && now_ns() > last + storm->lost_ns)
			tally.lost++;
	}
	tally.lost += finish(storm, workers, &all);

	printf("{\"storm\":\"%s%s%s%s\",\"workers\":%d,\"threads\":%s,\"flips\":%llu,\"refused\":%llu,"
	       "\"rounds_of_each\":[",
	       storm->affinity ? "affinity" : "", storm->affinity && storm->nice ? "+" : "",
	       storm->nice ? "nice" : "", storm->policy ? "policy" : "", storm->workers, storm->threads ? "true" : "false",
	       (unsigned long long)tally.flips, (unsigned long long)tally.refused);
	for (int i = 0; i < storm->workers; i++) {
		printf("%s%llu", i ? "," : "", (unsigned long long)workers[i].rounds);
		rounds += workers[i].rounds;
		bounces += workers[i].bounces;
		if (workers[i].longest_gap_ns > gap)
			gap = workers[i].longest_gap_ns;
		tally.lost += !workers[i].rounds;
	}
	printf("],\"rounds\":%llu,\"bounces\":%llu,\"longest_gap_ms\":%.1f,\"lost\":%d}\n",
	       (unsigned long long)rounds, (unsigned long long)bounces, (double)gap / 1e6,
	       tally.lost);
	fflush(stdout);
	return tally.lost;
}
