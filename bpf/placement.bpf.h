/* SPDX-License-Identifier: GPL-2.0 */
/* Which CPU: the idle one, or the one that is to leave what it runs. */
#pragma once
#include "policy.bpf.h"

/* latency_critical may run this much longer on a CPU than the other classes that wait for it. */
#define UPPER_LEAD_NS (20 * NSEC_PER_MSEC)
/* At most so many preemptions of a CPU per window: a storm of wake-ups costs throughput, not progress. */
#define PREEMPT_WINDOW_NS (10 * NSEC_PER_MSEC)
#define PREEMPTS_PER_WINDOW 40

static __always_inline bool may_run(const struct task_struct *p, u32 home, s32 cpu)
{
	return has_cpu(home, cpu) && cpu_of(cpu)->online == COX_CPU_ONLINE && bpf_cpumask_test_cpu(cpu, p->cpus_ptr);
}

/*
 * An idle CPU of a CPU set, the task's last one first; -1: none. For all other
 * tasks the kernel's own choice is made, which knows cores, LLCs and nodes.
 */
static __noinline s32 idle_in_home(struct task_struct *p, u32 home, s32 prev_cpu)
{
	s32 i;

	if (!p)
		return -1;
	if (may_run(p, home, prev_cpu) && scx_bpf_test_and_clear_cpu_idle(prev_cpu))
		return prev_cpu;
	bpf_for(i, 0, nr_cpu_ids) {
		if (cpu_of(i)->running_class == COX_RUNNING_OTHER && may_run(p, home, i) &&
		    scx_bpf_test_and_clear_cpu_idle(i))
			return i;
	}
	return -1;
}

/* Any CPU of the set, so that the task is somewhere from where its own CPUs are woken. */
static __noinline s32 any_in_home(struct task_struct *p, u32 home, s32 prev_cpu)
{
	s32 i;

	if (!p || may_run(p, home, prev_cpu))
		return prev_cpu;
	bpf_for(i, 0, nr_cpu_ids) {
		if (may_run(p, home, i))
			return i;
	}
	return prev_cpu;
}

/* An idle CPU that takes from the home; -1: none. Where select_cpu ran it has found none outside of sets. */
static __always_inline s32 find_idle(struct task_struct *p, u32 home, u64 enq_flags)
{
	s32 idle = -1;

	if (is_set(home))
		idle = idle_in_home(p, home, scx_bpf_task_cpu(p));
	if (idle < 0 && !is_hard(home) && !(enq_flags & scx_enq_cpu_selected))
		idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	return idle;
}

/* A CPU that may be idle looks into the queues. */
static __always_inline void kick_idle(struct task_struct *p, u32 home, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p), idle = find_idle(p, home, enq_flags);

	if (idle < 0)
		idle = is_hard(home) ? any_in_home(p, home, cpu) : cpu;
	scx_bpf_kick_cpu(idle, scx_kick_idle);
}

/* Asks a CPU to leave what it runs, if that is of a lower class and the CPU has not been asked too often. */
static __always_inline void preempt(s32 cpu, u32 class, u64 now)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 running = c->running_class;

	if (running == COX_RUNNING_OTHER) {
		scx_bpf_kick_cpu(cpu, scx_kick_idle);
		return;
	}
	if (running >= class)
		return;
	if (before(c->preempt_window_ns + PREEMPT_WINDOW_NS, now)) {
		c->preempt_window_ns = now;
		c->preempts_in_window = 0;
	}
	if (c->preempts_in_window >= PREEMPTS_PER_WINDOW)
		return;
	__sync_fetch_and_add(&c->preempts_in_window, 1);
	c->preempted_pid = c->running_pid;
	count(nr_preempted);
	scx_bpf_kick_cpu(cpu, scx_kick_preempt);
}

/*
 * The CPU whose present task is least urgent: the task's own one if that is of a
 * lower class already, else one of its LLC, else one further away.
 */
static __noinline s32 least_urgent_cpu(struct task_struct *p, u32 home, u32 class)
{
	u32 lowest = ~0U, llc;
	s32 own, best, i;

	if (!p)
		return 0;
	own = best = scx_bpf_task_cpu(p);
	llc = cpu_of(own)->llc;
	if (!is_set(home) || has_cpu(home, own)) {
		u32 running = cpu_of(own)->running_class;

		if (running < class)
			return own;
		lowest = 256 + running;
	}
	bpf_for(i, 0, nr_cpu_ids) {
		u32 running = cpu_of(i)->running_class;
		u32 rank = running + (running < class ? 0 : 256) + (cpu_of(i)->llc == llc ? 0 : 16);

		if (rank >= lowest || cpu_of(i)->online != COX_CPU_ONLINE || !bpf_cpumask_test_cpu(i, p->cpus_ptr) ||
		    (is_set(home) && !has_cpu(home, i)))
			continue;
		lowest = rank;
		best = i;
	}
	return best;
}
