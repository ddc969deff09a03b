// SPDX-License-Identifier: Apache-2.0
/*
 * cox-calls: clients of a server on this machine, each with a connection of its own, all in one thread, so that they
 * take as little as can be of what is measured. They send what they are given and wait for the answer.
 */
#include "distribution.h"

#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static const char usage[] =
	"usage: cox-calls (--socket PATH | --http PORT) --request FILE --expect TEXT [--clients N]\n"
	"                 [--per-second R] [--duration S]\n"
	"\n"
	"N clients (1) send the request for S seconds (5), each R times a second, whether the others have\n"
	"been answered or not, or (0) again once it is answered. Prints {\"calls\",\"seconds\",\"latency_us\":{...}};\n"
	"a call that is late counts from when it was due. Ends with an error if TEXT is not in an answer.\n"
	"Over the socket an answer is a line, over HTTP/1.1 it is in chunks or has a Content-Length.\n";

#define MAX_CLIENTS 1000
#define MAX_REQUEST (64 * 1024)
#define MAX_ANSWER (1024 * 1024)
/* How long the last answers may take. */
#define PATIENCE_NS (30 * NSEC_PER_SEC)

struct client {
	int fd;
	int is_waiting;
	uint64_t due_ns;
	size_t length;
	char *answer;
};

static struct client clients[MAX_CLIENTS];
static struct pollfd polled[MAX_CLIENTS];
static char request[MAX_REQUEST];
static size_t request_length;
static uint64_t *latencies, calls, room;

static int connect_to(const struct sockaddr *address, socklen_t length)
{
	int fd = socket(address->sa_family, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, address, length))
		die("connect: %s", strerror(errno));
	if (address->sa_family == AF_INET)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int is_whole(const struct client *client, int is_http)
{
	static const char label[] = "Content-Length: ", end_of_chunks[] = "\r\n0\r\n\r\n";
	const char *headers_end, *found;
	size_t tail = sizeof(end_of_chunks) - 1;

	if (!is_http)
		return client->answer[client->length - 1] == '\n';
	headers_end = memmem(client->answer, client->length, "\r\n\r\n", 4);
	if (!headers_end)
		return 0;
	found = memmem(client->answer, (size_t)(headers_end - client->answer), label, sizeof(label) - 1);
	if (found)
		return client->length - (size_t)(headers_end + 4 - client->answer) >= strtoul(found + sizeof(label) - 1, NULL, 10);
	return client->length >= tail && !memcmp(client->answer + client->length - tail, end_of_chunks, tail);
}

static void send_request(struct client *client)
{
	/* As there is nothing else under way, it fits into the socket's buffer. */
	if (write(client->fd, request, request_length) != (ssize_t)request_length)
		die("write: %s", strerror(errno));
	client->is_waiting = 1;
	client->length = 0;
}

static void note(uint64_t ns)
{
	if (calls == room) {
		room = room ? 2 * room : 1 << 16;
		latencies = realloc(latencies, room * sizeof(*latencies));
		if (!latencies)
			die("no memory for %llu calls", (unsigned long long)room);
	}
	latencies[calls++] = ns;
}

/* Reads what there is; true once it is the whole answer. */
static int receive(struct client *client, int is_http, const char *expected)
{
	ssize_t count = read(client->fd, client->answer + client->length, MAX_ANSWER - client->length);

	if (count <= 0)
		die("the server has closed a connection after \"%.*s\"", (int)client->length, client->answer);
	client->length += (size_t)count;
	if (!is_whole(client, is_http))
		return 0;
	if (!memmem(client->answer, client->length, expected, strlen(expected)))
		die("not what was expected: %.*s", (int)client->length, client->answer);
	client->is_waiting = 0;
	return 1;
}

static void run(int count, int is_http, const char *expected, uint64_t period_ns, uint64_t duration_ns)
{
	uint64_t begin = now_ns() + NSEC_PER_SEC / 100, end = begin + duration_ns, now, next;
	int waiting = 0;

	for (int i = 0; i < count; i++)
		clients[i].due_ns = begin + period_ns * (uint64_t)i / (uint64_t)count;
	for (;;) {
		struct timespec pause;

		now = now_ns();
		next = end;
		for (int i = 0; i < count; i++) {
			struct client *client = &clients[i];

			if (!client->is_waiting && client->due_ns <= now && client->due_ns < end) {
				send_request(client);
				waiting++;
			}
			if (!client->is_waiting && client->due_ns < next)
				next = client->due_ns;
		}
		if (now >= end && !waiting)
			break;
		if (now >= end + PATIENCE_NS)
			die("%d calls are not answered %d s after the last was due", waiting,
			    (int)(PATIENCE_NS / NSEC_PER_SEC));
		now = now_ns();
		pause = to_timespec(next > now ? next - now : now >= end ? NSEC_PER_SEC : 0);
		if (ppoll(polled, (nfds_t)count, &pause, NULL) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		for (int i = 0; i < count; i++) {
			if (!(polled[i].revents && receive(&clients[i], is_http, expected)))
				continue;
			waiting--;
			now = now_ns();
			note(now - clients[i].due_ns);
			clients[i].due_ns = period_ns ? clients[i].due_ns + period_ns : now;
		}
	}
	printf("{\"calls\":%llu,\"seconds\":%.3f", (unsigned long long)calls, (double)(now_ns() - begin) / NSEC_PER_SEC);
	print_distribution("latency_us", latencies, calls);
	puts("}");
}

static void read_request(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, request, sizeof(request));

	if (length <= 0)
		die("%s: %s", path, length ? strerror(errno) : "is empty");
	request_length = (size_t)length;
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },   { "http", required_argument, NULL, 'p' },
		{ "request", required_argument, NULL, 'r' },  { "expect", required_argument, NULL, 'e' },
		{ "clients", required_argument, NULL, 'c' },  { "per-second", required_argument, NULL, 'n' },
		{ "duration", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr_in port = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint64_t duration = 5 * NSEC_PER_SEC, per_second = 0, count = 1;
	const char *expected = NULL, *file = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			if (strlen(optarg) >= sizeof(path.sun_path))
				die("--socket %s: is too long", optarg);
			strcpy(path.sun_path, optarg);
			break;
		case 'p':
			port.sin_port = htons((uint16_t)parse_number("http", optarg, 1, 65535));
			break;
		case 'r':
			file = optarg;
			break;
		case 'e':
			expected = optarg;
			break;
		case 'c':
			count = parse_number("clients", optarg, 1, MAX_CLIENTS);
			break;
		case 'n':
			per_second = parse_number("per-second", optarg, 0, 100000);
			break;
		case 'd':
			duration = parse_s("duration", optarg, 1, 86400);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind < argc || !file || !expected || !port.sin_port == !path.sun_path[0]) {
		fputs(usage, stderr);
		return 2;
	}
	read_request(file);
	/* Else the kernel may be late by 50 us to save power. */
	prctl(PR_SET_TIMERSLACK, 1);
	for (uint64_t i = 0; i < count; i++) {
		struct client *client = &clients[i];

		client->answer = malloc(MAX_ANSWER);
		if (!client->answer)
			die("no memory for %llu clients", (unsigned long long)count);
		client->fd = port.sin_port ? connect_to((struct sockaddr *)&port, sizeof(port)) :
					     connect_to((struct sockaddr *)&path, sizeof(path));
		polled[i] = (struct pollfd){ .fd = client->fd, .events = POLLIN };
	}
	run((int)count, port.sin_port != 0, expected, per_second ? NSEC_PER_SEC / per_second : 0, duration);
	return 0;
}
