/* SPDX-License-Identifier: GPL-2.0 */
/* The dispatch queues, in the order in which dispatch() looks at them, and how a CPU takes from them. */
#pragma once
#include "state.bpf.h"

#define DSQ_OWN 1           /* threads of our own process; FIFO */
#define DSQ_RUN 2           /* tasks with a verdict, or that need none; by vtime */
#define DSQ_PARK 3          /* tasks that user space was told of; by vtime */
#define DSQ_BACKGROUND 4    /* by vtime */
#define DSQ_LATENCY 6       /* latency_critical; by deadline */
#define DSQ_AGED 5          /* from any of these: who waited too long in their order; oldest first */
#define DSQ_CPU(cpu) (0x20000 + (u64)(cpu))     /* bound to the CPU, or preempted on it; by vtime */

static __always_inline s32 create_queues(void)
{
	s32 err, cpu;

	if ((err = scx_bpf_create_dsq(DSQ_OWN, -1)) || (err = scx_bpf_create_dsq(DSQ_RUN, -1)) ||
	    (err = scx_bpf_create_dsq(DSQ_PARK, -1)) || (err = scx_bpf_create_dsq(DSQ_BACKGROUND, -1)) ||
	    (err = scx_bpf_create_dsq(DSQ_AGED, -1)) || (err = scx_bpf_create_dsq(DSQ_LATENCY, -1)))
		return err;
	/* For all possible CPUs, so that one may come online at any time. */
	bpf_for(cpu, 0, nr_cpu_ids) {
		if ((err = scx_bpf_create_dsq(DSQ_CPU(cpu), -1)))
			return err;
	}
	return 0;
}

static __always_inline bool take(u64 dsq)
{
	return scx_bpf_dsq_nr_queued(dsq) > 0 && dsq_move_to_local(dsq);
}

/* Key of a queue's first task, and since when it is parked; the largest number when there is none. */
struct head {
	u64 key;
	u64 parked_ns;
};

static __noinline int peek(u64 dsq, struct head *head)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;

	if (!head)
		return 0;
	head->key = ~0ULL;
	head->parked_ns = ~0ULL;
	if (!bpf_iter_scx_dsq_new(&it, dsq, 0)) {
		p = bpf_iter_scx_dsq_next(&it);
		if (p) {
			struct task_ctx *t = ctx_of(p);

			head->key = p->scx.dsq_vtime;
			if (t)
				head->parked_ns = t->parked_ns;
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	return 0;
}

/* The smallest vtime of the three goes first, so that no queue can starve another. PARK counts only when it is due. */
static __noinline bool take_by_vtime(s32 cpu, bool park_is_due)
{
	u64 own = DSQ_CPU(cpu), first = DSQ_RUN, second = 0;
	struct head head, best;

	best.key = ~0ULL;
	/* A queue on its own needs no comparing, and no lock. */
	if (scx_bpf_dsq_nr_queued(own) <= 0 && !park_is_due)
		return take(DSQ_RUN);
	if (scx_bpf_dsq_nr_queued(DSQ_RUN) > 0)
		peek(DSQ_RUN, &best);
	if (scx_bpf_dsq_nr_queued(own) > 0) {
		peek(own, &head);
		if (head.key != ~0ULL && (best.key == ~0ULL || before(head.key, best.key))) {
			second = first;
			first = own;
			best = head;
		} else {
			second = own;
		}
	}
	if (park_is_due) {
		peek(DSQ_PARK, &head);
		if (head.key != ~0ULL && (best.key == ~0ULL || before(head.key, best.key)) && take(DSQ_PARK))
			return true;
	}
	/* The first of a queue may not be allowed on this CPU: another may. */
	return take(first) || (second && take(second));
}

/* Look into the queues of other CPUs: all of them, or only those of CPUs that went offline. */
static __noinline bool steal(s32 self, bool only_gone)
{
	s32 cpu;

	bpf_for(cpu, 0, nr_cpu_ids) {
		if (cpu == self || cpu_of(cpu)->online == COX_CPU_NEVER)
			continue;
		if (only_gone && cpu_of(cpu)->online != COX_CPU_GONE)
			continue;
		if (take(DSQ_CPU(cpu))) {
			count(nr_stolen);
			return true;
		}
	}
	return false;
}

/* A fair order can be a long one: a nice 19 task beside hundreds of others. Nobody waits much longer than this. */
#define WAIT_BOUND_NS 1000000000ULL
/* Looked at per queue and time, from the end, where those are that wait longest. */
#define AGE_SCAN_MAX 64

/* Called by the timer: moves those who waited too long to the queue that goes first. */
static __noinline int age_queue(u64 dsq, u64 now)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	struct task_ctx *t;
	s32 i;

	if (scx_bpf_dsq_nr_queued(dsq) <= 0)
		return 0;
	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, dsq, SCX_DSQ_ITER_REV)) {
		bpf_for(i, 0, AGE_SCAN_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			t = ctx_of(p);
			if (!t || !t->runnable_ns || !before(t->runnable_ns + WAIT_BOUND_NS, now))
				continue;
			if (dsq_move_vtime(&it, p, DSQ_AGED, t->granted_ns ?: 1000000, t->runnable_ns))
				count(nr_aged);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

#define EVACUATE_MAX 8192

/*
 * A CPU that goes offline does not call dispatch any more, and the kernel waits
 * until it has pushed every task off it. It still looks into the global queue:
 * tasks that may run nowhere else go there, and are pushed from there.
 */
static __noinline int evacuate(u64 dsq, s32 cpu)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	s32 i;

	if (scx_bpf_dsq_nr_queued(dsq) <= 0)
		return 0;
	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, dsq, 0)) {
		bpf_for(i, 0, EVACUATE_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			if (p->nr_cpus_allowed == 1 && scx_bpf_task_cpu(p) == cpu)
				dsq_move(&it, p, scx_dsq_global);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}
