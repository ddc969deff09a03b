// SPDX-License-Identifier: Apache-2.0
/*
 * cox-spawn: processes that are born, execute a program and end, for ever; to test that what is
 * asked for by a process's name reaches those that have it, soon, and never another that only got
 * the number of one.
 */
#include "common.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAX_DIRECTIVE 512
#define MAX_REACHES 100000
#define PATIENCE_NS (2 * NSEC_PER_SEC)
#define LOOK_NS (50 * NSEC_PER_USEC)

static const char usage[] =
	"usage: cox-spawn [--rate N] [--parallel N] [--duration S] [--count N] [--stay-us U]\n"
	"                 [--wanted NAME]\n"
	"\n"
	"Starts N (200; 0: as many as can be) processes a second, at most P (16) at a time, for S seconds\n"
	"(10; 0: until it is killed) or until it has started N (0: no such end). Each executes this\n"
	"program anew and ends after U us (0).\n"
	"--wanted NAME: every other one has that name and waits, 2 s at most, until the scheduler of this\n"
	"machine has a directive for it; those between look at their end whether it has one for them.\n"
	"Prints {\"born\",\"failed\",\"wanted\",\"reached\",\"strangers\",\"strangers_directed\",\n"
	"\"reach_us\":{\"p50\",\"p99\",\"max\"}}: from the start of the program to its directive.\n";

/* What a child tells its parent; small enough to come whole through a pipe. */
struct report {
	uint32_t wanted;
	uint32_t directed;
	uint64_t reach_ns;
};

static uint64_t reaches[MAX_REACHES];
static uint64_t nr_born, nr_failed, nr_wanted, nr_reached, nr_strangers, nr_strangers_directed;

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* The map of directives of whatever scheduler of ours runs here; inherited by what is executed. */
static int open_directives(void)
{
	union bpf_attr next = { 0 };

	while (!bpf(BPF_MAP_GET_NEXT_ID, &next)) {
		union bpf_attr open_map = { .map_id = next.next_id }, get = { 0 };
		struct bpf_map_info info = { 0 };
		int fd = bpf(BPF_MAP_GET_FD_BY_ID, &open_map);

		next.start_id = next.next_id;
		if (fd < 0)
			continue;
		get.info.bpf_fd = (uint32_t)fd;
		get.info.info_len = sizeof(info);
		get.info.info = (uintptr_t)&info;
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &get) && !strcmp(info.name, "directives") &&
		    info.value_size <= MAX_DIRECTIVE) {
			fcntl(fd, F_SETFD, 0);
			return fd;
		}
		close(fd);
	}
	die("no scheduler with directives is loaded: %s", strerror(errno));
}

static int is_directed(int map)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0), error;
	char value[MAX_DIRECTIVE];
	union bpf_attr look = { .map_fd = (uint32_t)map,
				.key = (uintptr_t)&self,
				.value = (uintptr_t)value };

	error = bpf(BPF_MAP_LOOKUP_ELEM, &look);
	close(self);
	return !error;
}

/* argv: NAME child MAP PIPE STAY_NS WANTED */
static int child(char **argv)
{
	uint64_t begin = now_ns();
	int map = atoi(argv[2]), out = atoi(argv[3]);
	struct report report = { .wanted = (uint32_t)atoi(argv[5]) };

	if (strtoull(argv[4], NULL, 10))
		sleep_ns(strtoull(argv[4], NULL, 10));
	if (map < 0)
		return 0;
	do {
		report.directed = (uint32_t)is_directed(map);
		report.reach_ns = now_ns() - begin;
	} while (report.wanted && !report.directed && report.reach_ns < PATIENCE_NS &&
		 (sleep_ns(LOOK_NS), 1));
	return write(out, &report, sizeof(report)) != sizeof(report);
}

static void collect(int pipe_in)
{
	struct report report;

	while (read(pipe_in, &report, sizeof(report)) == sizeof(report)) {
		if (!report.wanted) {
			nr_strangers++;
			nr_strangers_directed += report.directed;
			continue;
		}
		if (report.directed && nr_reached < MAX_REACHES)
			reaches[nr_reached++] = report.reach_ns;
		nr_wanted++;
	}
}

