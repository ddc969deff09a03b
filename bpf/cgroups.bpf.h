/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel tells of cgroups: that they come and go, and what is set for them. */
#pragma once
#include "limits.bpf.h"

/* Kernels without these callbacks (before 6.17 and 6.19) are asked by the timer, so many cgroups each time. */
#define POLLED_AT_ONCE 64
#define HAS_SET_BANDWIDTH bpf_core_field_exists(struct sched_ext_ops___kernel, cgroup_set_bandwidth)
#define HAS_SET_IDLE bpf_core_field_exists(struct sched_ext_ops___kernel, cgroup_set_idle)

/* 0 for one that has no group of its own, and counts as its parent does. */
static __always_inline u32 own_group_number(struct cgroup *cgroup)
{
	u32 number = group_number(cgroup);

	return number && group_at(number)->cgroup_id == cgroup->kn->id ? number : 0;
}

/* The kernel's own settings of a cgroup's cpu controller; NULL: it has none, or is about to get one. */
static __always_inline struct task_group *task_group_of(struct cgroup *cgroup)
{
	struct task_group *tg = NULL;

	/* The state of the controller is the first member of the task group. */
	bpf_probe_read_kernel(&tg, sizeof(tg), (void *)&cgroup->subsys +
			      bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id) * sizeof(void *));
	return tg;
}

static __always_inline void poll_limit(u32 number, struct task_group *tg)
{
	struct group *g = group_at(number);
	u64 quota_ns, period_ns, burst_ns;

	if (!bpf_core_field_exists(tg->cfs_bandwidth))
		return;
	quota_ns = BPF_CORE_READ(tg, cfs_bandwidth.quota);
	period_ns = BPF_CORE_READ(tg, cfs_bandwidth.period);
	burst_ns = BPF_CORE_READ(tg, cfs_bandwidth.burst);
	if (quota_ns / 1000 >= NO_LIMIT_US)
		quota_ns = 0;
	if (quota_ns != g->quota_ns || (quota_ns && (period_ns != g->period_ns || burst_ns != g->burst_ns)))
		set_limit(number, period_ns / 1000, quota_ns ? quota_ns / 1000 : NO_LIMIT_US, burst_ns / 1000);
}

static __always_inline void poll_idle(u32 number, struct task_group *tg)
{
	if (bpf_core_field_exists(tg->idle))
		group_at(number)->idle = BPF_CORE_READ(tg, idle) != 0;
}

/* What was set before we were attached. */
static __always_inline void first_settings(u32 number, struct cgroup *cgroup, struct scx_cgroup_init_args *args)
{
	struct task_group *tg = task_group_of(cgroup);

	if (bpf_core_field_exists(args->bw_quota_us))
		set_limit(number, args->bw_period_us, args->bw_quota_us, args->bw_burst_us);
	else if (tg)
		poll_limit(number, tg);
	if (tg)
		poll_idle(number, tg);
}

/* Called by the timer. */
static __noinline int poll_settings(void)
{
	static u32 next;
	u32 i;

	if (HAS_SET_BANDWIDTH && HAS_SET_IDLE)
		return 0;
	bpf_for(i, 0, POLLED_AT_ONCE) {
		u32 number = masked(next++, GROUPS_MAX);
		struct cgroup *cgroup;
		struct task_group *tg;

		if (number >= nr_groups) {
			next = 0;
			break;
		}
		if (!number || !group_at(number)->used)
			continue;
		cgroup = bpf_cgroup_from_id(group_at(number)->cgroup_id);
		if (!cgroup)
			continue;
		tg = task_group_of(cgroup);
		if (tg && !HAS_SET_BANDWIDTH)
			poll_limit(number, tg);
		if (tg && !HAS_SET_IDLE)
			poll_idle(number, tg);
		bpf_cgroup_release(cgroup);
	}
	return 0;
}

__noinline u32 new_group(void)
{
	u32 i;

	bpf_for(i, 1, GROUPS_MAX) {
		if (__sync_val_compare_and_swap(&group_at(i)->used, 0, 1) == 0)
			return i;
	}
	return 0;
}

SEC("struct_ops.s/cgroup_init")
s32 BPF_PROG(cox_cgroup_init, struct cgroup *cgroup, struct scx_cgroup_init_args *args)
{
	struct cgroup *parent;
	u32 number, above = 0;
	struct group *g;

	if (cgroup->level <= 0)
		return 0;
	parent = bpf_cgroup_ancestor(cgroup, cgroup->level - 1);
	if (parent) {
		above = group_number(parent);
		bpf_cgroup_release(parent);
	}
	number = new_group();
	if (!number) {
		number = above; /* it counts as its parent does */
		__sync_fetch_and_add(&state.nr_groups_lost, 1);
	} else {
		g = group_at(number);
		g->incarnation++;
		g->runnable = 0;
		g->average = 0;
		g->factor = 0;
		g->idle = 0;
		g->quota_ns = 0;
		g->cgroup_id = cgroup->kn->id;
		g->parent = above;
		g->weight = args->weight;
		if (nr_groups <= number)
			nr_groups = number + 1;
		first_settings(number, cgroup, args);
	}
	return bpf_cgrp_storage_get(&group_numbers, cgroup, &number, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -ENOMEM;
}

SEC("struct_ops.s/cgroup_exit")
void BPF_PROG(cox_cgroup_exit, struct cgroup *cgroup)
{
	u32 number = own_group_number(cgroup);

	if (!number)
		return;
	set_limit(number, 0, NO_LIMIT_US, 0);
	group_at(number)->used = 0;
}

SEC("struct_ops/cgroup_move")
void BPF_PROG(cox_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	struct task_ctx *t = ctx_of(p);

	if (t)
		t->group = group_number(to);
}

SEC("struct_ops/cgroup_set_weight")
void BPF_PROG(cox_cgroup_set_weight, struct cgroup *cgroup, u32 weight)
{
	u32 number = own_group_number(cgroup);

	if (number)
		group_at(number)->weight = weight;
}

SEC("struct_ops/cgroup_set_bandwidth")
void BPF_PROG(cox_cgroup_set_bandwidth, struct cgroup *cgroup, u64 period_us, u64 quota_us, u64 burst_us)
{
	set_limit(own_group_number(cgroup), period_us, quota_us, burst_us);
}

SEC("struct_ops/cgroup_set_idle")
void BPF_PROG(cox_cgroup_set_idle, struct cgroup *cgroup, bool idle)
{
	u32 number = own_group_number(cgroup);

	if (number)
		group_at(number)->idle = idle;
}
