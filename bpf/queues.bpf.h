/* SPDX-License-Identifier: GPL-2.0 */
/* The dispatch queues, and what moves tasks between them from outside. */
#pragma once
#include "state.bpf.h"

#define NSEC_PER_MSEC 1000000ULL
#define SLICE_FLOOR_NS (100 * 1000ULL)
#define SLICE_CEILING_NS (100 * NSEC_PER_MSEC)

/* Each home, an LLC or a CPU set, has these. */
#define QUEUE_RUN 0        /* tasks with a verdict, or that need none; by vtime */
#define QUEUE_PARK 1       /* tasks that user space was told of; by vtime */
#define QUEUE_BACKGROUND 2 /* by vtime */
#define QUEUE_LATENCY 3    /* latency_critical; by deadline */
#define QUEUE_AGED 4       /* from any of these: who waited too long in their order; oldest first */
#define QUEUE_KINDS 5

#define DSQ_OWN 1          /* threads of our own process; FIFO; one for the machine */
#define DSQ_DISPATCHER 2   /* those which run the dispatch loops */
#define DSQ_THROTTLED 3    /* below a cpu.max that is used up; by the time of its release; no CPU takes from it */
#define DSQ(home, kind) (0x10000 + (u64)(home) * 8 + (kind))
#define DSQ_RUN(home) DSQ(home, QUEUE_RUN)
#define DSQ_PARK(home) DSQ(home, QUEUE_PARK)
#define DSQ_BACKGROUND(home) DSQ(home, QUEUE_BACKGROUND)
#define DSQ_LATENCY(home) DSQ(home, QUEUE_LATENCY)
#define DSQ_AGED(home) DSQ(home, QUEUE_AGED)
#define DSQ_CPU(cpu) (0x20000 + (u64)(cpu)) /* bound to the CPU, or placed on it by a verdict; by vtime */

static __noinline s32 create_home_queues(u32 home)
{
	struct cox_home *h = home_at(home);
	s32 err, kind;

	bpf_for(kind, 0, QUEUE_KINDS) {
		if ((err = scx_bpf_create_dsq(DSQ(home, kind), h->node)))
			return err;
	}
	h->has_queues = 1;
	return 0;
}

static __noinline s32 create_queues(void)
{
	s32 err, cpu;
	u32 llc;

	if ((err = scx_bpf_create_dsq(DSQ_OWN, -1)) || (err = scx_bpf_create_dsq(DSQ_DISPATCHER, -1)) ||
	    (err = scx_bpf_create_dsq(DSQ_THROTTLED, -1)))
		return err;
	bpf_for(llc, 0, nr_llcs) {
		if ((err = create_home_queues(llc)))
			return err;
	}
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
	if (scx_bpf_dsq_nr_queued(dsq) <= 0)
		return 0;
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

/* A fair order can be a long one: a nice 19 task beside hundreds of others. Nobody waits much longer than this. */
#define WAIT_BOUND_NS 1000000000ULL
/*
 * Whatever a policy, a directive or the past says of a slice: with it each of those who wait has its turn within the bound.
 * A thousand that spin would else wait for seconds, and with them the kernel's own workers, its watchdog's too.
 * Slices below the shortest one are for so many that the kernel would call it a stall.
 */
static __always_inline u64 within_round(u64 slice, u64 waiting, u64 nr_cpus)
{
	u64 turns = 1 + waiting, longest = WAIT_BOUND_NS * (nr_cpus ?: 1) / turns;

	if (longest < control.slice_min_ns) {
		longest = watchdog_round_ns * (nr_cpus ?: 1) / turns;
		longest = clamp(longest, SLICE_FLOOR_NS, control.slice_min_ns);
	}
	return slice < longest ? slice : longest;
}

/* More than CROWD_PER_CPU wait for some CPU; the timer's, so that nobody else has to count them. */
static bool crowded;

/*
 * Looked at per queue and time, from the end: whose turn would come last. Those that were helped a moment ago are at the end
 * again, so that many have to be looked at. So many are helped at once; more only if they have waited for twice as long: where
 * all wait too long, hardly anything would be left of the order.
 */
#define AGE_SCAN_MAX 4096
#define AGE_MOVES_MAX 64

/* Who has waited longest of those that this round of the timer has looked at. */
static struct {
	u64 since_ns;
	s32 pid;
	char comm[COX_COMM_LEN];
} oldest;

/* From the queue that is being looked at. In memory: the verifier would follow each number that a variable may have. */
static u32 nr_helped;

/* Called by the timer: moves those who waited too long to the queue that goes first, if there is one for them. */
__noinline int age_queue(u64 dsq, u64 aged, u64 bound_ns, u64 now)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	struct task_ctx *t;
	s32 i, waiting = scx_bpf_dsq_nr_queued(dsq);
	u64 since, slice;

	if (waiting <= 0)
		return 0;
	nr_helped = 0;
	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, dsq, SCX_DSQ_ITER_REV)) {
		bpf_for(i, 0, AGE_SCAN_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			t = ctx_of(p);
			since = t ? t->runnable_ns : 0;
			if (!since)
				continue;
			if (before(since, oldest.since_ns)) {
				oldest.since_ns = since;
				oldest.pid = p->pid;
				__builtin_memcpy(oldest.comm, p->comm, sizeof(oldest.comm));
			}
			if (!aged || !before(since + (nr_helped < AGE_MOVES_MAX ? bound_ns : 2 * bound_ns), now))
				continue;
			/* It may have been interrupted just before the end of its slice: that rest is no turn. */
			slice = t->granted_ns > control.slice_min_ns ? t->granted_ns : control.slice_min_ns;
			slice = within_round(slice, waiting, nr_online);
			if (dsq_move_vtime(&it, p, aged, slice, since)) {
				nr_helped++;
				t->granted_ns = slice;
				t->aged_ns = since;
				count(nr_aged);
			}
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
__noinline int evacuate(u64 dsq, s32 cpu)
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
			if (has_one_cpu(p) && scx_bpf_task_cpu(p) == cpu)
				dsq_move(&it, p, scx_dsq_global);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

/* None of a home's CPUs is online any more: its tasks go on as if they had not been in it. */
__noinline int drain_queue(u64 dsq, u64 target)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	struct task_ctx *t;
	s32 i;

	if (scx_bpf_dsq_nr_queued(dsq) <= 0)
		return 0;
	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, dsq, 0)) {
		bpf_for(i, 0, EVACUATE_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			t = ctx_of(p);
			if (t)
				dsq_move_vtime(&it, p, target, t->granted_ns ?: 1000000, t->vtime);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

__noinline int drain_home(u32 home)
{
	u32 llc, target = home;
	s32 kind;

	bpf_for(llc, 0, nr_llcs) {
		if (!home_at(llc)->nr_online)
			continue;
		target = llc;
		break;
	}
	if (target == home)
		return 0;
	bpf_for(kind, 0, QUEUE_KINDS)
		drain_queue(DSQ(home, kind), DSQ_RUN(target));
	return 0;
}
