/* SPDX-License-Identifier: GPL-2.0 */
/* Which CPU: the idle one, or the one that is to leave what it runs. */
#pragma once
#include "policy.bpf.h"

/* latency_critical may run this much longer on a CPU than the other classes that wait for it. */
#define UPPER_LEAD_NS (20 * NSEC_PER_MSEC)
/* At most so many preemptions of a CPU per window: a storm of wake-ups costs throughput, not progress. */
#define PREEMPT_WINDOW_NS (10 * NSEC_PER_MSEC)
#define PREEMPTS_PER_WINDOW 40
/* Who wakes up takes the place of one of its class at once if that has run for so long, a slice of EEVDF on 8 CPUs; else with the next tick. */
#define PROTECTED_NS (2800 * 1000ULL)
/* And only if it is so far ahead, as who sleeps a lot is: where many wake each other, more changes of tasks help nobody. */
#define CLAIM_LEAD_NS (4 * NSEC_PER_MSEC)

/*
 * Functions with a task as argument are global: each is verified once, and not
 * again on every path that calls it. Before 7.0 each load of a pointer from a
 * task makes the verifier search all of the kernel's types, several times. They
 * are verified without what their callers hold: so these lock by themselves.
 */
__noinline bool allows_cpu(struct task_struct *p __arg_trusted, s32 cpu)
{
	bool allowed;

	bpf_rcu_read_lock();
	allowed = bpf_cpumask_test_cpu(cpu, p->cpus_ptr);
	bpf_rcu_read_unlock();
	return allowed;
}

__noinline s32 pick_idle_cpu(struct task_struct *p __arg_trusted)
{
	s32 cpu;

	bpf_rcu_read_lock();
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	bpf_rcu_read_unlock();
	return cpu;
}

static __always_inline bool may_run(struct task_struct *p, u32 home, s32 cpu)
{
	return has_cpu(home, cpu) && cpu_of(cpu)->online == COX_CPU_ONLINE && allows_cpu(p, cpu);
}

/*
 * The smaller the better, in the order of the kernel's own choice: idle cores, then CPUs whose core works, near ones first.
 * A function so that the verifier need not follow each order in which CPUs of each rank may come.
 */
__noinline u32 idle_rank(s32 cpu, s32 prev_cpu, bool core_idles)
{
	return (core_idles ? 0 : 4) + (cpu_of(cpu)->llc == cpu_of(prev_cpu)->llc ? 0 : 2) + (cpu == prev_cpu ? 0 : 1);
}

#define RANK_OF_AN_IDLE_CORE_NEARBY 1

/* The best idle CPU of a CPU set at this moment; -1: none. */
__noinline s32 best_idle_in_home(struct task_struct *p __arg_trusted, u32 home, s32 prev_cpu)
{
	/* Without SMT both are the same. */
	const struct cpumask *idle = scx_bpf_get_idle_cpumask(), *idle_cores = scx_bpf_get_idle_smtmask();
	u32 lowest = ~0U, rank;
	s32 best = -1, i, cpu;

	if (!bpf_cpumask_empty(idle)) {
		/* From the last one on, so that it is the first to be looked at: hardly ever is it worth to see all. */
		bpf_for(i, 0, nr_cpu_ids) {
			cpu = (u32)(prev_cpu + i) % (u32)nr_cpu_ids;
			if (!has_cpu(home, cpu) || !bpf_cpumask_test_cpu(cpu, idle))
				continue;
			rank = idle_rank(cpu, prev_cpu, bpf_cpumask_test_cpu(cpu, idle_cores));
			if (rank >= lowest || !may_run(p, home, cpu))
				continue;
			lowest = rank;
			best = cpu;
			if (rank <= RANK_OF_AN_IDLE_CORE_NEARBY)
				break;
		}
	}
	scx_bpf_put_idle_cpumask(idle_cores);
	scx_bpf_put_idle_cpumask(idle);
	return best;
}

/* Who else looks at the same moment finds the same one: so often another is looked for. */
#define IDLE_TRIES 4

/*
 * An idle CPU of a CPU set, which is then the task's; -1: none. The last one if its core is idle as a whole, else a core that
 * is, near first: an idle CPU beside one that works has half of a core. For tasks without a set the kernel chooses like that.
 */
