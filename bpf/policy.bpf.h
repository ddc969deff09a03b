/* SPDX-License-Identifier: GPL-2.0 */
/* What a task is to the scheduler: its directive, class, share, slice and place in a queue. */
#pragma once
#include "queues.bpf.h"

#define NSEC_PER_MSEC 1000000ULL
#define SLICE_FLOOR_NS (100 * 1000ULL)
#define SLICE_CEILING_NS (100 * NSEC_PER_MSEC)
/* A task that slept gets no more than this ahead of those that ran. */
#define SLEEPER_CREDIT_NS (20 * NSEC_PER_MSEC)
/* How much earlier than its vtime a high task is due; its share stays what its weight says. */
#define HIGH_HEAD_START_NS (10 * NSEC_PER_MSEC)
/* low counts its CPU time four times: a quarter of the share. */
#define LOW_SHARE_DIVISOR 4

static __always_inline bool is_own(const struct task_struct *p)
{
	return p->tgid == self_tgid;
}

static __always_inline bool is_kernel(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD;
}

/* The task's copy of its directive, renewed when user space has published a change. */
static __always_inline void renew_directive(struct task_struct *p, struct task_ctx *t)
{
	u64 generation = control.directive_generation;
	struct cox_directive *d;

	if (t->directive_seen == generation)
		return;
	d = bpf_task_storage_get(&directives, p, NULL, 0);
	if (d)
		t->directive = *d;
	else
		__builtin_memset(&t->directive, 0, sizeof(t->directive));
	t->directive_seen = generation;
}

static __always_inline u32 class_of(const struct task_ctx *t, u64 now)
{
	u32 class = t->directive.class;

	if (class == COX_CLASS_UNSET || class > COX_CLASS_LATENCY_CRITICAL ||
	    !before(now, t->directive.class_expires_ns))
		return COX_CLASS_NORMAL;
	return class;
}

static __always_inline u64 directed_slice(const struct task_ctx *t, u64 now)
{
	if (!t->directive.slice_ns || !before(now, t->directive.slice_expires_ns))
		return 0;
	return clamp(t->directive.slice_ns, SLICE_FLOOR_NS, SLICE_CEILING_NS);
}

static u32 nr_online; /* changed by init, cpu_online and cpu_offline */

/* The directive's, else the longest slice divided by those who wait for a CPU. */
static __always_inline u64 slice_of(const struct task_ctx *t, u64 now)
{
	u64 slice = directed_slice(t, now), waiting;

	if (slice)
		return slice;
	waiting = scx_bpf_dsq_nr_queued(DSQ_RUN) + scx_bpf_dsq_nr_queued(DSQ_PARK);
	slice = control.slice_max_ns / (1 + waiting / (nr_online ?: 1));
	return clamp(slice, control.slice_min_ns, SLICE_CEILING_NS);
}

/* CPU time as it counts for the task's share: nice through the kernel's weight (100: nice 0), and the class. */
static __always_inline u64 charged(const struct task_struct *p, u32 class, u64 ran_ns)
{
	u64 weight = p->scx.weight ?: 100;

	return ran_ns * 100 / weight * (class == COX_CLASS_LOW ? LOW_SHARE_DIVISOR : 1);
}

/* Place in a queue ordered by vtime. Clamps the credit of a sleeper first. */
static __always_inline u64 queue_key(struct task_ctx *t, u32 class)
{
	u64 floor = state.vtime_now - SLEEPER_CREDIT_NS;

	if (before(t->vtime, floor))
		t->vtime = floor;
	return class == COX_CLASS_HIGH ? t->vtime - HIGH_HEAD_START_NS : t->vtime;
}
