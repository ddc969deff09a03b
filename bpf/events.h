/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * What crosses the border between events.bpf.c and C#. The mirrors are in
 * src/Core/Kernel/Wire; a test compares them with the BTF of the built object.
 */
#pragma once

#define COX_EVENT_RING_BYTES 1048576

enum cox_event_kind {
	COX_EVENT_FORK = 1, /* a process or a thread was born */
	COX_EVENT_EXEC = 2,
	COX_EVENT_RENAME = 3, /* about to have another name */
	COX_EVENT_EXIT = 4,   /* one thread */
	COX_EVENT_MOVE = 5,   /* into another cgroup; a leader stands for its whole process */
};

struct cox_task_event {
	__u64 at_ns;         /* CLOCK_MONOTONIC */
	__u64 start_time_ns; /* boot time of the thread's creation: its identity with pid */
	__s32 pid;
	__s32 tgid;
	__u32 kind; /* enum cox_event_kind */
	__u32 reserved;
};

/* Written by user space, read by BPF. */
struct cox_event_control {
	__u32 wanted; /* 0: nobody reads */
	__u32 reserved;
};

/* Written by BPF, read by user space. */
struct cox_event_state {
	__u64 nr_lost; /* events that did not fit into the ring */
};
