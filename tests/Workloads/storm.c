// SPDX-License-Identifier: Apache-2.0
/*
 * cox-storm: what a scheduler gets wrong first: tasks whose CPU mask or weight changes while they
 * are queued, and tasks that end while others still talk about them. No task may be lost.
 */
#include "storm.h"

#include <getopt.h>
#include <sys/wait.h>

static const char usage[] =
	"usage: cox-storm [--affinity-storm] [--nice-storm] [--policy-storm] [--exit-storm] [--threads]\n"
	"                 [--workers N] [--duration S] [--period-us U] [--tasks N] [--parallel N]\n"
	"                 [--lost-after S]\n"
	"\n"
	"--affinity-storm, --nice-storm, --policy-storm: for S seconds (10), every U us (1000), one of N\n"
	"workers (8) that spin and sleep gets another CPU mask (often a single CPU), nice value or\n"
	"scheduling policy.\n"
	"--exit-storm: starts N tasks (10000), at most 64 at a time, each of which ends within\n"
	"milliseconds. All storms asked for run at once; --threads uses threads instead of processes.\n"
	"Prints one line of JSON per storm. Exit 1 if a task was lost: made no progress for S seconds\n"
	"(5), died, or did not end when told to.\n";

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "affinity-storm", no_argument, NULL, 'a' },
		{ "nice-storm", no_argument, NULL, 'n' },
		{ "policy-storm", no_argument, NULL, 'o' },
		{ "exit-storm", no_argument, NULL, 'e' },
		{ "threads", no_argument, NULL, 't' },
		{ "workers", required_argument, NULL, 'w' },
		{ "duration", required_argument, NULL, 'd' },
		{ "period-us", required_argument, NULL, 'p' },
		{ "tasks", required_argument, NULL, 'c' },
		{ "parallel", required_argument, NULL, 'k' },
		{ "lost-after", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct storm storm = { .workers = 8,
			       .parallel = 64,
			       .tasks = 10000,
			       .duration_ns = 10 * NSEC_PER_SEC,
			       .period_ns = 1000 * NSEC_PER_USEC,
			       .lost_ns = 5 * NSEC_PER_SEC };
	int option, flips, lost = 0, status;
	pid_t other = 0;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'a':
			storm.affinity = 1;
			break;
		case 'n':
			storm.nice = 1;
			break;
		case 'o':
			storm.policy = 1;
			break;
		case 'e':
			storm.exits = 1;
			break;
		case 't':
			storm.threads = 1;
			break;
		case 'w':
			storm.workers = (int)parse_number("workers", optarg, 1, 1024);
			break;
		case 'd':
			storm.duration_ns = parse_s("duration", optarg, 1, 86400);
			break;
		case 'p':
			storm.period_ns = parse_us("period-us", optarg, 1, 1000000);
			break;
		case 'c':
			storm.tasks = parse_number("tasks", optarg, 1, 100000000);
			break;
		case 'k':
			storm.parallel = (int)parse_number("parallel", optarg, 1, 1024);
			break;
		case 'l':
			storm.lost_ns = parse_s("lost-after", optarg, 1, 3600);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	flips = storm.affinity || storm.nice || storm.policy;
	if (!flips && !storm.exits) {
		fputs(usage, stderr);
		return 2;
	}
	if (flips && storm.exits) {
		other = fork_dependent();
		if (!other)
			exit(exit_storm(&storm) ? 1 : 0);
	}
	lost = flips ? flip_storm(&storm) : exit_storm(&storm);
	if (other && (waitpid(other, &status, 0) != other || status))
		lost++;
	return lost ? 1 : 0;
}