static void reap(int *running, int wait_for_one)
{
	int status;

	while (*running && waitpid(-1, &status, wait_for_one ? 0 : WNOHANG) > 0) {
		nr_failed += !!status;
		wait_for_one = 0;
		--*running;
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned long long reach_us(double share)
{
	return nr_reached ? reaches[(uint64_t)(share * (double)(nr_reached - 1))] / NSEC_PER_USEC : 0;
}

static void spawn(const char *path, const char *name, int map, int out, uint64_t stay, int wanted)
{
	char map_text[16], out_text[16], stay_text[32], wanted_text[4];

	snprintf(map_text, sizeof(map_text), "%d", map);
	snprintf(out_text, sizeof(out_text), "%d", out);
	snprintf(stay_text, sizeof(stay_text), "%llu", (unsigned long long)stay);
	snprintf(wanted_text, sizeof(wanted_text), "%d", wanted);
	execl(path, name, "child", map_text, out_text, stay_text, wanted_text, NULL);
	_exit(127);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "rate", required_argument, NULL, 'r' },
		{ "parallel", required_argument, NULL, 'p' },
		{ "duration", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'c' },
		{ "stay-us", required_argument, NULL, 's' },
		{ "wanted", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t rate = 200, parallel = 16, duration = 10 * NSEC_PER_SEC, count = 0, stay = 0, next, end;
	char self[PATH_MAX] = { 0 }, wanted_path[PATH_MAX];
	char directory[64];
	int option, running = 0, map = -1, ends[2];
	const char *wanted = NULL;

	if (argc == 6 && !strcmp(argv[1], "child"))
		return child(argv);
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'r':
			rate = parse_number("rate", optarg, 0, 1000000);
			break;
		case 'p':
			parallel = parse_number("parallel", optarg, 1, 4096);
			break;
		case 'd':
			duration = parse_s("duration", optarg, 0, 1000000);
			break;
		case 'c':
			count = parse_number("count", optarg, 0, 1000000000);
			break;
		case 's':
			stay = parse_us("stay-us", optarg, 0, 10000000);
			break;
		case 'w':
			wanted = optarg;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("/proc/self/exe: %s", strerror(errno));
	if (wanted) {
		if (!*wanted || strchr(wanted, '/') || strlen(wanted) > 15)
			die("--wanted %s: must be a name of 1 to 15 characters", wanted);
		map = open_directives();
		snprintf(directory, sizeof(directory), "/tmp/cox-spawn.%d", getpid());
		if (mkdir(directory, 0700))
			die("%s: %s", directory, strerror(errno));
		snprintf(wanted_path, sizeof(wanted_path), "%s/%s", directory, wanted);
		if (symlink(self, wanted_path))
			die("%s: %s", wanted_path, strerror(errno));
	}
	if (pipe(ends) || fcntl(ends[0], F_SETFL, O_NONBLOCK) || fcntl(ends[0], F_SETFD, FD_CLOEXEC))
		die("pipe: %s", strerror(errno));
	next = now_ns();
	end = duration ? next + duration : UINT64_MAX;
	orphaned();
	while (now_ns() < end && (!count || nr_born < count) && !orphaned()) {
		int is_wanted = wanted && nr_born % 2;
		pid_t born = fork();

		if (!born)
			spawn(is_wanted ? wanted_path : self, is_wanted ? wanted : "cox-spawn", map, ends[1],
			      stay, is_wanted);
		if (born < 0)
			nr_failed++;
		else
			nr_born++, running++;
		reap(&running, born < 0 || running >= (int)parallel);
		collect(ends[0]);
		if (!rate)
			continue;
		next += NSEC_PER_SEC / rate;
		if (next > now_ns())
			sleep_until_ns(next);
	}
	while (running)
		reap(&running, 1);
	collect(ends[0]);
	if (wanted) {
		unlink(wanted_path);
		rmdir(directory);
	}
	qsort(reaches, nr_reached, sizeof(*reaches), compare);
	printf("{\"born\":%llu,\"failed\":%llu,\"wanted\":%llu,\"reached\":%llu,\"strangers\":%llu,"
	       "\"strangers_directed\":%llu,\"reach_us\":{\"p50\":%llu,\"p99\":%llu,\"max\":%llu}}\n",
	       (unsigned long long)nr_born, (unsigned long long)nr_failed,
	       (unsigned long long)nr_wanted, (unsigned long long)nr_reached,
	       (unsigned long long)nr_strangers, (unsigned long long)nr_strangers_directed,
	       reach_us(0.5), reach_us(0.99), reach_us(1));
	return 0;
}
