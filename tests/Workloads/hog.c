// SPDX-License-Identifier: Apache-2.0
/*
 * cox-hog: burns CPU in equal units of work and counts them where others can read the count
 * without disturbing it: in a shared file, one cache line per hog.
 */
#include "common.h"

#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* 20 us on a fast machine, a fraction of a millisecond on an emulated one: fine enough to read. */
#define UNIT_ITERATIONS 20000
#define MAX_HOGS 32768
/* What burn() needs, and nothing for what it does not: twenty thousand threads have to fit. */
#define STACK_BYTES 16384
#ifndef SCHED_EXT
#define SCHED_EXT 7
#endif

struct slot {
	_Atomic uint64_t units;
	uint64_t pid;
	_Atomic uint64_t longest_gap_ns;
	uint8_t padding[CACHE_LINE - 3 * sizeof(uint64_t)];
};

_Static_assert(sizeof(struct slot) == CACHE_LINE, "readers rely on the size of a slot");

static const char usage[] =
	"usage: cox-hog [--count N] [--counter FILE [--slot K]] [--duration S] [--ext] [--gaps]\n"
	"               [--threads]\n"
	"\n"
	"N processes named 'hog' burn CPU. Hog number i counts its units of work, all equal, in slot\n"
	"K + i of FILE: 64 bytes each, units and pid as 64 bit numbers in the machine's order, and with\n"
	"--gaps the longest time from one unit to the next (ns). They end with their starter, or after\n"
	"S seconds with a line of JSON. With --ext their policy is SCHED_EXT.\n"
	"With --threads they are threads of one process, and begin all at once; the pid is that of the thread.\n";

static struct slot *map_slots(const char *path, uint64_t first, uint64_t count)
{
	size_t length = (first + count) * sizeof(struct slot);
	int flags = path ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, fd = -1;
	struct slot *slots;

	if (path) {
		struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		off_t size;

		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			die("%s: %s", path, strerror(errno));
		/* Several hogs may share a file: each makes it long enough, none shortens it. */
		fcntl(fd, F_SETLKW, &all);
		size = lseek(fd, 0, SEEK_END);
		if (size < (off_t)length && ftruncate(fd, (off_t)length))
			die("%s: %s", path, strerror(errno));
		all.l_type = F_UNLCK;
		fcntl(fd, F_SETLK, &all);
	}
	slots = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (slots == MAP_FAILED)
		die("%s: mmap: %s", path ? path : "counters", strerror(errno));
	if (fd >= 0)
		close(fd);
	memset(slots + first, 0, count * sizeof(*slots));
	return slots + first;
}

static int measures_gaps;

static void burn(struct slot *slot, uint64_t end_ns)
{
	volatile uint64_t sink;
	uint64_t value = 1, units = 0, last = now_ns(), now;

	slot->pid = (uint64_t)gettid();
	for (;;) {
		for (int i = 0; i < UNIT_ITERATIONS; i++) {
			value = value * 6364136223846793005ull + 1442695040888963407ull;
			/* Without this the compiler finds a shortcut. */
			__asm__ volatile("" : "+r"(value));
		}
		sink = value;
		units++;
		__atomic_store_n(&slot->units, units, __ATOMIC_RELAXED);
		if (measures_gaps) {
			now = now_ns();
			if (now - last > slot->longest_gap_ns)
				slot->longest_gap_ns = now - last;
			last = now;
		}
		if (units % 64)
			continue;
		if (orphaned() || (end_ns && now_ns() >= end_ns))
			break;
	}
	(void)sink;
}

static pthread_barrier_t all_there;
static uint64_t burn_until_ns;

static void *burn_with_others(void *slot)
{
	pthread_barrier_wait(&all_there);
	burn(slot, burn_until_ns);
	return NULL;
}

/* The first is this very thread. Started all at once: who starts the others would hardly get the CPU beside those that burn already. */
static void burn_in_threads(struct slot *slots, uint64_t count, uint64_t end_ns)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	pthread_attr_t small;
	int error;

	if (!threads)
		die("no memory for %llu threads", (unsigned long long)count);
	burn_until_ns = end_ns;
	pthread_barrier_init(&all_there, NULL, (unsigned int)count);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	pthread_attr_setguardsize(&small, 0);
	for (uint64_t i = 1; i < count; i++) {
		error = pthread_create(&threads[i], &small, burn_with_others, &slots[i]);
		if (error)
			die("thread %llu: %s", (unsigned long long)i, strerror(error));
	}
	burn_with_others(&slots[0]);
	for (uint64_t i = 1; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "counter", required_argument, NULL, 'f' },
		{ "slot", required_argument, NULL, 's' },
		{ "duration", required_argument, NULL, 'd' },
		{ "ext", no_argument, NULL, 'x' },
		{ "threads", no_argument, NULL, 't' },
		{ "gaps", no_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t count = 1, first = 0, duration = 0, begin = now_ns(), end, units = 0;
	const char *path = NULL;
	struct slot *slots;
	int option, lost = 0, in_threads = 0;
	uint64_t mine = 0;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			count = parse_number("count", optarg, 1, MAX_HOGS);
			break;
		case 'f':
			path = optarg;
			break;
		case 's':
			first = parse_number("slot", optarg, 0, MAX_HOGS);
			break;
		case 'd':
			duration = parse_s("duration", optarg, 1, 1000000);
			break;
		case 'x':
			if (sched_setscheduler(0, SCHED_EXT, &(struct sched_param){ 0 }))
				die("SCHED_EXT: %s", strerror(errno));
			break;
		case 't':
			in_threads = 1;
			break;
		case 'g':
			measures_gaps = 1;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	set_comm("hog");
	slots = map_slots(path, first, count);
	end = duration ? begin + duration : 0;
	/* This process is hog 0, so that one hog is one process. */
	for (uint64_t i = 1; !in_threads && i < count; i++) {
		if (!fork_dependent()) {
			mine = i;
			break;
		}
	}
	orphaned();
	if (in_threads)
		burn_in_threads(slots, count, end);
	else
		burn(&slots[mine], end);
	if (mine)
		_exit(0);
	for (uint64_t i = 1; !in_threads && duration && i < count; i++) {
		int status;

		if (wait(&status) < 0 || status)
			lost++;
	}
	for (uint64_t i = 0; i < count; i++)
		units += slots[i].units;
	if (duration)
		printf("{\"count\":%llu,\"seconds\":%.3f,\"units\":%llu,\"lost\":%d}\n",
		       (unsigned long long)count, (double)(now_ns() - begin) / NSEC_PER_SEC,
		       (unsigned long long)units, lost);
	return lost ? 1 : 0;
}
