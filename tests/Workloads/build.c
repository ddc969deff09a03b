// SPDX-License-Identifier: Apache-2.0
/*
 * cox-build: what a compiler run does to a scheduler: many short processes, so many at a time, each
 * forked, exec'ed, and gone after a burst of CPU time.
 */
#include "common.h"

#include <getopt.h>
#include <sys/wait.h>

#define TOUCHED_BYTES (256 * 1024)

static const char usage[] =
	"usage: cox-build [--jobs N] [--units N] [--work-us U]\n"
	"\n"
	"Runs N units (200), at most N jobs (4) at a time; each is a process that executes this program\n"
	"anew, touches some memory and computes for U us (5000) of CPU time, give or take half. Prints\n"
	"{\"units\",\"seconds\",\"lost\"}; exit 1 if a unit failed.\n";

static void spend(uint64_t cpu_ns)
{
	struct timespec t;
	char *memory = malloc(TOUCHED_BYTES);

	if (!memory)
		die("no memory");
	memset(memory, 1, TOUCHED_BYTES);
	do {
		__asm__ volatile("" : : "r"(memory) : "memory");
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	} while ((uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec < cpu_ns);
	free(memory);
}

static void start_unit(uint64_t cpu_ns)
{
	pid_t child = fork();
	char text[32];

	if (child < 0)
		die("fork: %s", strerror(errno));
	if (child)
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)(cpu_ns / NSEC_PER_USEC));
	execl("/proc/self/exe", "cox-build", "--unit", text, (char *)NULL);
	die("exec: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "jobs", required_argument, NULL, 'j' },
		{ "units", required_argument, NULL, 'u' },
		{ "work-us", required_argument, NULL, 'w' },
		{ "unit", required_argument, NULL, '1' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t jobs = 4, units = 200, work = 5000 * NSEC_PER_USEC, started = 0, ended = 0;
	uint64_t random = 88172645463325252ull, begin, lost = 0;
	int option, status;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'j':
			jobs = parse_number("jobs", optarg, 1, 1024);
			break;
		case 'u':
			units = parse_number("units", optarg, 1, 10000000);
			break;
		case 'w':
			work = parse_us("work-us", optarg, 2, 10000000);
			break;
		case '1':
			spend(parse_us("unit", optarg, 1, 20000000));
			return 0;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	begin = now_ns();
	while (ended < units) {
		while (started < units && started - ended < jobs) {
			start_unit(work / 2 + next_random(&random) % work);
			started++;
		}
		if (wait(&status) < 0)
			die("wait: %s", strerror(errno));
		ended++;
		lost += status != 0;
	}
	printf("{\"units\":%llu,\"seconds\":%.3f,\"lost\":%llu}\n", (unsigned long long)units,
	       (double)(now_ns() - begin) / NSEC_PER_SEC, (unsigned long long)lost);
	return lost ? 1 : 0;
}
