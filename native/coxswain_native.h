/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of the C# library: the BPF objects, and what libbpf can only do
 * through C (a print callback with variable arguments). All else of libbpf is
 * called by C# directly; it is linked into this library.
 */
#pragma once
#include <stddef.h>

#define COX_EXPORT __attribute__((visibility("default")))

/* The compiled scheduler.bpf.c; valid for ever. */
COX_EXPORT const void *cox_scheduler_object(size_t *size);

/* The compiled events.bpf.c; valid for ever. */
COX_EXPORT const void *cox_events_object(size_t *size);

/* The compiled observer.bpf.c; valid for ever. */
COX_EXPORT const void *cox_observer_object(size_t *size);

/*
 * From now on libbpf's messages up to `level` (0 warnings, 1 information, 2
 * debugging) go into a buffer that keeps the latest 64 KiB, never to a stream.
 */
COX_EXPORT void cox_log_capture(int level);

/* Moves up to `size` bytes of the captured text, oldest first, into `buffer`. Returns their number. */
COX_EXPORT size_t cox_log_take(char *buffer, size_t size);
