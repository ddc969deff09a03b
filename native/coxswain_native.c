// SPDX-License-Identifier: Apache-2.0
#include "coxswain_native.h"

#include <bpf/libbpf.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

extern const char scheduler_object_begin[], scheduler_object_end[];
extern const char events_object_begin[], events_object_end[];
extern const char observer_object_begin[], observer_object_end[];

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[64 * 1024];
static size_t log_length;
static int log_level;

const void *cox_scheduler_object(size_t *size)
{
	*size = (size_t)(scheduler_object_end - scheduler_object_begin);
	return scheduler_object_begin;
}

const void *cox_events_object(size_t *size)
{
	*size = (size_t)(events_object_end - events_object_begin);
	return events_object_begin;
}

const void *cox_observer_object(size_t *size)
{
	*size = (size_t)(observer_object_end - observer_object_begin);
	return observer_object_begin;
}

static void drop_oldest(size_t wanted)
{
	size_t room = sizeof(log_text) - log_length;

	if (wanted <= room)
		return;
	memmove(log_text, log_text + (wanted - room), log_length - (wanted - room));
	log_length -= wanted - room;
}

static int capture(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[16 * 1024]; /* the verifier's log comes in pieces of this order */
	int length;

	if ((int)level > log_level)
		return 0;
	length = vsnprintf(line, sizeof(line), format, args);
	if (length < 0)
		return 0;
	if ((size_t)length >= sizeof(line))
		length = sizeof(line) - 1;
	pthread_mutex_lock(&log_lock);
	drop_oldest((size_t)length);
	memcpy(log_text + log_length, line, (size_t)length);
	log_length += (size_t)length;
	pthread_mutex_unlock(&log_lock);
	return length;
}

void cox_log_capture(int level)
{
	log_level = level;
	libbpf_set_print(capture);
}

size_t cox_log_take(char *buffer, size_t size)
{
	size_t length;

	pthread_mutex_lock(&log_lock);
	length = log_length < size ? log_length : size;
	memcpy(buffer, log_text, length);
	memmove(log_text, log_text + length, log_length - length);
	log_length -= length;
	pthread_mutex_unlock(&log_lock);
	return length;
}
