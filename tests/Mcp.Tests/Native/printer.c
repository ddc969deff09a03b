// SPDX-License-Identifier: Apache-2.0
/*
 * A library as one might come into the process: once the file that PRINTER_WHEN names is there, a thread of its own prints
 * to standard output without end, by descriptor and by stdio.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *print(void *when)
{
	static const char line[] = "native noise, by descriptor\n";

	while (access(when, F_OK))
		usleep(1000);
	for (;;) {
		if (write(STDOUT_FILENO, line, strlen(line)) < 0)
			return NULL;
		printf("native noise, by stdio\n");
		fflush(stdout);
		usleep(1000);
	}
}

__attribute__((constructor)) static void begin(void)
{
	pthread_t thread;
	char *when = getenv("PRINTER_WHEN");

	if (when && !pthread_create(&thread, NULL, print, when))
		pthread_detach(thread);
}