__noinline s32 idle_in_home(struct task_struct *p __arg_trusted, u32 home, s32 prev_cpu)
{
	s32 i, cpu;

	bpf_for(i, 0, IDLE_TRIES) {
		cpu = best_idle_in_home(p, home, prev_cpu);
		if (cpu < 0)
			break;
		if (scx_bpf_test_and_clear_cpu_idle(cpu))
			return cpu;
	}
	return -1;
}

/* Any CPU of the set, so that the task is somewhere from where its own CPUs are woken. */
__noinline s32 any_in_home(struct task_struct *p __arg_trusted, u32 home, s32 prev_cpu)
{
	s32 i;

	if (may_run(p, home, prev_cpu))
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
		idle = pick_idle_cpu(p);
	return idle;
}

/* A CPU that may be idle looks into the queues. False: there is none, and the task's own CPU runs another task. */
__noinline bool kick_idle(struct task_struct *p __arg_trusted, u32 home, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p), idle = find_idle(p, home, enq_flags);

	if (idle < 0) {
		/*
		 * The task's CPU runs one of ours, and looks into the queues after that: its runqueue is locked while a task is
		 * being queued, so that it cannot have done so yet.
		 */
		if (!is_hard(home) && cpu_of(cpu)->running_class != COX_RUNNING_OTHER)
			return false;
		idle = is_hard(home) ? any_in_home(p, home, cpu) : cpu;
	}
	scx_bpf_kick_cpu(idle, scx_kick_idle);
	return true;
}

/* At most so often in a while. */
static __always_inline bool may_preempt(struct cox_cpu *c, u64 now)
{
	if (before(c->preempt_window_ns + PREEMPT_WINDOW_NS, now)) {
		c->preempt_window_ns = now;
		c->preempts_in_window = 0;
	}
	if (c->preempts_in_window >= PREEMPTS_PER_WINDOW)
		return false;
	__sync_fetch_and_add(&c->preempts_in_window, 1);
	return true;
}

static __always_inline void end_slice(s32 cpu, struct cox_cpu *c)
{
	c->preempted_pid = c->running_pid;
	count(nr_preempted);
	scx_bpf_kick_cpu(cpu, scx_kick_preempt);
}

/*
 * Asks a CPU to leave what it runs, if that is of a lower class and the CPU has not been asked too often. One that runs
 * nothing of ours is idle, or between two tasks: it may have looked into the queues just before. A kick that is only for
 * idle CPUs would be lost then, and the task wait for the whole slice of whom it has picked. Whom that is nobody knows
 * yet: it may be of the same class, or a higher one, and loses its slice. So these are limited too.
 */
__noinline int preempt(s32 cpu, u32 class, u64 now)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 running = c->running_class;
	bool runs_none = running == COX_RUNNING_OTHER;

	if (!runs_none && running >= class)
		return 0;
	if (may_preempt(c, now)) {
		if (runs_none)
			scx_bpf_kick_cpu(cpu, scx_kick_preempt);
		else
			end_slice(cpu, c);
	} else if (runs_none) {
		scx_bpf_kick_cpu(cpu, scx_kick_idle);
	}
	return 0;
}

/*
 * Somebody woke up and found no idle CPU: its own one does not keep it waiting for the whole slice of one that comes after
 * it in the order. Slices are long, so that those who share a CPU do not disturb each other more than they have to.
 */
__noinline int claim(s32 cpu, u32 class, u64 key, u64 now)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 running = c->running_class;
	u64 ran;

	if (running == COX_RUNNING_OTHER || running > class)
		return 0;
	if (running != COX_CLASS_BACKGROUND || class == COX_CLASS_BACKGROUND) {
		ran = minus_to_zero(now, c->running_since_ns);
		if (!before(key + CLAIM_LEAD_NS, c->running_key + ran))
			return 0;
		if (ran < PROTECTED_NS) {
			c->claimed = 1;
			return 0;
		}
	}
	if (may_preempt(c, now))
		end_slice(cpu, c);
	return 0;
}

