/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "common.h"

#define CHAIN_MAGIC 0x636f7863u
#define CHAIN_MAX_RELAYS 8

/*
 * What travels. On the way up every relay writes down whom it got the packet from, as a tunnel
 * header would; on the way back it takes the entry off again. So relays keep no state, and any
 * number of clients can use them.
 */
struct packet {
	uint32_t magic;
	uint32_t checksum; /* over all of it, this field 0 */
	uint64_t sequence;
	uint16_t back; /* 0: up, 1: on the way back */
	uint16_t hops; /* relays passed, both ways */
	uint16_t depth;
	uint16_t route[CHAIN_MAX_RELAYS]; /* ports, network order */
	uint8_t headers[160];		  /* to make it 200 bytes, GTP-U + IPv6 + TCP and options */
	uint16_t reserved;
};

_Static_assert(sizeof(struct packet) == 200, "the checksum is meant to cover 200 bytes");

struct chain_options {
	const char *name;
	uint16_t listen_port;
	uint16_t next_port; /* relay: 0 makes it the far end; client: the first relay */
	uint64_t samples;   /* 0: windows are asked for on standard input */
	uint64_t warmup;
	uint64_t period_ns;
	uint64_t jitter_ns;
	uint64_t timeout_ns;
};

/* Never returns 0: the sum that a packet is sealed with. */
uint32_t packet_checksum(const struct packet *packet);
void packet_seal(struct packet *packet);
int packet_is_sound(const struct packet *packet, ssize_t length);

int relay_run(const struct chain_options *options);
int client_run(const struct chain_options *options);
