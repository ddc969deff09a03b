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
	"       cox-shell start DIRECTORY\n"
	"       cox-shell line DIRECTORY N\n"
	"       cox-shell code DIRECTORY\n"
	"\n"
	"serve reads requests: a line 'LIMIT PRIORITY LENGTH', and a script of so many bytes. It runs the script in the working\n"
	"directory, with SCHED_FIFO of that priority or, when it is 0, as everybody's processes run; kills it with what it has\n"
	"started in its process group after LIMIT seconds; and prints 'MARKER CODE LENGTH LENGTH', its output and its error output.\n"
	"start makes DIRECTORY and runs the script that it reads in it, in the background, as everybody's processes run and in a\n"
	"session of its own: from the FIFO in, which is kept open, to out and err; its exit code will be in code. It prints the\n"
	"script's process id, and that of the process which keeps the FIFO open.\n"
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
static int wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int wait_or_kill(pid_t child, int limit_s)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };

	if (ended.fd < 0)
		die("pidfd_open: %s", strerror(errno));
	if (!poll(&ended, 1, limit_s * 1000))
		kill(-child, SIGKILL);
	close(ended.fd);
	return wait_for(child);
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

static pid_t checked_fork(void)
{
	pid_t child = fork();

	if (child < 0)
		die("fork: %s", strerror(errno));
	return child;
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
		child = checked_fork();
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

static void redirect(const char *name, int flags, int to)
{
	int file = open(name, flags, 0644);

	if (file < 0 || dup2(file, to) < 0)
		die("%s: %s", name, strerror(errno));
	close(file);
}

static void write_file(const char *name, const char *text, size_t length)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(text, 1, length, file) != length || fclose(file))
		die("%s: %s", name, strerror(errno));
}

/* Its end is told by whoever started it. Never returns. */
static void run_in_background(void)
{
	struct sched_param param = { .sched_priority = 0 };

	setsid();
	if (sched_setscheduler(0, SCHED_OTHER, &param))
		die("sched_setscheduler: %s", strerror(errno));
	redirect("in", O_RDONLY, 0);
	redirect("out", O_WRONLY | O_CREAT | O_TRUNC, 1);
	redirect("err", O_WRONLY | O_CREAT | O_TRUNC, 2);
	execlp("sh", "sh", "./run", (char *)NULL);
	die("sh: %s", strerror(errno));
}

/* Tells the pipe who runs, and stays until that has ended. Never returns. */
static void attend(int told)
{
	pid_t pids[2];
	char code[16];
	int length;

	setsid();
	redirect("/dev/null", O_RDWR, 0);
	redirect("/dev/null", O_RDWR, 1);
	redirect("/dev/null", O_RDWR, 2);
	/* Without a writer, the script would see the end of its input after the first line. */
	pids[1] = checked_fork();
	if (!pids[1]) {
		close(told);
		if (open("in", O_RDWR) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	pids[0] = checked_fork();
	if (!pids[0])
		run_in_background();
	if (write(told, pids, sizeof(pids)) != sizeof(pids))
		die("write: %s", strerror(errno));
	close(told);
	length = snprintf(code, sizeof(code), "%d\n", wait_for(pids[0]));
	write_file("code.new", code, (size_t)length);
	rename("code.new", "code");
	_exit(0);
}

static int start(void)
{
	static char script[MAX_SCRIPT];
	size_t length = fread(script, 1, sizeof(script), stdin);
	int told[2];
	pid_t pids[2];
	char more;

	if (length == sizeof(script))
		die("a script may have %d bytes", MAX_SCRIPT - 1);
	write_file("run", script, length);
	if (mkfifo("in", 0600) || pipe2(told, O_CLOEXEC))
		die("in: %s", strerror(errno));
	if (!checked_fork()) {
		close(told[0]);
		attend(told[1]);
	}
	close(told[1]);
	/* The end of the pipe comes when the shell runs: it is closed by then, and whoever attends has closed it, too. */
	if (read(told[0], pids, sizeof(pids)) != sizeof(pids) || read(told[0], &more, 1) != 0)
		die("it could not be started");
	printf("%d %d\n", pids[0], pids[1]);
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
	if (argc == 3 && !strcmp(mode, "start") && mkdir(argv[2], 0755))
		die("%s: %s", argv[2], strerror(errno));
	if (argc > 2 && chdir(argv[2]))
		die("%s: %s", argv[2], strerror(errno));
	if (argc == 3 && !strcmp(mode, "start"))
		return start();
	if (argc == 4 && !strcmp(mode, "line"))
		return wait_for_line(parse_number("line", argv[3], 1, UINT32_MAX));
	if (argc == 3 && !strcmp(mode, "code"))
		return wait_for_code();
	fputs(usage, argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr);
	return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
}