#define RANK_OTHER 8
#define RANK_OTHER_LLC 16
#define RANK_MORE_URGENT 256

static __always_inline u32 rank_of(u32 running, u32 class)
{
	return running == COX_RUNNING_OTHER ? RANK_OTHER : running < class ? running : RANK_MORE_URGENT + running;
}

/*
 * The CPU whose present task is least urgent: the task's own one if that is of a
 * lower class already, else one of its LLC, else one further away. One that is idle
 * has been looked for before: what is left of these is between two tasks, or runs a
 * real-time task, which does not go. Another one is better.
 */
__noinline s32 least_urgent_cpu(struct task_struct *p __arg_trusted, u32 home, u32 class)
{
	u32 lowest = ~0U, llc;
	s32 own, best, i;

	own = best = scx_bpf_task_cpu(p);
	llc = cpu_of(own)->llc;
	if (!is_set(home) || has_cpu(home, own)) {
		u32 running = cpu_of(own)->running_class;

		lowest = rank_of(running, class);
		if (lowest < RANK_OTHER)
			return own;
	}
	bpf_for(i, 0, nr_cpu_ids) {
		u32 rank = rank_of(cpu_of(i)->running_class, class) + (cpu_of(i)->llc == llc ? 0 : RANK_OTHER_LLC);

		if (rank >= lowest || cpu_of(i)->online != COX_CPU_ONLINE || !allows_cpu(p, i) ||
		    (is_set(home) && !has_cpu(home, i)))
			continue;
		lowest = rank;
		best = i;
	}
	return best;
}

/* How many windows have passed since the CPU last renewed our budgets, which it does when it looks for a task. */
static __always_inline u64 own_windows(const struct cox_cpu *c, u64 now)
{
	return minus_to_zero(now, c->own_window_ns) / OWN_WINDOW_NS;
}

/* What our threads ran beyond their budget. However far a turn went beyond its slice, which ends with a tick, the second window after has its budget. */
static __always_inline u64 own_debt(const struct cox_cpu *c, u64 windows)
{
	u64 most = OWN_BURST_NS + OWN_BUDGET_NS;

	return minus_to_zero(c->own_run_ns < most ? c->own_run_ns : most, windows * OWN_BUDGET_NS);
}

/* Would that CPU take a thread of ours before all others? */
static __always_inline bool serves_own(const struct cox_cpu *c, bool dispatches, u64 now)
{
	u64 windows = own_windows(c, now);

	return dispatches ? windows || c->dispatcher_run_ns < DISPATCHER_BUDGET_NS : own_debt(c, windows) < OWN_BURST_NS;
}

static __always_inline bool makes_way_for_own(const struct cox_cpu *c, bool dispatches, u64 now)
{
	return c->running_class == COX_RUNNING_OTHER ||
	       (c->running_class < COX_CLASS_HIGH && serves_own(c, dispatches, now));
}

/*
 * The CPU to be preempted for a thread of ours, or -1: on one whose budget for us is used up the task that runs would only
 * go on. The thread's turn then comes with a tick in the next window (own_is_due).
 */
__noinline s32 cpu_for_own(struct task_struct *p __arg_trusted, bool dispatches, u64 now)
{
	s32 best = least_urgent_cpu(p, 0, COX_CLASS_HIGH), i;

	if (makes_way_for_own(cpu_of(best), dispatches, now))
		return best;
	bpf_for(i, 0, nr_cpu_ids) {
		if (cpu_of(i)->online == COX_CPU_ONLINE && makes_way_for_own(cpu_of(i), dispatches, now) && allows_cpu(p, i))
			return i;
	}
	return -1;
}

/*
 * Does a thread of ours wait that this CPU was not to take when it chose what it runs, and is to take now? Nobody would
 * look before the end of a slice, which may be 20 ms or more.
 */
static __always_inline bool own_is_due(const struct cox_cpu *c, u64 now)
{
	return c->running_class < COX_CLASS_HIGH &&
	       ((scx_bpf_dsq_nr_queued(DSQ_DISPATCHER) > 0 && serves_own(c, true, now)) ||
		(scx_bpf_dsq_nr_queued(DSQ_OWN) > 0 && serves_own(c, false, now)));
}
