/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * What the observer shares with C#. The mirrors are in src/Core/Observe/Wire; a test compares them with the BTF of the
 * built object. Times are CLOCK_MONOTONIC ns unless said otherwise.
 */
#pragma once

#define COX_OBS_COMM_LEN 16
#define COX_OBS_MAX_CPUS 1024
/* Eight buckets for each doubling from 512 ns on: whatever is in one differs from its middle by at most 1/17. */
#define COX_OBS_BUCKETS 192
#define COX_OBS_FIRST_SHIFT 9
/* A third of the buckets each: waits below 131 us, below 34 ms, and all above. */
#define COX_OBS_THIRD 64
/* How many slots a task may be in. Which ones follows from its number. */
#define COX_OBS_PROBES 24
/* The last stints of a CPU: who ran while somebody waited. */
#define COX_OBS_STINTS 64
/* Slots that stand for no task. */
#define COX_OBS_NOBODY 0xffffffffu
#define COX_OBS_IRQ 0xfffffffeu
#define COX_OBS_UNKNOWN 0xfffffffdu

/* One thread. Written by BPF, but for what is said to be user space's. */
struct cox_obs_task {
	__s32 pid; /* 0: free; above: its thread id; below: it has ended, and user space frees the slot */
	__u32 kernel_thread;
	__u64 start_time_ns; /* boot time */
	__u64 in_ns;         /* when it last got a CPU */
	__u64 out_ns;        /* when it last lost it */
	__u64 waking_ns;     /* when it was last woken */
	__u64 wait_ns;
	__u64 run_ns;
	__u32 waits;
	__u32 wakeups;
	__u32 voluntary;
	__u32 involuntary;
	__u32 migrations_core; /* to another thread of the core */
	__u32 migrations_llc;
	__u32 migrations_far;
	__s32 cpu;
	__u64 longest_ns; /* user space sets it back */
	__u64 cgroup_id;
	__u64 edge_ns;    /* who woke it again and again, as long as it is the same; the others are in a map */
	__u32 edge_count;
	__u32 edge_waker;
	__u32 waker; /* slot of who woke it last */
	__s32 tgid;
	__u32 runnable; /* when it lost its CPU */
	__u32 on_cpu;
	char comm[COX_OBS_COMM_LEN];
};

/*
 * Waiting times of one thread, how many in each bucket. User space only reads them, until the thread has ended. The counts
 * wrap around, the narrow ones after 8.6 s at the earliest: who waits 131 us or longer each time waits at most 65536 times
 * in that time, and who waits 34 ms or longer at most 256 times. User space looks each second.
 */
struct cox_obs_histogram {
	__u32 short_waits[COX_OBS_THIRD];
	__u16 middle_waits[COX_OBS_THIRD];
	__u8 long_waits[COX_OBS_THIRD];
};

/* From one task to another: who delayed (from) whom (to), or who woke whom. */
struct cox_obs_pair {
	__u32 from;
	__u32 to;
};

struct cox_obs_sum {
	__u64 ns;
	__u64 count;
};

struct cox_obs_stint {
	__u64 begin_ns;
	__u64 end_ns;
	__u32 slot;
	__u32 reserved;
};

/* One CPU; written only by it, but for what is said to be user space's. */
struct cox_obs_cpu {
	__u64 current_since_ns;
	__u32 current_slot;
	__u32 next_stint;
	__u32 core; /* user space's: equal for those of one core */
	__u32 llc;  /* user space's */
	__u32 interrupts; /* that are being handled */
	__u32 reserved;
	__u64 lost_tasks;  /* events of threads for which there was no slot */
	__u64 lost_pairs;  /* pairs for which there was no room */
	__u64 ended;       /* threads that have ended */
	__u64 begun;       /* threads that got a slot */
	__u64 unexplained_ns; /* waiting during which it is not known who ran */
	struct cox_obs_stint stints[COX_OBS_STINTS];
};
