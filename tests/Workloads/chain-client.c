// SPDX-License-Identifier: Apache-2.0
/*
 * The client has one packet under way at a time and a fixed timetable. A slow answer therefore
 * delays packets after it; from_schedule_us counts that delay (no coordinated omission), while
 * round_trip_us is what one packet took.
 */
#include "chain.h"
#include "distribution.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

struct window {
	uint64_t samples;
	uint64_t lost;
	uint64_t late_answers; /* came after their timeout; lost all the same */
	uint64_t hops;
	double seconds;
	uint64_t *round_trip; /* ns */
	uint64_t *from_schedule;
};

/* Waits for the answer to one packet; 0 if it does not come in time. */
static uint64_t await_answer(int fd, uint64_t sequence, uint64_t deadline, struct window *window)
{
	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		uint64_t now = now_ns();
		struct timespec rest = to_timespec(now < deadline ? deadline - now : 0);
		struct packet packet;
		int ready = ppoll(&readable, 1, &rest, NULL);
		ssize_t received;

		if (ready == 0)
			return 0;
		received = recv(fd, &packet, sizeof(packet), MSG_DONTWAIT);
		now = now_ns();
		if (received < 0) {
			/* No relay listens there (yet): that is a lost packet, not an answer. */
			if (errno == ECONNREFUSED)
				sleep_ns(1000000);
			continue;
		}
		if (!packet_is_sound(&packet, received))
			continue;
		if (packet.sequence != sequence) {
			window->late_answers++;
			continue;
		}
		window->hops = packet.hops;
		return now;
	}
}

static void measure(int fd, const struct chain_options *options, uint64_t warmup,
		    struct window *window)
{
	static uint64_t sequence;
	uint64_t random = 88172645463325252ull;
	uint64_t start = now_ns() + options->period_ns, first = 0, total = warmup + window->samples;

	for (uint64_t k = 0; k < total; k++) {
		struct packet packet = { .magic = CHAIN_MAGIC, .sequence = ++sequence };
		uint64_t due = start + k * options->period_ns, sent, answered;

		due -= options->jitter_ns;
		if (options->jitter_ns)
			due += next_random(&random) % (2 * options->jitter_ns);
		memset(packet.headers, (int)sequence, sizeof(packet.headers));
		packet_seal(&packet);
		sleep_until_ns(due);
		sent = now_ns();
		if (k == warmup) {
			/* A backlog of the warm-up is not the window's: begin on time. */
			start += sent - due;
			due = first = sent;
			window->late_answers = 0;
		}
		if (send(fd, &packet, sizeof(packet), 0) < 0 && errno != ECONNREFUSED)
			die("send: %s", strerror(errno));
		answered = await_answer(fd, sequence, sent + options->timeout_ns, window);
		if (k < warmup)
			continue;
		if (!answered) {
			window->lost++;
			answered = sent + options->timeout_ns;
		}
		window->round_trip[k - warmup] = answered - sent;
		window->from_schedule[k - warmup] = answered > due ? answered - due : 0;
	}
	window->seconds = (double)(now_ns() - first) / NSEC_PER_SEC;
}

static void run_window(int fd, const struct chain_options *options, uint64_t samples,
		       uint64_t warmup)
{
	struct window window = { .samples = samples };

	window.round_trip = calloc(samples, sizeof(uint64_t));
	window.from_schedule = calloc(samples, sizeof(uint64_t));
	if (!window.round_trip || !window.from_schedule)
		die("no memory for %llu samples", (unsigned long long)samples);
	/* Touched now: the first write of a page must not cost a fault inside a measurement. */
	memset(window.round_trip, 1, samples * sizeof(uint64_t));
	memset(window.from_schedule, 1, samples * sizeof(uint64_t));
	measure(fd, options, warmup, &window);
	printf("{\"samples\":%llu,\"lost\":%llu,\"late_answers\":%llu,\"hops\":%llu,"
	       "\"seconds\":%.3f,\"period_us\":%llu,\"timeout_us\":%llu",
	       (unsigned long long)samples, (unsigned long long)window.lost,
	       (unsigned long long)window.late_answers, (unsigned long long)window.hops,
	       window.seconds, (unsigned long long)(options->period_ns / NSEC_PER_USEC),
	       (unsigned long long)(options->timeout_ns / NSEC_PER_USEC));
	print_distribution("round_trip_us", window.round_trip, samples);
	print_distribution("from_schedule_us", window.from_schedule, samples);
	puts("}");
	fflush(stdout);
	free(window.round_trip);
	free(window.from_schedule);
}

int client_run(const struct chain_options *options)
{
	struct sockaddr_in first = { .sin_family = AF_INET,
				     .sin_port = htons(options->next_port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char line[64];

	set_comm(options->name ? options->name : "ue-client");
	/* The default of 50 us would be added to every sleep. */
	prctl(PR_SET_TIMERSLACK, 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&first, sizeof(first)))
		die("no UDP socket: %s", strerror(errno));
	if (options->samples) {
		run_window(fd, options, options->samples, options->warmup);
		return 0;
	}
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long long samples = 0, warmup = options->warmup;

		if (sscanf(line, "%llu %llu", &samples, &warmup) < 1 || samples < 1 ||
		    samples > 10000000 || warmup > 10000000)
			die("standard input: expected 'SAMPLES [WARMUP]', got: %s", line);
		run_window(fd, options, samples, warmup);
	}
	return 0;
}
