/* SPDX-License-Identifier: GPL-2.0 */
/* What a task is to the scheduler: its directive, class, share, slice and place in a queue. */
#pragma once
#include "limits.bpf.h"
#include "queues.bpf.h"

/*
 * Of each window on a CPU, at most half goes to the thread that runs the dispatch loop before all others. The rest of our
 * process, which loads programs, reads /proc and answers clients, is before others for three tenths: with more it would
 * hold up the dispatch loop, and take from those whom we schedule. Short, so that nobody waits long behind it. What it has
 * not used it may use later, up to a long slice of anybody else: a client waits for an answer or a collection of garbage
 * that takes 20 ms, and then there is nothing for long.
 */
#define OWN_WINDOW_NS (10 * NSEC_PER_MSEC)
#define DISPATCHER_BUDGET_NS (OWN_WINDOW_NS / 2)
#define OWN_BUDGET_NS (OWN_WINDOW_NS * 3 / 10)
#define OWN_BURST_NS (20 * NSEC_PER_MSEC)
#define DISPATCHER_SLICE_NS (5 * NSEC_PER_MSEC)
#define OWN_SLICE_NS (2 * NSEC_PER_MSEC)
/*
 * A task that slept gets no more than this ahead of those that ran, nor than a few slices: where many wait, slices are short
 * and the clock goes slowly, and all of 20 ms would be seconds in which those that sleep go before all that run.
 */
#define SLEEPER_CREDIT_NS (20 * NSEC_PER_MSEC)
#define SLEEPER_CREDIT_SLICES 4
/* Nor is it further behind than this: ten slices of the least weight. */
#define DEBT_MAX_NS (1000 * NSEC_PER_MSEC)
/*
 * Of tasks whose keys differ by less, the one that came first goes first: who wakes up waits behind its likes, and finds
 * more to do when its turn comes. About the shortest slice.
 */
#define KEY_GRAIN_NS (1ULL << 20)
/* How much earlier than its vtime a high task is due; its share stays what its weight says. */
#define HIGH_HEAD_START_NS (10 * NSEC_PER_MSEC)
/* low counts its CPU time four times: a quarter of the share. */
#define LOW_SHARE_DIVISOR 4

/* Our process, as the machine numbers it: in a container it knows itself by another number. Set by apply_verdicts. */
static s32 self_tgid;

static __always_inline bool is_own(const struct task_struct *p)
{
	return p->tgid == self_tgid;
}

__noinline bool runs_a_loop(s32 tid)
{
	u32 loop;

	bpf_for(loop, 0, nr_loops) {
		if (loop_at(loop)->tid == tid)
			return true;
	}
	return false;
}

static __always_inline bool is_dispatcher(const struct task_struct *p)
{
	return is_own(p) && runs_a_loop(p->pid);
}

static __always_inline bool is_kernel(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD;
}

/* To one CPU of several. Where there is only one, its tasks are queued and asked about as anywhere. */
static __always_inline bool is_bound(const struct task_struct *p)
{
	return has_one_cpu(p) && (nr_cpu_ids > 1 || is_kernel(p));
}

/*
 * Was it preempted while it reads what RCU protects? Then the whole kernel waits
 * for it to go on. This program itself runs as such a reader of the current task.
 */
static __always_inline bool is_rcu_reader(const struct task_struct *p)
{
	if (!bpf_core_field_exists(p->rcu_read_lock_nesting))
		return false;
	return p->rcu_read_lock_nesting > (p == bpf_get_current_task_btf() ? 1 : 0);
}

/* The directive of the nearest cgroup that has one. At most this many levels up: deeper ones are not searched. */
#define CGROUP_LEVELS_MAX 16

