// SPDX-License-Identifier: Apache-2.0
#include "storm.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static _Atomic uint64_t finished;

/* Different ways to end: at once, after work, after sleep, after giving the CPU away. */
static void live(uint64_t number)
{
	switch (number % 4) {
	case 1:
		spin_ns(200 * NSEC_PER_USEC);
		break;
	case 2:
		sleep_ns(200 * NSEC_PER_USEC);
		break;
	case 3:
		for (int i = 0; i < 4; i++)
			sched_yield();
		break;
	}
}

static void *live_as_thread(void *number)
{
	live((uint64_t)(uintptr_t)number);
	finished++;
	return NULL;
}

static void start_thread(uint64_t number)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	if (pthread_create(&thread, &attributes, live_as_thread, (void *)(uintptr_t)number))
		die("cannot start thread %llu", (unsigned long long)number);
	pthread_attr_destroy(&attributes);
}

static void start_process(uint64_t number)
{
	pid_t child = fork();

	if (child < 0)
		die("fork: %s", strerror(errno));
	if (!child) {
		live(number);
		_exit(0);
	}
}

/* Counts the processes that have ended; a status other than 0 is one that was ended by somebody. */
static uint64_t reap(uint64_t *killed)
{
	uint64_t ended = 0;
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0) {
		ended++;
		*killed += status != 0;
	}
	return ended;
}

int exit_storm(const struct storm *storm)
{
	uint64_t begin = now_ns(), started = 0, done = 0, last_done = begin, killed = 0, lost;
	sigset_t child;

	/* Blocked, so that sigtimedwait below wakes us as soon as one ends. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	while (done < storm->tasks && now_ns() - last_done < storm->lost_ns) {
		struct timespec tick = to_timespec(storm->threads ? 100 * NSEC_PER_USEC : 10000000);
		uint64_t before = done;

		while (started < storm->tasks && started - done < (uint64_t)storm->parallel) {
			if (storm->threads)
				start_thread(started++);
			else
				start_process(started++);
		}
		if (storm->threads)
			done = finished;
		else
			done += reap(&killed);
		if (done != before)
			last_done = now_ns();
		else
			sigtimedwait(&child, NULL, &tick);
	}
	lost = started - done + killed;
	printf("{\"storm\":\"exit\",\"threads\":%s,\"started\":%llu,\"ended\":%llu,"
	       "\"seconds\":%.3f,\"lost\":%llu}\n",
	       storm->threads ? "true" : "false", (unsigned long long)started,
	       (unsigned long long)done, (double)(now_ns() - begin) / NSEC_PER_SEC,
	       (unsigned long long)lost);
	fflush(stdout);
	return lost > INT_MAX ? INT_MAX : (int)lost;
}
