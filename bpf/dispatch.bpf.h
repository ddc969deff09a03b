/* SPDX-License-Identifier: GPL-2.0 */
/* What a CPU takes next: from its own queue, its LLC's, those of the CPU sets it is in, and at last from everybody's. */
#pragma once
#include "park.bpf.h"

/*
 * However busy the machine is, a background task gets a turn at least so often:
 * of n that wait each one within the first bound, but no more often than the last.
 * Who is behind the others in their order gets it after that time as well (age_queue).
 */
#define BACKGROUND_BOUND_NS (800 * NSEC_PER_MSEC)
#define BACKGROUND_RARELY_NS (100 * NSEC_PER_MSEC)
#define BACKGROUND_OFTEN_NS (4 * NSEC_PER_MSEC)
/* The queues of CPUs that went offline are looked into once in so many dispatches, */
#define ORPHANS_SHARE 4
/* and so is the run queue of one other LLC, from which a task is taken that is so far behind ours. */
#define OTHER_LLC_SHARE 4
#define OTHER_LLC_LAG_NS (20 * NSEC_PER_MSEC)
#define NO_LLC (~0U)

/*
 * Functions here that are not static are verified once, not for each call: the
 * verifier's work would be many times as much.
 */

/* One dispatch of a CPU. */
struct look {
	u64 now;
	s32 cpu;
	u32 llc;
	u32 other_llc; /* whose tasks may be further behind than ours; NO_LLC: not looked at this time */
	bool assist;
};

static __always_inline void look_around(struct look *look, s32 cpu, u32 sequence, u64 now)
{
	u32 llc = cpu_of(cpu)->llc;

	look->now = now;
	look->cpu = cpu;
	look->llc = llc;
	look->assist = user_answers(llc, now);
	look->other_llc = NO_LLC;
	if (nr_llcs > 1 && sequence % OTHER_LLC_SHARE == 0)
		look->other_llc = (llc + 1 + sequence / OTHER_LLC_SHARE % (nr_llcs - 1)) % nr_llcs;
}

/* Takes from the CPU sets that have the CPU, in turns: in one that always has somebody waiting the others would starve. */
__noinline bool take_from_sets(s32 cpu, u32 kind)
{
	u8 *served = &cpu_of(cpu)->set_served[masked(kind, 8)];
	u32 i, last = *served, sets = control.nr_cpu_sets;

	bpf_for(i, 0, COX_MAX_CPU_SETS) {
		u32 cpu_set;

		if (i >= sets)
			break;
		cpu_set = 1 + (last + i) % sets;
		if (has_cpu(COX_MAX_LLCS + cpu_set, cpu) && take(DSQ(COX_MAX_LLCS + cpu_set, kind))) {
			*served = cpu_set;
			return true;
		}
	}
	return false;
}

/*
 * From the LLC's queue of a kind and those of the sets, in turns, so that neither starves the other. Who was served
 * decides, not how often the CPU has looked: kinds may take turns too, and one would then always see the same side.
 */
static __always_inline bool take_kind(const struct look *look, u32 kind)
{
	struct cox_cpu *c = cpu_of(look->cpu);
	u32 turn = 1U << kind;

	if (!control.nr_cpu_sets)
		return take(DSQ(look->llc, kind));
	if ((c->sets_next & turn) && take_from_sets(look->cpu, kind)) {
		c->sets_next &= ~turn;
		return true;
	}
	if (take(DSQ(look->llc, kind))) {
		c->sets_next |= turn;
		return true;
	}
	return take_from_sets(look->cpu, kind);
}

/* May the kernel side take from a PARK without a verdict? */
static __always_inline bool park_is_due(u32 home, bool assist, u64 now)
{
	struct head head;

	if (scx_bpf_dsq_nr_queued(DSQ_PARK(home)) <= 0)
		return false;
	if (!assist)
		return true;
	peek(DSQ_PARK(home), &head);
	return head.parked_ns != ~0ULL && before(head.parked_ns + control.lease_ns, now);
}

/* The queue with the smallest key so far. */
struct candidate {
	u64 key;
	u64 dsq; /* 0: none */
};

__noinline int consider(struct candidate *best, u64 dsq, u64 handicap_ns)
{
	struct head head;

	if (!best)
		return 0;
	peek(dsq, &head);
	if (head.key == ~0ULL)
		return 0;
	head.key += handicap_ns;
	if (!best->dsq || before(head.key, best->key)) {
		best->key = head.key;
		best->dsq = dsq;
	}
	return 0;
}