__noinline int inherit_directive(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull)
{
	struct cox_directive *d;
	struct cgroup *own, *cgroup;
	s32 i, level;

	__builtin_memset(&t->inherited, 0, sizeof(t->inherited));
	t->inherited_level = 0;
	if (!control.nr_cgroup_directives)
		return 0;
	own = p->cgroups->dfl_cgrp;
	level = own->level;
	bpf_for(i, 0, CGROUP_LEVELS_MAX) {
		if (level - i <= 0)
			break;
		cgroup = bpf_cgroup_ancestor(own, level - i);
		if (!cgroup)
			break;
		d = bpf_cgrp_storage_get(&cgroup_directives, cgroup, NULL, 0);
		if (d) {
			t->inherited = *d;
			t->inherited_level = level - i;
		}
		bpf_cgroup_release(cgroup);
		if (t->inherited_level)
			break;
	}
	return 0;
}

/* Is any online CPU of the set one that the task may run on? */
__noinline bool set_is_usable(struct task_struct *p __arg_trusted, u32 cpu_set)
{
	u64 allowed[COX_CPU_WORDS];
	struct cox_home *h;
	s32 i;

	if (cpu_set >= COX_MAX_CPU_SETS)
		return false;
	h = home_at(COX_MAX_LLCS + cpu_set);
	if (!h->has_queues || is_own(p) || is_kernel(p))
		return false;
	/* Where the kernel is built for fewer CPUs this reads beyond the mask; a set has no such bits. */
	if (bpf_probe_read_kernel(allowed, sizeof(allowed), &p->cpus_mask))
		return false;
	bpf_for(i, 0, COX_CPU_WORDS) {
		u32 word = masked(i, COX_CPU_WORDS);

		if (allowed[word] & h->cpus[word] & online_cpus[word])
			return true;
	}
	return false;
}

static __always_inline u32 usable_set(struct task_struct *p, u32 cpu_set, u32 which)
{
	if (!cpu_set)
		return 0;
	if (set_is_usable(p, cpu_set))
		return which;
	count(nr_set_unusable);
	return 0;
}

/* The task's copies of what directs it, renewed when user space has published a change or it moved to another cgroup. */
__noinline int renew_directive(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull)
{
	u64 generation = control.directive_generation + hotplug_generation;
	u64 cgroup_id = p->cgroups->dfl_cgrp->kn->id;
	struct cox_directive *d;

	if (t->directive_seen == generation && t->cgroup_id == cgroup_id)
		return 0;
	d = bpf_task_storage_get(&directives, p, NULL, 0);
	if (d)
		t->directive = *d;
	else
		__builtin_memset(&t->directive, 0, sizeof(t->directive));
	inherit_directive(p, t);
	t->usable_sets = 0;
	if (control.nr_cpu_sets)
		t->usable_sets = usable_set(p, t->directive.cpu_set, SET_OWN) |
				 usable_set(p, t->inherited.cpu_set, SET_INHERITED);
	t->cgroup_id = cgroup_id;
	t->directive_seen = generation;
	return 0;
}

/* The CPU set that holds for a task, 0: none. One without a CPU for the task is none: the task's own mask holds alone. */
static __always_inline u32 set_of(const struct task_ctx *t, u64 now)
{
	if (!t->usable_sets)
		return 0;
	if (t->directive.cpu_set && before(now, t->directive.cpus_expires_ns))
		return t->usable_sets & SET_OWN ? t->directive.cpu_set : 0;
	if (t->usable_sets & SET_INHERITED && before(now, t->inherited.cpus_expires_ns))
		return t->inherited.cpu_set;
	return 0;
}

/* Whose queues the task waits in: its CPU set's, else those of the LLC that it was last in. */
static __always_inline void choose_home(const struct task_struct *p, struct task_ctx *t, s32 cpu, u64 now)
{
	u32 cpu_set = has_one_cpu(p) ? 0 : set_of(t, now);

	t->home = cpu_set ? COX_MAX_LLCS + cpu_set : cpu_of(cpu)->llc;
}

/* Has a hard set been given to the task while it ran on a CPU outside? */
static __always_inline bool is_excluded(const struct task_ctx *t, s32 cpu, u64 now)
{
	u32 home = COX_MAX_LLCS + set_of(t, now);

	return home != COX_MAX_LLCS && is_hard(home) && !has_cpu(home, cpu);
}

