/* SPDX-License-Identifier: GPL-2.0 */
/* Into which queue a task goes, and whom that wakes or preempts: a way for each kind of task that cox_enqueue tells apart. */
#pragma once
#include "park.bpf.h"

/* A preempted reader of RCU: enough to leave what it holds, and before those that have waited for so long. */
#define RCU_READER_SLICE_NS NSEC_PER_MSEC
/* Among those that waited too long, the oldest goes first. */
#define HEAD_START_NS (10 * WAIT_BOUND_NS)

static __always_inline void enqueue_own(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	bool dispatches = is_dispatcher(p);
	s32 idle, cpu;

	count(nr_own);
	t->granted_ns = dispatches ? DISPATCHER_SLICE_NS : OWN_SLICE_NS;
	dsq_insert(p, dispatches ? DSQ_DISPATCHER : DSQ_OWN, t->granted_ns, enq_flags);
	idle = pick_idle_cpu(p);
	if (idle >= 0)
		scx_bpf_kick_cpu(idle, scx_kick_idle);
	else if ((enq_flags & scx_enq_wakeup) && (cpu = cpu_for_own(p, dispatches, now)) >= 0)
		preempt(cpu, COX_CLASS_HIGH, now);
}

static __always_inline void enqueue_on_cpu(struct task_struct *p, struct task_ctx *t, u32 class, u64 key, u64 enq_flags,
					   u64 now)
{
	s32 cpu = scx_bpf_task_cpu(p);

	dsq_insert_vtime(p, DSQ_CPU(cpu), t->granted_ns, key, enq_flags);
	if (cpu_of(cpu)->running_class == COX_RUNNING_OTHER)
		scx_bpf_kick_cpu(cpu, scx_kick_idle);
	else if (enq_flags & scx_enq_wakeup)
		claim(cpu, class, key, now);
}

/*
 * Whose slice is over has its own CPU, which runs nobody right now but may take another: an idle one would not hear of it.
 */
__noinline s32 urgent_cpu(struct task_struct *p __arg_trusted, u32 home, u64 enq_flags)
{
	s32 idle = enq_flags & scx_enq_cpu_selected ? -1 : find_idle(p, home, enq_flags);

	return idle >= 0 ? idle : least_urgent_cpu(p, home, COX_CLASS_LATENCY_CRITICAL);
}

static __always_inline void enqueue_latency(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	bool sync = t->woken_sync && (enq_flags & scx_enq_wakeup) &&
		    this_cpu()->running_class == COX_CLASS_LATENCY_CRITICAL &&
		    (!is_set(t->home) || has_cpu(t->home, bpf_get_smp_processor_id()));
	s32 cpu = sync ? (s32)bpf_get_smp_processor_id() : urgent_cpu(p, t->home, enq_flags);

	count(nr_latency);
	if (!is_set(t->home))
		t->home = cpu_of(cpu)->llc;
	dsq_insert_vtime(p, DSQ_LATENCY(t->home), t->granted_ns, now + t->granted_ns, enq_flags);
	/*
	 * Woken by one of its class that is about to sleep, as along a chain of
	 * services: that CPU takes it next, without disturbing another.
	 */
	if (sync)
		return;
	if (cpu_of(cpu)->upper_run_ns <= UPPER_LEAD_NS)
		preempt(cpu, COX_CLASS_LATENCY_CRITICAL, now);
}

/*
 * With a share of a thousandth it would need a minute for what it holds up:
 * the kernel calls that a stall. It goes before all who wait, in small pieces.
 */
static __always_inline void enqueue_rcu_reader(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	count(nr_rcu_reader);
	t->granted_ns = RCU_READER_SLICE_NS;
	dsq_insert_vtime(p, DSQ_AGED(t->home), t->granted_ns, now - HEAD_START_NS, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), scx_kick_idle);
}

/* PARK with a notice, or the run queue where asking user space is impossible or changes nothing. */
static __always_inline void enqueue_shared(struct task_struct *p, struct task_ctx *t, u32 class, u64 key, u64 enq_flags,
					   u64 now)
{
	bool strict = control.asking == COX_ASKING_STRICT;
	u64 dsq = DSQ_RUN(t->home);

	if (control.asking == COX_ASKING_KERNEL) {
		count(nr_kernel_order);
	} else if (!user_answers(t->home, now)) {
		count(nr_autonomous);
	} else if (p->flags & PF_EXITING) {
		count(nr_unasked); /* it may have no number any more by which an answer could name it */
	} else if (!strict && !scx_bpf_dsq_nr_queued(DSQ_RUN(t->home)) && !scx_bpf_dsq_nr_queued(DSQ_PARK(t->home))) {
		count(nr_unasked);
	} else if (!send_notice(p, t, key, now)) {
		count(nr_ring_full);
	} else {
		t->parked_ns = now;
		t->parked = t->generation;
		count(nr_parked);
		dsq = DSQ_PARK(t->home);
	}
	dsq_insert_vtime(p, dsq, t->granted_ns, key, enq_flags);
	if (strict && dsq == DSQ_PARK(t->home))
		return;
	if (!kick_idle(p, t->home, enq_flags) && (enq_flags & scx_enq_wakeup) && dsq == DSQ_RUN(t->home))
		claim(scx_bpf_task_cpu(p), class, key, now);
}

static __always_inline void resume(struct task_struct *p, struct task_ctx *t, u64 dsq, u64 key, u64 enq_flags)
{
	count(nr_resumed);
	t->granted_ns = t->left_ns;
	dsq_insert_vtime(p, dsq, t->granted_ns, key, enq_flags);
	kick_idle(p, t->home, enq_flags);
}
