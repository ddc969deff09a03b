/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpu.max of cgroups. A limited group has a budget of CPU time, refilled each
 * period, and what its tasks and those of the groups below run is taken from it.
 * Who is below a group whose budget is used up waits (throttle.bpf.h).
 *
 * A budget may be overdrawn: by those that had a CPU when it ended, or were
 * chosen already. That is paid back from the next periods, so that the average
 * is what was asked for.
 */
#pragma once
#include "groups.bpf.h"

/* The kernel says so of a group without a limit, and allows no limit that comes near. */
#define NO_LIMIT_US (1ULL << 44)
/* Refilled at once at most: keeps the product within 64 bits. */
#define REFILLS_MAX 1024

/* 0: there is nothing to look up on any path. */
static u32 nr_limits;
/* Raised when one changes: who is throttled is looked at anew. */
static u64 limits_generation;

/* What a task may use, as its group and those above are limited. */
struct allowance {
	u64 until_ns; /* nothing before this time; 0: it may run */
	u64 left_ns;  /* of the smallest budget */
};

static __noinline int set_limit(u32 number, u64 period_us, u64 quota_us, u64 burst_us)
{
	struct group *g = group_at(number);
	u64 quota_ns = period_us && quota_us < NO_LIMIT_US ? quota_us * 1000 : 0;

	if (!number)
		return 0;
	if (quota_ns && !g->quota_ns)
		__sync_fetch_and_add(&nr_limits, 1);
	else if (!quota_ns && g->quota_ns)
		__sync_fetch_and_add(&nr_limits, -1);
	g->period_ns = period_us * 1000;
	g->burst_ns = burst_us < NO_LIMIT_US ? burst_us * 1000 : 0;
	g->period_start_ns = bpf_ktime_get_ns();
	g->budget_ns = quota_ns;
	g->quota_ns = quota_ns;
	__sync_fetch_and_add(&limits_generation, 1);
	return 0;
}

static __always_inline void refill(struct group *g, u64 now)
{
	u64 start = g->period_start_ns, periods;
	s64 budget, full = g->quota_ns + g->burst_ns, refilled;

	if (before(now, start + g->period_ns))
		return;
	periods = (now - start) / g->period_ns;
	if (__sync_val_compare_and_swap(&g->period_start_ns, start, start + periods * g->period_ns) != start)
		return; /* another CPU does it */
	budget = g->budget_ns;
	refilled = budget + clamp(periods, 0, REFILLS_MAX) * g->quota_ns;
	__sync_fetch_and_add(&g->budget_ns, (refilled < full ? refilled : full) - budget);
}

/* A task that has run spent_ns which are not charged yet is asked about. */
__noinline int look_up_allowance(u32 number, u64 spent_ns, u64 now, struct allowance *allowance)
{
	s32 level;

	if (!allowance)
		return 0;
	allowance->until_ns = 0;
	allowance->left_ns = ~0ULL;
	bpf_for(level, 0, GROUP_LEVELS_MAX) {
		struct group *g = group_at(number);
		u64 until;
		s64 left;

		if (!number)
			break;
		number = g->parent;
		if (!g->quota_ns)
			continue;
		refill(g, now);
		left = g->budget_ns - (s64)spent_ns;
		if (left > 0) {
			if ((u64)left < allowance->left_ns)
				allowance->left_ns = left;
			continue;
		}
		/* What is overdrawn takes whole periods. */
		until = g->period_start_ns + g->period_ns * (1 + (u64)-left / g->quota_ns);
		if (before(allowance->until_ns, until))
			allowance->until_ns = until;
	}
	return 0;
}

__noinline int charge_limits(u32 number, u64 ran_ns)
{
	s32 level;

	bpf_for(level, 0, GROUP_LEVELS_MAX) {
		struct group *g = group_at(number);

		if (!number)
			break;
		if (g->quota_ns)
			__sync_fetch_and_add(&g->budget_ns, -(s64)ran_ns);
		number = g->parent;
	}
	return 0;
}