static __always_inline bool sets_class(const struct cox_directive *d, u64 now)
{
	return d->class > COX_CLASS_UNSET && d->class <= COX_CLASS_LATENCY_CRITICAL && before(now, d->class_expires_ns);
}

/* What directs the task's class; NULL: nothing. The task's own directive goes before its cgroup's. */
static __always_inline const struct cox_directive *class_directive(const struct task_ctx *t, u64 now)
{
	if (sets_class(&t->directive, now))
		return &t->directive;
	if (sets_class(&t->inherited, now))
		return &t->inherited;
	return NULL;
}

static __always_inline bool is_upper(u32 class)
{
	return class >= COX_CLASS_HIGH;
}

static __always_inline bool in_window(const struct account *a, u64 now)
{
	return before(now, a->window_ns + COX_BUDGET_WINDOW_NS);
}

/* Half of the machine, unless the directive says otherwise. */
static __always_inline u64 budget_of(const struct cox_directive *d)
{
	return d->budget_ns ?: (u64)COX_BUDGET_WINDOW_NS * (nr_online ?: 1) / 2;
}

/* Accounts CPU time of an upper class. Racing tasks of one cgroup may lose a slice of it at a change of window. */
static __always_inline void spend(struct account *a, u64 ran_ns, u64 now)
{
	if (!in_window(a, now)) {
		a->window_ns = now;
		a->used_ns = 0;
	}
	__sync_fetch_and_add(&a->used_ns, ran_ns);
}

/* After this no budget of a cgroup is used up: nobody has to look for one. At or after the end of each such window. */
static u64 cgroups_over_until_ns;

