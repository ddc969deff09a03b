// SPDX-License-Identifier: Apache-2.0
/*
 * cox-pipe: two processes hand a byte to each other through pipes: nothing but wake-ups and
 * switches, so what a scheduler costs.
 */
#include "common.h"

#include <getopt.h>
#include <signal.h>

static const char usage[] =
	"usage: cox-pipe [--duration S]\n"
	"\n"
	"Prints {\"round_trips\",\"seconds\"} after S seconds (5).\n";

static void pass(int from, int to)
{
	char byte;

	if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
		_exit(0);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "duration", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t duration = 5 * NSEC_PER_SEC, begin, end, now, rounds = 0;
	int option, there[2], back[2];
	char byte = 0;
	pid_t child;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'd':
			duration = parse_s("duration", optarg, 1, 86400);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (pipe(there) || pipe(back))
		die("pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		die("fork: %s", strerror(errno));
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pass(there[0], back[1]);
	}
	begin = now_ns();
	end = begin + duration;
	do {
		if (write(there[1], &byte, 1) != 1)
			die("write: %s", strerror(errno));
		if (read(back[0], &byte, 1) != 1)
			die("read: %s", strerror(errno));
		rounds++;
		now = now_ns();
	} while (now < end);
	kill(child, SIGKILL);
	printf("{\"round_trips\":%llu,\"seconds\":%.3f}\n", (unsigned long long)rounds,
	       (double)(now - begin) / NSEC_PER_SEC);
	return 0;
}
