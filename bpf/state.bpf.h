/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps and globals of the scheduler, each with its writer. A section of its own
 * becomes a map of its own, which user space maps into its memory.
 */
#pragma once
#include "compat.h"
#include "wire.h"

/* Set by the loader before load. */
const volatile s32 nr_cpu_ids = 1;
const volatile u32 nr_llcs = 1;
const volatile u32 nr_loops = 1;
/* A cpu.max lets nobody wait longer than this: the kernel would take it for a stall. */
const volatile u64 throttle_bound_ns = 2000000000;
/* However many spin, a turn of each takes no longer than this together: half of the time after which the kernel's watchdog ends us. */
const volatile u64 watchdog_round_ns = 5000000000;
/* Only tests of what comes after a failure set this: `fault` counts. Else the verifier removes all that asks for it. */
const volatile bool faults_allowed;

/* User space writes, BPF reads. */
struct cox_control control SEC(".bss.control");
struct cox_loop loops[COX_MAX_LOOPS] SEC(".bss.loops");
/* BPF writes. */
struct cox_state state SEC(".bss.state");
struct cox_cpu cpus[COX_MAX_CPUS] SEC(".bss.cpus");
/* User space writes; BPF the members that are said to be its own. */
struct cox_home homes[COX_MAX_HOMES] SEC(".bss.homes");
struct cox_exit exit_record SEC(".bss.exit");
/* User space writes, where faults are allowed: 1 makes dispatch() serve nobody, so that the kernel's watchdog ends us. */
u32 fault SEC(".bss.fault");
/* Each loop writes its part before it runs apply_verdicts. */
struct cox_verdict verdicts[COX_MAX_LOOPS * COX_BATCH_MAX] SEC(".bss.verdicts");

struct notice_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
};

/* Notices, a ring for each loop; the loader makes them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, COX_MAX_LOOPS);
	__type(key, u32);
	__array(values, struct notice_ring);
} notices SEC(".maps");

/* What intents ask for; user space writes, a new thread gets a copy of its creator's. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct cox_directive);
} directives SEC(".maps");

/* The same for whole cgroups: every present and future task below has it, unless a nearer cgroup or the task has one. */
struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct cox_directive);
} cgroup_directives SEC(".maps");

/* CPU time used as an upper class in the present window. */
struct account {
	u64 window_ns;
	u64 used_ns;
};

/* What the tasks of a directed cgroup used together. */
struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct account);
} cgroup_accounts SEC(".maps");

/* What the scheduler itself keeps for a task. */
struct task_ctx {
	u64 generation;      /* counts enqueues: a verdict for an older one is stale */
	u64 parked;          /* generation it was parked under; 0: not parked, or already accounted for */
	u64 parked_ns;
	u64 vtime;           /* CPU time used, by weight */
	u64 weight;          /* as it counts in total_weight; 0: not runnable */
	u64 runnable_ns;     /* waiting since; 0: not waiting */
	u64 started_ns;      /* on the CPU since */
	u64 run_ns;          /* CPU time since it last woke */
	u64 granted_ns;      /* slice of this stint */
	u64 left_ns;         /* what was left of it at the end */
	u64 aged_ns;         /* has its turn as it waited too long, since then; 0: in the order of its queue */
	u64 throttled_ns;    /* has not run for the sake of a cpu.max since; 0: it may */
	u64 directive_seen;  /* control.directive_generation that `directive` is a copy of */
	struct cox_directive directive;  /* its own */
	struct cox_directive inherited;  /* of the nearest cgroup that has one */
	u64 cgroup_id;       /* where `inherited` was looked for */
	s32 inherited_level; /* of the cgroup that it is from; 0: none */
	u32 usable_sets;     /* SET_OWN, SET_INHERITED: which directive's CPU set has a CPU for it */
	u32 group;           /* number of its cgroup's group */
	u32 joined_group;    /* where its weight counts */
	u64 joined_incarnation;
	u32 home;            /* whose queues it waits in, or did last */
	u32 woken_sync;      /* its waker said that it will sleep */
	u32 over_budget;     /* fell to normal in the present window, and was counted */
	u32 newborn;         /* was forked, and has not run yet */
	struct account account; /* of its own directive */
	u64 cgroup_over_until_ns; /* the budget of the cgroup that directs it is used up until then; as of its last look */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_ctx);
} tasks SEC(".maps");

#define SET_OWN 1
#define SET_INHERITED 2

/*
 * Index into an array of a power of two. Where the compiler knows the range it
 * would leave the mask out, and the verifiers of older kernels do not know the
 * range there: it must not see through.
 */
static __always_inline u32 masked(u32 index, u32 size)
{
	asm volatile("" : "+r"(index));
	return index & (size - 1);
}

#define home_at(home) (&homes[masked(home, COX_MAX_HOMES)])
#define loop_at(loop) (&loops[masked(loop, COX_MAX_LOOPS)])
#define cpu_of(cpu) (&cpus[masked(cpu, COX_MAX_CPUS)])
#define this_cpu() cpu_of(bpf_get_smp_processor_id())

/* Atomic: verdicts are applied with interrupts on, on a CPU whose ops count too. */
#define count(member) __sync_fetch_and_add(&this_cpu()->member, 1)

static __always_inline struct task_ctx *ctx_of(struct task_struct *p)
{
	return bpf_task_storage_get(&tasks, p, NULL, 0);
}

static __always_inline bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static __always_inline u64 minus_to_zero(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

static __always_inline u64 clamp(u64 value, u64 low, u64 high)
{
	return value < low ? low : value > high ? high : value;
}

static u64 online_cpus[COX_CPU_WORDS]; /* changed by init, cpu_online and cpu_offline */
static u32 nr_online;
/* Raised when a CPU comes or goes: which CPU sets a task can use is looked at anew. */
static u64 hotplug_generation;

static __always_inline bool has_cpu(u32 home, u32 cpu)
{
	return home_at(home)->cpus[masked(cpu / 64, COX_CPU_WORDS)] >> (cpu % 64) & 1;
}

static __always_inline bool is_set(u32 home)
{
	return home >= COX_MAX_LLCS;
}

/* May only the home's own CPUs take from its queues? */
static __always_inline bool is_hard(u32 home)
{
	return home_at(home)->kind == COX_HOME_HARD;
}

/* running_class as a place in the counters by class. */
static __always_inline u32 class_index(u32 running_class)
{
	return running_class < COX_CLASSES ? running_class : 0;
}

/* Was it preempted where it may not migrate? A program such as this one does not let the current task migrate, either. */
static __always_inline bool is_migration_disabled(const struct task_struct *p)
{
	if (!bpf_core_field_exists(p->migration_disabled))
		return false;
	return p->migration_disabled > (p == bpf_get_current_task_btf() ? 1 : 0);
}

/* By its mask, or by where it is in the kernel right now. */
static __always_inline bool has_one_cpu(const struct task_struct *p)
{
	return p->nr_cpus_allowed == 1 || is_migration_disabled(p);
}