/* Has the cgroup that directs the task, which ran for so long just now, used up its budget? The task keeps the answer. */
__noinline int look_at_cgroup_budget(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull, u64 ran_ns, u64 now)
{
	struct account *shared;
	struct cgroup *cgroup;
	u64 until = 0;

	cgroup = bpf_cgroup_ancestor(p->cgroups->dfl_cgrp, t->inherited_level);
	if (!cgroup)
		return 0;
	shared = bpf_cgrp_storage_get(&cgroup_accounts, cgroup, NULL, ran_ns ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (shared) {
		if (ran_ns)
			spend(shared, ran_ns, now);
		if (in_window(shared, now) && shared->used_ns > budget_of(&t->inherited)) {
			until = shared->window_ns + COX_BUDGET_WINDOW_NS;
			if (before(cgroups_over_until_ns, until))
				cgroups_over_until_ns = now + COX_BUDGET_WINDOW_NS;
			if (t->cgroup_over_until_ns != until)
				count(nr_over_budget);
		}
	}
	bpf_cgroup_release(cgroup);
	t->cgroup_over_until_ns = until;
	return 0;
}

/* Who slept, or was just born, had no part in using up its cgroup's budget. Before its class is asked for. */
static __always_inline void renew_cgroup_budget(struct task_struct *p, struct task_ctx *t, u64 now)
{
	if (before(now, cgroups_over_until_ns) && is_upper(t->inherited.class))
		look_at_cgroup_budget(p, t, 0, now);
}

/* Of what ran as an upper class: time as a normal one is nobody's budget. */
__noinline int charge_budget(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull, u64 ran_ns, u64 now)
{
	const struct cox_directive *d = class_directive(t, now);

	if (!d || !is_upper(d->class))
		return 0;
	if (d == &t->inherited)
		return look_at_cgroup_budget(p, t, ran_ns, now);
	if (!in_window(&t->account, now))
		t->over_budget = 0;
	spend(&t->account, ran_ns, now);
	if (t->account.used_ns > budget_of(d) && !t->over_budget) {
		t->over_budget = 1;
		count(nr_over_budget);
	}
	return 0;
}

static __always_inline bool is_over_budget(const struct task_ctx *t, const struct cox_directive *d, u64 now)
{
	if (d == &t->inherited)
		return before(now, t->cgroup_over_until_ns);
	return t->over_budget && in_window(&t->account, now);
}

/* Effective class: the directive's as long as its budget lasts, else normal. */
static __always_inline u32 class_of(const struct task_ctx *t, u64 now)
{
	const struct cox_directive *d = class_directive(t, now);

	if (!d || (is_upper(d->class) && is_over_budget(t, d, now)))
		return COX_CLASS_NORMAL;
	return d->class;
}

static __always_inline u64 directed_slice(const struct task_ctx *t, u64 now)
{
	if (t->directive.slice_ns && before(now, t->directive.slice_expires_ns))
		return clamp(t->directive.slice_ns, SLICE_FLOOR_NS, SLICE_CEILING_NS);
	if (t->inherited.slice_ns && before(now, t->inherited.slice_expires_ns))
		return clamp(t->inherited.slice_ns, SLICE_FLOOR_NS, SLICE_CEILING_NS);
	return 0;
}

/* Those who wait for a CPU that the task may have, and how many CPUs these are. */
struct rivals {
	u64 waiting;
	u64 nr_cpus;
};

static __always_inline void count_rivals(const struct task_struct *p, const struct task_ctx *t, struct rivals *rivals)
{
	if (is_bound(p)) {
		rivals->waiting = scx_bpf_dsq_nr_queued(DSQ_CPU(scx_bpf_task_cpu(p)));
		rivals->nr_cpus = 1;
		return;
	}
	rivals->waiting = scx_bpf_dsq_nr_queued(DSQ_RUN(t->home)) + scx_bpf_dsq_nr_queued(DSQ_PARK(t->home));
	if (crowded)
		rivals->waiting += scx_bpf_dsq_nr_queued(DSQ_AGED(t->home));
	rivals->nr_cpus = home_at(t->home)->nr_online ?: 1;
}

/* The directive's, else the longest slice divided by those who wait for a CPU. */
static __always_inline u64 slice_of(const struct task_struct *p, const struct task_ctx *t, u32 class, u64 now)
{
	u64 slice = directed_slice(t, now), weight = p->scx.weight;
	struct rivals rivals;

	count_rivals(p, t, &rivals);
	if (slice)
		return within_round(slice, rivals.waiting, rivals.nr_cpus);
	if (class == COX_CLASS_BACKGROUND || group_at(t->group)->idle)
		return control.slice_min_ns; /* it takes a turn while others wait; alone it is given more by and by */
	slice = control.slice_max_ns / (1 + rivals.waiting / rivals.nr_cpus);
	/* What counts a hundredfold comes in small pieces, so that the next one is not far away. */
	if (weight < 100)
		slice = slice * weight / 100;
	slice = clamp(slice, control.slice_min_ns, SLICE_CEILING_NS);
	return crowded ? within_round(slice, rivals.waiting, rivals.nr_cpus) : slice;
}

/* Does a cpu.max hold for it? Not for what the kernel needs to go on, and for us. */
static __always_inline bool is_limited(const struct task_struct *p, const struct task_ctx *t)
{
	return nr_limits && t->group && !is_kernel(p) && !is_own(p);
}

/* No more than what is left of the smallest budget, but a turn that is worth a switch. */
static __always_inline u64 fitting_slice(u64 slice, const struct allowance *allowance)
{
	return clamp(slice, 0, allowance->left_ns > control.slice_min_ns ? allowance->left_ns : control.slice_min_ns);
}

static __always_inline u64 limited_slice(const struct task_struct *p, const struct task_ctx *t, u64 slice, u64 now)
{
	struct allowance allowance;

	if (!is_limited(p, t))
		return slice;
	look_up_allowance(t->group, 0, now, &allowance);
	return fitting_slice(slice, &allowance);
}

/* Weight in hundredths of a nice 0 task: the kernel's, from nice, and a quarter of it for low. */
static __always_inline u64 weight_of(const struct task_struct *p, u32 class)
{
	u64 weight = p->scx.weight ?: 100;

	return class == COX_CLASS_LOW ? (weight + LOW_SHARE_DIVISOR - 1) / LOW_SHARE_DIVISOR : weight;
}

static s64 total_weight; /* of all runnable tasks that are ordered by vtime */

static __always_inline bool is_fair(const struct task_struct *p, u32 class)
{
	return class != COX_CLASS_LATENCY_CRITICAL && class != COX_CLASS_BACKGROUND && !is_own(p);
}

static __always_inline void leave_share(struct task_ctx *t)
{
	__sync_fetch_and_add(&total_weight, -(s64)t->weight);
	group_leave(t, t->weight);
	t->weight = 0;
}

static __always_inline void join_share(struct task_struct *p, struct task_ctx *t, u32 class)
{
	leave_share(t);
	if (is_fair(p, class)) {
		t->weight = weight_of(p, class);
		__sync_fetch_and_add(&total_weight, (s64)t->weight);
		group_join(t, t->weight);
	}
}

/* After a change of class or nice. True when the task was not ordered by vtime before: its vtime says nothing then. */
static __always_inline bool renew_share(struct task_struct *p, struct task_ctx *t, u32 class)
{
	u64 weight = is_fair(p, class) ? weight_of(p, class) : 0;
	bool joins = weight && !t->weight;

	if (weight != t->weight)
		join_share(p, t, class);
	return joins;
}

/* CPU time as it counts in a task's vtime: by its weight, and by what that is worth in its cgroup. */
static __always_inline u64 by_weight(const struct task_struct *p, const struct task_ctx *t, u32 class, u64 ran_ns)
{
	return ran_ns * (100 * FACTOR_ONE) / (weight_of(p, class) * factor_of(t));
}

/*
 * Charges CPU time. The clock goes as the average of all who compete, by weight:
 * one that runs out of turn, as its betters wait for a verdict, does not move it.
 */
static __always_inline void charge(struct task_struct *p, struct task_ctx *t, u32 class, u64 ran_ns)
{
	s64 total = total_weight;

	/* Not ordered by it: it neither gains nor owes anything when it is ordered by vtime again, as when its budget is used up. */
	if (class == COX_CLASS_LATENCY_CRITICAL) {
		t->vtime = state.vtime_now;
		return;
	}
	t->vtime += by_weight(p, t, class, ran_ns);
	if (total > 0 && is_fair(p, class))
		__sync_fetch_and_add(&state.vtime_now, ran_ns * 100 / total);
}

/* Who comes back, from sleep or another class, has a limited credit; and whoever is ahead a limited debt. */
static __always_inline void limit_lag(const struct task_struct *p, struct task_ctx *t, bool comes)
{
	u64 now = state.vtime_now;
	/* SCHED_BATCH and SCHED_IDLE say that they do not mind to wait. */
	u64 credit = p->policy == SCHED_BATCH || p->policy == SCHED_IDLE || group_at(t->group)->idle ? 0 : clamp(SLEEPER_CREDIT_SLICES * t->granted_ns, 0, SLEEPER_CREDIT_NS);

	if (comes && before(t->vtime, now - credit))
		t->vtime = now - credit;
	else if (before(now + DEBT_MAX_NS, t->vtime))
		t->vtime = now + DEBT_MAX_NS;
}

/*
 * Place in a queue: the deadline, which is the vtime and what the task ran since
 * it last woke, so that of two with the same share the one with the shorter
 * bursts goes first; by no more than the slice it is granted, so that it cannot
 * outweigh the share: where many wait, slices are short, and vtimes are close to
 * each other. (The idea of adding the burst is scx_rustland's.)
 */
static __always_inline u64 burst_of(const struct task_ctx *t)
{
	return clamp(t->run_ns, 0, t->granted_ns);
}

static __always_inline u64 queue_key(const struct task_ctx *t, u32 class)
{
	u64 key = t->vtime + burst_of(t) - (class == COX_CLASS_HIGH ? HIGH_HEAD_START_NS : 0);

	return key & ~(KEY_GRAIN_NS - 1);
}
