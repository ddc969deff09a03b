/* SPDX-License-Identifier: Apache-2.0 */
/* What every workload needs: time, its name, numbers from the command line, and an end. */
#pragma once

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_USEC 1000ull

/* One writer per line: counters of different CPUs must not share one. */
#define CACHE_LINE 64

#define die(...)                                                                                   \
	do {                                                                                       \
		fprintf(stderr, "%s: ", program_invocation_short_name);                            \
		fprintf(stderr, __VA_ARGS__);                                                      \
		fputc('\n', stderr);                                                               \
		exit(2);                                                                           \
	} while (0)

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

static inline struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NSEC_PER_SEC),
				  .tv_nsec = (long)(ns % NSEC_PER_SEC) };
}

static inline void sleep_ns(uint64_t ns)
{
	struct timespec t = to_timespec(ns);

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static inline void sleep_until_ns(uint64_t ns)
{
	struct timespec t = to_timespec(ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static inline void spin_ns(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

/* The name under which tools find this thread. */
static inline void set_comm(const char *name)
{
	prctl(PR_SET_NAME, name);
}

/*
 * A child that ends with its creator, which must have one thread only. The creator may have ended before the child's first
 * turn, which beside many that burn comes late: no signal comes then.
 */
static inline pid_t fork_dependent(void)
{
	pid_t creator = getpid(), child = fork();

	if (child < 0)
		die("fork: %s", strerror(errno));
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != creator)
			_exit(0);
	}
	return child;
}

/*
 * True once the starter is gone. PR_SET_PDEATHSIG would end the child with the *thread* that
 * started it, which in a program with a thread pool may be long before the program ends.
 */
static inline int orphaned(void)
{
	static pid_t parent;

	if (!parent)
		parent = getppid();
	return getppid() != parent;
}

/* xorshift64: the same sequence in every run, so that windows differ by the scheduler only. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* An option in a longer unit, as ns. */
#define parse_us(option, text, low, high) (parse_number(option, text, low, high) * NSEC_PER_USEC)
#define parse_s(option, text, low, high) (parse_number(option, text, low, high) * NSEC_PER_SEC)

static inline uint64_t parse_number(const char *option, const char *text, uint64_t low,
				    uint64_t high)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < low || value > high)
		die("--%s %s: must be a number from %llu to %llu", option, text,
		    (unsigned long long)low, (unsigned long long)high);
	return value;
}
