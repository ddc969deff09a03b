// SPDX-License-Identifier: Apache-2.0
#include "chain.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static struct sockaddr_in loopback(uint16_t port_in_network_order)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = port_in_network_order,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* Where the packet goes from here; 0 if it is not one of ours to pass on. */
static uint16_t route(struct packet *packet, uint16_t from, uint16_t next)
{
	packet->hops++;
	if (packet->back)
		return packet->depth ? packet->route[--packet->depth] : 0;
	if (next) {
		if (packet->depth == CHAIN_MAX_RELAYS)
			return 0;
		packet->route[packet->depth++] = from;
		return next;
	}
	packet->back = 1;
	return from;
}

int relay_run(const struct chain_options *options)
{
	struct sockaddr_in own = loopback(htons(options->listen_port));
	uint16_t next = htons(options->next_port);
	struct timeval patience = { .tv_sec = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	orphaned();
	set_comm(options->name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)))
		die("%s cannot listen on UDP port %u: %s", options->name, options->listen_port,
		    strerror(errno));
	/* Only to notice now and then that nobody needs it any more. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	printf("{\"relay\":\"%s\",\"pid\":%d,\"port\":%u}\n", options->name, getpid(),
	       options->listen_port);
	fflush(stdout);

	for (;;) {
		struct packet packet;
		struct sockaddr_in peer;
		socklen_t length = sizeof(peer);
		ssize_t received = recvfrom(fd, &packet, sizeof(packet), 0,
					    (struct sockaddr *)&peer, &length);

		if (received < 0) {
			if (orphaned())
				return 0;
			continue;
		}
		if (!packet_is_sound(&packet, received))
			continue;
		peer = loopback(route(&packet, peer.sin_port, next));
		if (!peer.sin_port)
			continue;
		packet_seal(&packet);
		sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&peer, sizeof(peer));
	}
}
