/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One wrapper for each kernel function that was renamed or changed between the
 * kernels that we run on. libbpf strips the last ___suffix of a declared name
 * and keeps the declaration whose prototype fits the running kernel; the
 * branches of the others are removed when the program is loaded. A kernel
 * function that is itself called x___v2 therefore needs a suffix of its own.
 */
#pragma once
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

/* Filled in from the running kernel's BTF by the loader; their values move between kernels. */
const volatile u64 scx_dsq_local = 0x8000000000000002ULL;
const volatile u64 scx_dsq_global = 0x8000000000000001ULL;
const volatile u64 scx_enq_wakeup = 1;
const volatile u64 scx_enq_cpu_selected = 0;
const volatile u64 scx_wake_sync = 16;
const volatile u64 scx_kick_idle = 1;
const volatile u64 scx_kick_preempt = 2;
const volatile u64 scx_task_queued = 1;

struct scx_bpf_dsq_insert_vtime_args___new {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
} CORE;

/* 6.19, 6.13, 6.12 */
bool scx_bpf_dsq_insert___v2___c(struct task_struct *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
void scx_bpf_dsq_insert___c(struct task_struct *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
void scx_bpf_dispatch___c(struct task_struct *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
/* 6.19, 6.13, 6.12 */
bool __scx_bpf_dsq_insert_vtime(struct task_struct *p,
				struct scx_bpf_dsq_insert_vtime_args___new *args) __ksym __weak;
void scx_bpf_dsq_insert_vtime___c(struct task_struct *p, u64 dsq, u64 slice, u64 vtime, u64 flags) __ksym __weak;
void scx_bpf_dispatch_vtime___c(struct task_struct *p, u64 dsq, u64 slice, u64 vtime, u64 flags) __ksym __weak;
/* 7.1, 6.13, 6.12 */
bool scx_bpf_dsq_move_to_local___v2___c(u64 dsq, u64 flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___c(u64 dsq) __ksym __weak;
bool scx_bpf_consume___c(u64 dsq) __ksym __weak;
/* 6.13, 6.12 */
bool scx_bpf_dsq_move___c(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags) __ksym __weak;
bool scx_bpf_dispatch_from_dsq___c(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags) __ksym __weak;
bool scx_bpf_dsq_move_vtime___c(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags) __ksym __weak;
void scx_bpf_dsq_move_set_slice___c(struct bpf_iter_scx_dsq *it, u64 slice) __ksym __weak;
void scx_bpf_dsq_move_set_vtime___c(struct bpf_iter_scx_dsq *it, u64 vtime) __ksym __weak;
bool scx_bpf_dispatch_vtime_from_dsq___c(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags) __ksym __weak;
void scx_bpf_dispatch_from_dsq_set_slice___c(struct bpf_iter_scx_dsq *it, u64 slice) __ksym __weak;
void scx_bpf_dispatch_from_dsq_set_vtime___c(struct bpf_iter_scx_dsq *it, u64 vtime) __ksym __weak;
/* 6.19; before, the field is written */
bool scx_bpf_task_set_slice___c(struct task_struct *p, u64 slice) __ksym __weak;

s32 scx_bpf_create_dsq(u64 dsq, s32 node) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq) __ksym;
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle) __ksym;
bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __ksym;
s32 scx_bpf_pick_idle_cpu(const struct cpumask *allowed, u64 flags) __ksym;
const struct cpumask *scx_bpf_get_idle_cpumask(void) __ksym;
const struct cpumask *scx_bpf_get_idle_smtmask(void) __ksym;
void scx_bpf_put_idle_cpumask(const struct cpumask *mask) __ksym;
bool bpf_cpumask_empty(const struct cpumask *mask) __ksym;
const struct cpumask *scx_bpf_get_online_cpumask(void) __ksym;
void scx_bpf_put_cpumask(const struct cpumask *mask) __ksym;
void scx_bpf_dump_bstr(char *format, unsigned long long *values, u32 size) __ksym __weak;
int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq, u64 flags) __ksym;
struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it) __ksym;
void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it) __ksym;
bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __ksym;
struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgroup, int level) __ksym;
struct cgroup *bpf_cgroup_from_id(u64 id) __ksym;
void bpf_cgroup_release(struct cgroup *cgroup) __ksym;
struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

static __always_inline void dsq_insert(struct task_struct *p, u64 dsq, u64 slice, u64 flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___c))
		scx_bpf_dsq_insert___v2___c(p, dsq, slice, flags);
	else if (bpf_ksym_exists(scx_bpf_dsq_insert___c))
		scx_bpf_dsq_insert___c(p, dsq, slice, flags);
	else
		scx_bpf_dispatch___c(p, dsq, slice, flags);
}

static __always_inline void dsq_insert_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime, u64 flags)
{
	if (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime)) {
		struct scx_bpf_dsq_insert_vtime_args___new args = {
			.dsq_id = dsq, .slice = slice, .vtime = vtime, .enq_flags = flags,
		};

		__scx_bpf_dsq_insert_vtime(p, &args);
	} else if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime___c)) {
		scx_bpf_dsq_insert_vtime___c(p, dsq, slice, vtime, flags);
	} else {
		scx_bpf_dispatch_vtime___c(p, dsq, slice, vtime, flags);
	}
}

static __always_inline bool dsq_move_to_local(u64 dsq)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___c))
		return scx_bpf_dsq_move_to_local___v2___c(dsq, 0);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___c))
		return scx_bpf_dsq_move_to_local___c(dsq);
	return scx_bpf_consume___c(dsq);
}

/* The kernel refuses a task that has left the iterator's queue, or left and come back, since it was opened. */
static __always_inline bool dsq_move_vtime(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq,
					   u64 slice, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_vtime___c)) {
		scx_bpf_dsq_move_set_slice___c(it, slice);
		scx_bpf_dsq_move_set_vtime___c(it, vtime);
		return scx_bpf_dsq_move_vtime___c(it, p, dsq, 0);
	}
	scx_bpf_dispatch_from_dsq_set_slice___c(it, slice);
	scx_bpf_dispatch_from_dsq_set_vtime___c(it, vtime);
	return scx_bpf_dispatch_vtime_from_dsq___c(it, p, dsq, 0);
}

/* The same into a queue that is not ordered by vtime. */
static __always_inline bool dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move___c))
		return scx_bpf_dsq_move___c(it, p, dsq, 0);
	return scx_bpf_dispatch_from_dsq___c(it, p, dsq, 0);
}

static __always_inline void task_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___c))
		scx_bpf_task_set_slice___c(p, slice);
	else
		p->scx.slice = slice;
}

/* Which generation of each was chosen: 1 is the oldest. */
#define BRANCH_INSERT (bpf_ksym_exists(scx_bpf_dsq_insert___v2___c) ? 3 : bpf_ksym_exists(scx_bpf_dsq_insert___c) ? 2 : 1)
#define BRANCH_INSERT_VTIME (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime) ? 3 : bpf_ksym_exists(scx_bpf_dsq_insert_vtime___c) ? 2 : 1)
#define BRANCH_MOVE_TO_LOCAL (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___c) ? 3 : bpf_ksym_exists(scx_bpf_dsq_move_to_local___c) ? 2 : 1)
#define BRANCH_MOVE (bpf_ksym_exists(scx_bpf_dsq_move_vtime___c) ? 2 : 1)
