// SPDX-License-Identifier: Apache-2.0
/*
 * cox-shell: what tests do in a guest goes through here. An emulated CPU takes tens of milliseconds
 * to start a program, so one script costs one shell, and waiting costs nothing.
 */
#include "common.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAX_SCRIPT (100 * 1024)
#define POLL_NS (10 * 1000 * NSEC_PER_USEC)
#define NOT_IN_TIME 3

static const char usage[] =
	"usage: cox-shell serve MARKER\n"
	"       cox-shell line DIRECTORY N\n"
	"       cox-shell code DIRECTORY\n"
	"\n"
	"serve reads requests: a line 'LIMIT PRIORITY LENGTH', and a script of so many bytes. It runs the script in the working\n"
	"directory, with SCHED_FIFO of that priority or, when it is 0, as everybody's processes run; kills it with what it has\n"
	"started in its process group after LIMIT seconds; and prints 'MARKER CODE LENGTH LENGTH', its output and its error output.\n"
	"line waits for the Nth line of DIRECTORY/out and prints it, or exits with 3 when there is DIRECTORY/code before.\n"
	"code waits for DIRECTORY/code and prints it.\n";

/* Runs the script; its outputs are in the files. Never returns. */
static void run_script(char *script, int priority, const int output[2])
{
	struct sched_param param = { .sched_priority = priority };
	char *const arguments[] = { "sh", "-c", script, NULL };
	int nothing = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	if (sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &param))
		die("sched_setscheduler: %s", strerror(errno));
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output[0], 1) < 0 || dup2(output[1], 2) < 0)
		die("dup2: %s", strerror(errno));
	execvp(arguments[0], arguments);
	die("sh: %s", strerror(errno));
}

/* As a shell tells it: 128 and the number of the signal. */
static int wait_or_kill(pid_t child, int limit_s)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	int status;

	if (ended.fd < 0)
		die("pidfd_open: %s", strerror(errno));
	if (!poll(&ended, 1, limit_s * 1000))
		kill(-child, SIGKILL);
	close(ended.fd);
	if (waitpid(child, &status, 0) != child)
		die("waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void print_file(int file, off_t length)
{
	static char buffer[65536];
	off_t at = 0;

	/* What a process in the background adds meanwhile comes too late. */
	while (at < length) {
		size_t wanted = length - at < (off_t)sizeof(buffer) ? (size_t)(length - at) : sizeof(buffer);
		ssize_t count = pread(file, buffer, wanted, at);

		if (count <= 0 || fwrite(buffer, 1, (size_t)count, stdout) != (size_t)count)
			die("cannot pass on what a script has printed");
		at += count;
	}
}

static off_t length_of(int file)
{
	struct stat about;

	if (fstat(file, &about))
		die("fstat: %s", strerror(errno));
	return about.st_size;
}

static int serve(const char *marker)
{
	static char script[MAX_SCRIPT + 1];
	int limit_s, priority;
	size_t length;

	printf("%s ready\n", marker);
	fflush(stdout);
	while (scanf("%d %d %zu", &limit_s, &priority, &length) == 3) {
		int output[2] = { memfd_create("out", MFD_CLOEXEC), memfd_create("err", MFD_CLOEXEC) };
		off_t lengths[2];
		pid_t child;
		int code;

		if (getchar() != '\n' || length > MAX_SCRIPT || fread(script, 1, length, stdin) != length)
			die("not a request");
		if (output[0] < 0 || output[1] < 0)
			die("memfd_create: %s", strerror(errno));
		script[length] = 0;
		child = fork();
		if (child < 0)
			die("fork: %s", strerror(errno));
		if (!child)
			run_script(script, priority, output);
		code = wait_or_kill(child, limit_s);
		for (int i = 0; i < 2; i++)
			lengths[i] = length_of(output[i]);
		printf("%s %d %lld %lld\n", marker, code, (long long)lengths[0], (long long)lengths[1]);
		for (int i = 0; i < 2; i++) {
			print_file(output[i], lengths[i]);
			close(output[i]);
		}
		fflush(stdout);
	}
	return 0;
}

static int exists(const char *name)
{
	return access(name, F_OK) == 0;
}

/* Prints the line if it is there as a whole. */
static int print_line(FILE *file, uint64_t number)
{
	static char *line;
	static size_t size;
	static uint64_t have;
	ssize_t length;
	long begin;

	clearerr(file);
	while (begin = ftell(file), (length = getline(&line, &size, file)) > 0) {
		if (line[length - 1] != '\n') {
			fseek(file, begin, SEEK_SET);
			return 0;
		}
		if (++have == number) {
			fputs(line, stdout);
			return 1;
		}
	}
	return 0;
}

static int wait_for_line(uint64_t number)
{
	FILE *file = fopen("out", "r");

	if (!file)
		die("out: %s", strerror(errno));
	for (;;) {
		int ended = exists("code");

		if (print_line(file, number))
			return 0;
		if (ended)
			return NOT_IN_TIME;
		sleep_ns(POLL_NS);
	}
}

static int wait_for_code(void)
{
	char code[16];
	FILE *file;

	while (!exists("code"))
		sleep_ns(POLL_NS);
	file = fopen("code", "r");
	if (!file || !fgets(code, sizeof(code), file))
		die("cannot read code");
	fputs(code, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";

	if (argc == 3 && !strcmp(mode, "serve"))
		return serve(argv[2]);
	if (argc > 2 && chdir(argv[2]))
		die("%s: %s", argv[2], strerror(errno));
	if (argc == 4 && !strcmp(mode, "line"))
		return wait_for_line(parse_number("line", argv[3], 1, UINT32_MAX));
	if (argc == 3 && !strcmp(mode, "code"))
		return wait_for_code();
	fputs(usage, argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr);
	return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
}