__noinline int consider_sets(const struct look *look, struct candidate *best, bool all_parked)
{
	u32 i;

	if (!look || !best)
		return 0;
	bpf_for(i, 1, COX_MAX_CPU_SETS) {
		u32 home = COX_MAX_LLCS + i;

		if (i > control.nr_cpu_sets)
			break;
		if (!has_cpu(home, look->cpu))
			continue;
		consider(best, DSQ_RUN(home), 0);
		if (all_parked || park_is_due(home, look->assist, look->now))
			consider(best, DSQ_PARK(home), 0);
	}
	return 0;
}

/* The smallest key of all queues goes first, so that none can starve another. A PARK counts only when it is due, or if asked for. */
__noinline int best_by_vtime(const struct look *look, struct candidate *best, bool all_parked, bool park_due)
{
	if (!look || !best)
		return 0;
	best->dsq = 0;
	best->key = 0;
	consider(best, DSQ_CPU(look->cpu), 0);
	consider(best, DSQ_RUN(look->llc), 0);
	if (all_parked || park_due)
		consider(best, DSQ_PARK(look->llc), 0);
	if (control.nr_cpu_sets)
		consider_sets(look, best, all_parked);
	if (look->other_llc != NO_LLC)
		consider(best, DSQ_RUN(look->other_llc), OTHER_LLC_LAG_NS);
	return 0;
}

__noinline bool take_by_vtime(const struct look *look)
{
	struct candidate best;
	bool park_due;

	if (!look)
		return false;
	park_due = park_is_due(look->llc, look->assist, look->now);
	/* A queue on its own needs no comparing, and no lock. */
	if (scx_bpf_dsq_nr_queued(DSQ_CPU(look->cpu)) <= 0 && !park_due && !control.nr_cpu_sets && look->other_llc == NO_LLC)
		return take(DSQ_RUN(look->llc));
	best_by_vtime(look, &best, false, park_due);
	if (best.dsq && take(best.dsq)) {
		if (look->other_llc != NO_LLC && best.dsq == DSQ_RUN(look->other_llc))
			count(nr_llc_balanced);
		return true;
	}
	/* The first of a queue may not be allowed on this CPU: another may. */
	return take(DSQ_CPU(look->cpu)) || take_kind(look, QUEUE_RUN) || (park_due && take(DSQ_PARK(look->llc)));
}

/* Look into the queues of other CPUs: all of them, or only those of CPUs that went offline. */
__noinline bool steal(s32 self, bool only_gone)
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

/* Everything of a home that is not this CPU's. */
__noinline bool take_from_home(u32 home, bool parked_too)
{
	return take(DSQ_LATENCY(home)) || take(DSQ_AGED(home)) || take(DSQ_RUN(home)) ||
	       (parked_too && take(DSQ_PARK(home))) || take(DSQ_BACKGROUND(home));
}

/* Nothing else to do: other LLCs, those of the same NUMA node first, then soft CPU sets. */
__noinline bool take_from_others(const struct look *look)
{
	bool parked_too;
	u32 i, llc;
	s32 node;

	if (!look)
		return false;
	parked_too = !look->assist || control.asking != COX_ASKING_STRICT;
	node = home_at(look->llc)->node;
	if (nr_llcs > 1) {
		bpf_for(i, 1, 2 * COX_MAX_LLCS) {
			if (i >= 2 * nr_llcs)
				break;
			llc = (look->llc + i) % nr_llcs;
			if (llc == look->llc || (home_at(llc)->node == node) != (i < nr_llcs))
				continue;
			if (take_from_home(llc, parked_too)) {
				count(nr_llc_stolen);
				return true;
			}
		}
	}
	bpf_for(i, 1, COX_MAX_CPU_SETS) {
		if (i > control.nr_cpu_sets)
			break;
		if (!is_hard(COX_MAX_LLCS + i) && take_from_home(COX_MAX_LLCS + i, parked_too))
			return true;
	}
	return false;
}

static __always_inline bool take_background(u32 home, u64 now)
{
	if (!take(DSQ_BACKGROUND(home)))
		return false;
	home_at(home)->background_served_ns = now;
	return true;
}

/*
 * A turn comes when a CPU looks for a task, up to a slice after it was due. The next one is due as if it had come in time:
 * with many turns to be given all of them would be late otherwise. No more of them than of one slice are made up for.
 */
__noinline bool take_due_background(u32 home, u64 now)
{
	s32 waiting = scx_bpf_dsq_nr_queued(DSQ_BACKGROUND(home));
	u64 due_ns, earliest_ns = now - control.slice_max_ns;

	if (waiting <= 0)
		return false;
	due_ns = home_at(home)->background_served_ns +
		 clamp(BACKGROUND_BOUND_NS / waiting, BACKGROUND_OFTEN_NS, BACKGROUND_RARELY_NS);
	if (!before(due_ns, now) || !take(DSQ_BACKGROUND(home)))
		return false;
	home_at(home)->background_served_ns = before(due_ns, earliest_ns) ? earliest_ns : due_ns;
	return true;
}

