/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpu.weight of cgroups, as the kernel promises it: siblings, and the tasks
 * directly beside them, share what their parent has by weight, on each level.
 *
 * The tree is made flat. A group has a factor: what its tasks' weights count, so
 * that those of all groups together get what the tree says. The timer computes
 * the factors from the weights that were runnable, on average, in the last looks;
 * a task that is charged only multiplies by one. So nothing is looked up, no lock
 * taken and no tree walked on a wake-up, and a change of who is busy is seen
 * within two looks (0.2 s).
 *
 * A group also has what cpu.max and cpu.idle say of it (limits.bpf.h, cgroups.bpf.h).
 */
#pragma once
#include "state.bpf.h"

/* More cgroups than this count as their parents do. */
#define GROUPS_MAX 4096
#define GROUP_LEVELS_MAX 16
/* Factors are in units of this. */
#define FACTOR_ONE 65536ULL
#define FACTOR_MAX (64 * FACTOR_ONE)
#define FACTOR_MIN (FACTOR_ONE / 64)
#define SHARE_BITS 30

struct group {
	s64 runnable;    /* weights of its own runnable tasks */
	u64 average;     /* the same in the last looks, times 16 */
	u64 competing;   /* weights that share what it has: its own tasks' and its busy children's, times 16 */
	u64 factor;      /* 0: none computed yet */
	u64 incarnation; /* of this slot: a task that joined an earlier group does not leave this one */
	u64 cgroup_id;
	u32 weight;      /* 1 to 10000; 100 is the default */
	u32 parent;
	u32 used;
	u32 busy;
	u32 idle;        /* cpu.idle: weighs as SCHED_IDLE does */
	/* cpu.max */
	u64 quota_ns;    /* 0: no limit */
	u64 period_ns;
	u64 burst_ns;
	u64 period_start_ns;
	s64 budget_ns;   /* CPU time left; below 0: overdrawn */
};

/* 0 is the root, and whatever is in no group that we know. */
static struct group groups[GROUPS_MAX];
static u32 nr_groups = 1; /* largest number used, and one */

/* The number of a cgroup's group. */
struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} group_numbers SEC(".maps");

#define group_at(number) (&groups[masked(number, GROUPS_MAX)])

static __always_inline u32 group_number(struct cgroup *cgroup)
{
	u32 *number = bpf_cgrp_storage_get(&group_numbers, cgroup, NULL, 0);

	return number ? *number : 0;
}

/* Where the verifier does not trust a pointer to the cgroup. */
static __always_inline u32 group_of_id(u64 id)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(id);
	u32 number;

	if (!cgroup)
		return 0;
	number = group_number(cgroup);
	bpf_cgroup_release(cgroup);
	return number;
}

/* An idle group weighs the least that there is, as a task of SCHED_IDLE does. */
static __always_inline u64 group_weight(const struct group *g)
{
	return g->idle ? 1 : g->weight;
}

static __always_inline u64 factor_of(const struct task_ctx *t)
{
	return group_at(t->group)->factor ?: FACTOR_ONE;
}

static __always_inline void group_join(struct task_ctx *t, s64 weight)
{
	struct group *g = group_at(t->group);

	t->joined_group = t->group;
	t->joined_incarnation = g->incarnation;
	__sync_fetch_and_add(&g->runnable, weight);
}

static __always_inline void group_leave(struct task_ctx *t, s64 weight)
{
	struct group *g = group_at(t->joined_group);

	if (g->incarnation == t->joined_incarnation)
		__sync_fetch_and_add(&g->runnable, -weight);
}

/* Called by the timer. */
__noinline int average_groups(void)
{
	u32 i;

	bpf_for(i, 0, GROUPS_MAX) {
		struct group *g = group_at(i);
		s64 runnable = g->runnable;

		if (i >= nr_groups)
			break;
		if (!g->used && i)
			continue;
		g->average = (g->average + (runnable > 0 ? runnable * 16 : 0)) / 2;
		g->competing = g->average;
		g->busy = g->average > 0;
	}
	return 0;
}

/* Each busy group, and each that has one below, counts once among its parent's. From the deepest up would take a sort: a child walks up instead. */
__noinline int add_to_parents(u32 number)
{
	s32 level;

	bpf_for(level, 0, GROUP_LEVELS_MAX) {
		struct group *g = group_at(number), *parent;
		bool counted;

		if (!number)
			break;
		parent = group_at(g->parent);
		counted = parent->busy;
		parent->busy = 1;
		__sync_fetch_and_add(&parent->competing, group_weight(g) * 16);
		if (counted)
			break; /* the parent counts already where it is */
		number = g->parent;
	}
	return 0;
}

__noinline int compute_factor(u32 number, u64 total)
{
	struct group *own = group_at(number);
	u64 share = 1ULL << SHARE_BITS;
	s32 level;

	if (!own->competing)
		return 0;
	bpf_for(level, 0, GROUP_LEVELS_MAX) {
		struct group *g = group_at(number);
		u64 competing;

		if (!number)
			break;
		number = g->parent;
		competing = group_at(number)->competing;
		if (competing)
			share = share * group_weight(g) * 16 / competing;
	}
	/* The tasks' part of the group, per unit of weight, as if all weights of the machine were one group's. */
	own->factor = clamp((share * (total / own->competing) + share * (total % own->competing) / own->competing) >>
			    (SHARE_BITS - 16), FACTOR_MIN, FACTOR_MAX);
	return 0;
}

__noinline int renew_factors(void)
{
	u64 total = 0;
	u32 i;

	if (nr_groups <= 1)
		return 0;
	average_groups();
	bpf_for(i, 0, GROUPS_MAX) {
		if (i >= nr_groups)
			break;
		total += group_at(i)->average;
		if (i && group_at(i)->average > 0)
			add_to_parents(i);
	}
	bpf_for(i, 0, GROUPS_MAX) {
		if (i >= nr_groups)
			break;
		if (group_at(i)->average > 0)
			compute_factor(i, total);
	}
	return 0;
}
