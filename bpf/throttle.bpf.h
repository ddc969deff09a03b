/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks below a cpu.max that is used up wait in a queue of their own, in the
 * order of their release, which a timer makes. A task is looked at when it is
 * queued, and when its slice is over; one that waits for a CPU already, or leaves
 * the kernel's RCU section, has its turn. No one waits longer than
 * throttle_bound_ns without running: of very many tasks below a very small
 * limit each would otherwise wait until the kernel calls it a stall.
 */
#pragma once
#include "placement.bpf.h"

#define RELEASED_AT_ONCE 1024

static u64 last_throttled_ns;

static __always_inline bool has_waited_enough(const struct task_ctx *t, u64 now)
{
	return t->throttled_ns && !before(now, t->throttled_ns + throttle_bound_ns);
}

/* Has the task, which has run for spent_ns, to stop? */
__noinline bool is_throttled(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull, u64 spent_ns, u64 now)
{
	struct allowance allowance;

	if (!is_limited(p, t) || has_waited_enough(t, now))
		return false;
	look_up_allowance(t->group, spent_ns, now, &allowance);
	return allowance.until_ns;
}

/* True: the task waits for its release. Else its slice fits what is left. */
__noinline bool throttle(struct task_struct *p __arg_trusted, struct task_ctx *t __arg_nonnull, u64 enq_flags, u64 now)
{
	struct allowance allowance;
	u64 bound, until;

	if (!is_limited(p, t))
		return false;
	look_up_allowance(t->group, 0, now, &allowance);
	if (!allowance.until_ns) {
		t->granted_ns = fitting_slice(t->granted_ns, &allowance);
		return false;
	}
	if (has_waited_enough(t, now)) {
		count(nr_throttle_waived);
		t->granted_ns = control.slice_min_ns;
		return false;
	}
	/* The kernel waits until a CPU that goes offline is free of tasks. */
	if (cpu_of(scx_bpf_task_cpu(p))->online != COX_CPU_ONLINE)
		return false;
	if (!t->throttled_ns)
		t->throttled_ns = now;
	bound = t->throttled_ns + throttle_bound_ns;
	until = before(allowance.until_ns, bound) ? allowance.until_ns : bound;
	/* It takes no part in the competition, and does not hold the clock. */
	leave_share(t);
	last_throttled_ns = now;
	count(nr_throttled);
	dsq_insert_vtime(p, DSQ_THROTTLED, t->granted_ns, until, enq_flags);
	return true;
}

/* Where a released task waits, and its place there: as who comes back from sleep. It is in no share until it runs. */
static __noinline u64 queue_of_released(struct task_struct *p, struct task_ctx *t, u64 now, u64 *key)
{
	u64 clock = state.vtime_now;
	u32 class;

	if (!p || !t || !key)
		return DSQ_RUN(0);
	class = class_of(t, now);
	*key = queue_key(t, class);
	if (before(*key, clock - SLEEPER_CREDIT_NS))
		*key = clock - SLEEPER_CREDIT_NS;
	if (class == COX_CLASS_LATENCY_CRITICAL) {
		*key = now + t->granted_ns;
		return DSQ_LATENCY(t->home);
	}
	if (is_bound(p))
		return DSQ_CPU(scx_bpf_task_cpu(p));
	return class == COX_CLASS_BACKGROUND ? DSQ_BACKGROUND(t->home) : DSQ_RUN(t->home);
}

static __always_inline void release(struct bpf_iter_scx_dsq *it, struct task_struct *p, bool all, u64 now)
{
	struct task_ctx *t = ctx_of(p);
	struct allowance allowance;
	u64 key, dsq, bound;

	if (!t)
		return;
	bound = t->throttled_ns + throttle_bound_ns;
	look_up_allowance(t->group, 0, now, &allowance);
	if (!all && allowance.until_ns && before(now, bound)) {
		/* Others have used it up, or the limit is another one now. */
		dsq_move_vtime(it, p, DSQ_THROTTLED, t->granted_ns, before(allowance.until_ns, bound) ? allowance.until_ns : bound);
		return;
	}
	if (allowance.until_ns && !all)
		count(nr_throttle_waived);
	__sync_fetch_and_add(&this_cpu()->throttled_ns, minus_to_zero(now, t->runnable_ns));
	t->runnable_ns = now; /* it was not the others that it waited for */
	dsq = queue_of_released(p, t, now, &key);
	if (dsq_move_vtime(it, p, dsq, fitting_slice(t->granted_ns, &allowance), key))
		kick_idle(p, t->home, 0);
}

/* Releases whose time has come. Looks at the others, too, if limits have changed, and releases them all for a CPU that goes offline. */
__noinline int release_throttled(bool look_at_all, bool all, u64 now)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	s32 i;

	if (scx_bpf_dsq_nr_queued(DSQ_THROTTLED) <= 0)
		return 0;
	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, DSQ_THROTTLED, 0)) {
		bpf_for(i, 0, RELEASED_AT_ONCE) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p || (!look_at_all && before(now, p->scx.dsq_vtime)))
				break;
			release(&it, p, all, now);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}
