// SPDX-License-Identifier: Apache-2.0
/*
 * cox-chain: a latency-sensitive chain of services over UDP on loopback, as a packet passes
 * ue -> gnb -> upf in a 5G user plane and the answer comes back the same way. Each relay and the
 * client is a process of its own, so one round trip is six wake-ups, one after the other.
 */
#include "chain.h"

#include <getopt.h>

static const char usage[] =
	"usage: cox-chain relay  --name NAME --listen PORT [--next PORT]\n"
	"       cox-chain client [--name NAME] --next PORT [--samples N [--warmup N]]\n"
	"                        [--period-us U] [--jitter-us U] [--timeout-ms T]\n"
	"\n"
	"A relay passes packets on; without --next it is the far end and sends them back. It prints a\n"
	"line of JSON when it listens, and ends with its starter.\n"
	"The client sends one packet per period (5000 us, the time of each shifted by up to +-jitter,\n"
	"a quarter of the period), waits for its answer up to the timeout (1000 ms), and prints one\n"
	"line of JSON per window of N samples. Without --samples it reads lines 'SAMPLES [WARMUP]' from\n"
	"standard input, one window each, until the end of it. A lost packet counts as one that took\n"
	"the whole timeout. round_trip_us is from the actual sending; from_schedule_us is from the time\n"
	"at which it should have been sent, so it includes what earlier slow answers held up.\n";

uint32_t packet_checksum(const struct packet *packet)
{
	const uint32_t *words = (const uint32_t *)packet;
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(*packet) / sizeof(*words); i++) {
		if (&words[i] != &packet->checksum)
			sum += words[i];
	}
	while (sum >> 32)
		sum = (sum & UINT32_MAX) + (sum >> 32);
	return (uint32_t)~sum ?: 1;
}

void packet_seal(struct packet *packet)
{
	packet->checksum = packet_checksum(packet);
}

int packet_is_sound(const struct packet *packet, ssize_t length)
{
	return length == (ssize_t)sizeof(*packet) && packet->magic == CHAIN_MAGIC &&
	       packet->depth <= CHAIN_MAX_RELAYS && packet->checksum == packet_checksum(packet);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "listen", required_argument, NULL, 'l' },
		{ "next", required_argument, NULL, 'x' },
		{ "samples", required_argument, NULL, 's' },
		{ "warmup", required_argument, NULL, 'w' },
		{ "period-us", required_argument, NULL, 'p' },
		{ "jitter-us", required_argument, NULL, 'j' },
		{ "timeout-ms", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct chain_options options = { .period_ns = 5000 * NSEC_PER_USEC,
					 .jitter_ns = UINT64_MAX,
					 .timeout_ns = NSEC_PER_SEC };
	const char *role = argc > 1 ? argv[1] : "";
	int option;

	optind = 2;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'n':
			options.name = optarg;
			break;
		case 'l':
			options.listen_port = (uint16_t)parse_number("listen", optarg, 1, 65535);
			break;
		case 'x':
			options.next_port = (uint16_t)parse_number("next", optarg, 1, 65535);
			break;
		case 's':
			options.samples = parse_number("samples", optarg, 1, 10000000);
			break;
		case 'w':
			options.warmup = parse_number("warmup", optarg, 0, 10000000);
			break;
		case 'p':
			options.period_ns = parse_us("period-us", optarg, 1, 60000000);
			break;
		case 'j':
			options.jitter_ns = parse_us("jitter-us", optarg, 0, 60000000);
			break;
		case 't':
			options.timeout_ns = parse_number("timeout-ms", optarg, 1, 60000) * 1000000;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	/* Packet k is due within half a period of k times the period: later ones stay later. */
	if (options.jitter_ns == UINT64_MAX)
		options.jitter_ns = options.period_ns / 4;
	if (options.jitter_ns > options.period_ns / 2)
		die("--jitter-us must be at most half of the period");
	if (!strcmp(role, "relay") && options.name && options.listen_port)
		return relay_run(&options);
	if (!strcmp(role, "client") && options.next_port)
		return client_run(&options);
	fputs(usage, strcmp(role, "--help") ? stderr : stdout);
	return strcmp(role, "--help") ? 2 : 0;
}