__noinline bool take_due_background_of_sets(s32 cpu, u64 now)
{
	u32 i;

	bpf_for(i, 1, COX_MAX_CPU_SETS) {
		u32 home = COX_MAX_LLCS + i;

		if (i > control.nr_cpu_sets)
			break;
		if (has_cpu(home, cpu) && take_due_background(home, now))
			return true;
	}
	return false;
}

/* Whose turn it is whatever the order by vtime says: also before the task that the CPU has. */
static __always_inline bool take_due(const struct look *look)
{
	return take_kind(look, QUEUE_AGED) || take_due_background(look->llc, look->now) ||
	       (control.nr_cpu_sets && take_due_background_of_sets(look->cpu, look->now));
}

/* Everything else below latency_critical, in order. */
static __always_inline bool take_lower(const struct look *look)
{
	if (take_by_vtime(look))
		return true;
	/* About to idle: nobody waits for a verdict while a CPU has nothing to do, unless that is wanted. */
	if ((!look->assist || control.asking != COX_ASKING_STRICT) && take_kind(look, QUEUE_PARK))
		return true;
	return take_background(look->llc, look->now) ||
	       (control.nr_cpu_sets && take_from_sets(look->cpu, QUEUE_BACKGROUND));
}

static __always_inline bool take_own(struct cox_cpu *c, u64 now)
{
	u64 windows = own_windows(c, now);

	if (windows) {
		c->own_run_ns = own_debt(c, windows);
		c->own_window_ns += windows * OWN_WINDOW_NS;
		c->dispatcher_run_ns = 0;
	}
	return (c->dispatcher_run_ns < DISPATCHER_BUDGET_NS && take(DSQ_DISPATCHER)) ||
	       (c->own_run_ns < OWN_BURST_NS && take(DSQ_OWN));
}

/* A stint is over, or goes into the next: who used how much. What nobody else wanted is not charged to the share. */
static __always_inline void account(struct task_struct *p, struct task_ctx *t, struct cox_cpu *c, u64 ran, bool wanted,
				    u64 now)
{
	u32 class = c->running_class;

	t->run_ns += ran;
	__sync_fetch_and_add(&c->run_ns, ran);
	__sync_fetch_and_add(&c->class_run_ns[class_index(class)], ran);
	if (class == COX_CLASS_LATENCY_CRITICAL)
		c->upper_run_ns = clamp(c->upper_run_ns + ran, 0, 2 * UPPER_LEAD_NS);
	else if (class != COX_RUNNING_SYSTEM)
		c->upper_run_ns = minus_to_zero(c->upper_run_ns, ran);
	if (is_dispatcher(p))
		c->dispatcher_run_ns += ran;
	else if (is_own(p))
		c->own_run_ns += ran;
	if (is_upper(class) && class != COX_RUNNING_SYSTEM)
		charge_budget(p, t, ran, now);
	if (is_limited(p, t))
		charge_limits(t->group, ran);
	if (wanted)
		charge(p, t, class, ran);
}

/* The CPU goes on with the task that it has: a new stint, without a switch. */
static __always_inline void go_on(struct task_struct *p, struct task_ctx *t, struct cox_cpu *c, u32 class, bool wanted,
				  u64 now)
{
	account(p, t, c, minus_to_zero(now, t->started_ns), wanted, now);
	t->started_ns = now;
	/* Its budget may have ended, or have come back. */
	if (c->running_class != COX_RUNNING_SYSTEM)
		c->running_class = class_of(t, now);
	t->granted_ns = limited_slice(p, t, slice_of(p, t, class, now), now);
	task_set_slice(p, t->granted_ns);
	c->slice_ends_ns = now + t->granted_ns;
}

/*
 * The task whose slice is over is in no queue while its CPU looks for another.
 * Without this it would have to let one of the others go before it each time,
 * whatever their shares are.
 */
__noinline bool is_still_first(const struct look *look __arg_nonnull, struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull)
{
	struct candidate best;
	u64 now, ran, key;
	u32 class, running;

	if (is_own(p))
		return false;
	now = look->now;
	class = class_of(t, now);
	/* One that has another class now is queued as what it is. */
	running = cpu_of(look->cpu)->running_class;
	if (!is_fair(p, class) || (running != class && running != COX_RUNNING_SYSTEM))
		return false;
	ran = minus_to_zero(now, t->started_ns);
	key = queue_key(t, class) + by_weight(p, t, class, ran);
	best_by_vtime(look, &best, true, true);
	if (best.dsq && !before(key, best.key))
		return false;
	count(nr_continued);
	go_on(p, t, cpu_of(look->cpu), class, true, now);
	return true;
}
