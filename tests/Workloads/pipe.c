// SPDX-License-Identifier: Apache-2.0
/*
 * cox-pipe: two processes hand a byte to each other through pipes: nothing but wake-ups and
 * switches, so what a scheduler costs.
 */
#include "common.h"

#include <getopt.h>
#include <signal.h>

static const char usage[] =
	"usage: cox-pipe [--duration S] [--warmup-ms M]\n"
	"\n"
	"Prints {\"round_trips\",\"seconds\"} after S seconds (5), which begin after M ms (0) of the same.\n";

static void pass(int from, int to)
{
	char byte;

	if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
		_exit(0);
}

static void make_round_trip(int there, int back)
{
	char byte = 0;

	if (write(there, &byte, 1) != 1)
		die("write: %s", strerror(errno));
	if (read(back, &byte, 1) != 1)
		die("read: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "duration", required_argument, NULL, 'd' },
		{ "warmup-ms", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t duration = 5 * NSEC_PER_SEC, warmup = 0, begin, end, now, rounds = 0;
	int option, there[2], back[2];
	pid_t child;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'd':
			duration = parse_s("duration", optarg, 1, 86400);
			break;
		case 'w':
			warmup = parse_us("warmup-ms", optarg, 0, 60000) * 1000;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (pipe(there) || pipe(back))
		die("pipe: %s", strerror(errno));
	child = fork_dependent();
	if (!child) {
		for (;;)
			pass(there[0], back[1]);
	}
	end = now_ns() + warmup;
	while (now_ns() < end)
		make_round_trip(there[1], back[0]);
	begin = now_ns();
	end = begin + duration;
	do {
		make_round_trip(there[1], back[0]);
		rounds++;
		now = now_ns();
	} while (now < end);
	kill(child, SIGKILL);
	printf("{\"round_trips\":%llu,\"seconds\":%.3f}\n", (unsigned long long)rounds,
	       (double)(now - begin) / NSEC_PER_SEC);
	return 0;
}
