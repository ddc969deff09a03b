/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few kernel types that the programs touch, by member name. CO-RE finds the
 * real offsets in the running kernel, so one object serves all of them and the
 * build needs no headers of any particular kernel.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* uapi/linux/bpf.h */
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_MAP_TYPE_TASK_STORAGE 29
#define BPF_MAP_TYPE_CGRP_STORAGE 32
#define BPF_F_NO_PREALLOC 1
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1
#define BPF_RB_NO_WAKEUP 1
#define BPF_RB_FORCE_WAKEUP 2

struct bpf_timer {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_iter_num {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

/* include/linux/sched.h */
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

#define CLOCK_MONOTONIC 1
/* include/linux/sched/ext.h: from the last task of a queue to the first */
#define SCX_DSQ_ITER_REV (1ULL << 16)

#define ENOMEM 12
#define EINVAL 22

#define CORE __attribute__((preserve_access_index))

/* Complete, as libbpf does not take a declared struct for a defined one. */
struct cpumask {
	unsigned long bits[1];
} CORE;

struct kernfs_node {
	u64 id;
} CORE;

struct cgroup_subsys_state;

/* Its values come from the running kernel. */
enum cgroup_subsys_id { cpu_cgrp_id };

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_subsys_state *subsys[1];
} CORE;

struct cfs_bandwidth {
	s64 period;
	u64 quota;
	u64 burst;
} CORE;

/* kernel/sched/sched.h */
struct task_group {
	int idle;
	struct cfs_bandwidth cfs_bandwidth;
} CORE;

struct css_set {
	struct cgroup *dfl_cgrp;
} CORE;

struct sched_ext_entity {
	u32 weight;
	u32 flags;
	u64 slice;
	u64 dsq_vtime;
} CORE;

struct task_struct {
	unsigned int flags;
	unsigned int policy;
	int nr_cpus_allowed;
	unsigned short migration_disabled; /* how many times over */
	const struct cpumask *cpus_ptr;
	struct cpumask cpus_mask;
	struct sched_ext_entity scx;
	s32 pid;
	s32 tgid;
	u64 start_boottime;
	char comm[16];
	struct css_set *cgroups;
	int rcu_read_lock_nesting; /* where RCU readers can be preempted */
} CORE;

struct scx_init_task_args {
	bool fork;
	struct cgroup *cgroup; /* of the cpu controller, where the kernel is built with it */
} CORE;

struct scx_cgroup_init_args {
	u32 weight;
	u64 bw_period_us; /* these since 6.17 */
	u64 bw_quota_us;
	u64 bw_burst_us;
} CORE;

/* Its values come from the running kernel; libbpf only wants to see that it is an enum. */
enum scx_exit_kind { COX_EXIT_KIND_UNKNOWN };

struct scx_exit_info {
	enum scx_exit_kind kind;
	s64 exit_code;
	const char *reason;
	char *msg;
	char *dump;
} CORE;

struct bpf_iter_scx_dsq {
	u64 __opaque[6];
} __attribute__((aligned(8)));

struct scx_dump_ctx;

/*
 * The members that we set; libbpf fits them to the running kernel's struct by
 * name. The loader clears those that the kernel does not have.
 */
struct sched_ext_ops {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*tick)(struct task_struct *p);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	s32 (*init_task)(struct task_struct *p, struct scx_init_task_args *args);
	void (*enable)(struct task_struct *p);
	void (*disable)(struct task_struct *p);
	void (*dump)(struct scx_dump_ctx *ctx);
	void (*dump_cpu)(struct scx_dump_ctx *ctx, s32 cpu, bool idle);
	void (*dump_task)(struct scx_dump_ctx *ctx, struct task_struct *p);
	s32 (*cgroup_init)(struct cgroup *cgroup, struct scx_cgroup_init_args *args);
	void (*cgroup_exit)(struct cgroup *cgroup);
	void (*cgroup_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void (*cgroup_set_weight)(struct cgroup *cgroup, u32 weight);
	void (*cgroup_set_bandwidth)(struct cgroup *cgroup, u64 period_us, u64 quota_us, u64 burst_us);
	void (*cgroup_set_idle)(struct cgroup *cgroup, bool idle);
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);
	u32 dispatch_max_batch;
	u64 flags;
	u32 timeout_ms;
	u32 exit_dump_len;
	u64 hotplug_seq;
	char name[128];
};

/* To ask which callbacks the running kernel has. */
struct sched_ext_ops___kernel {
	void *cgroup_set_bandwidth;
	void *cgroup_set_idle;
} CORE;
