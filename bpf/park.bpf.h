/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parked, not handed over: a task that has to wait stays in a kernel queue
 * (PARK) and user space is told of it. The answer moves it to a run queue; if
 * none comes, dispatch() takes it all the same. Nothing waits for user space.
 */
#pragma once
#include "placement.bpf.h"

/* Heartbeats that user space has to make before it is asked again: a pause does not make the mode flap. */
#define BEATS_TO_ASSIST 8

static __always_inline void record_mode(u32 loop, u32 mode, u32 reason, u64 now)
{
	u64 number = __sync_fetch_and_add(&state.nr_mode_changes, 1);
	struct cox_mode_change *change = &state.mode_changes[masked(number, COX_MODE_CHANGES)];

	change->at_ns = now;
	change->mode = mode;
	change->reason = reason;
	change->loop = loop;
	loop_at(loop)->mode_since_ns = now;
}

/* Does this loop answer in time? Each one is in assist or autonomous mode by itself. */
__noinline bool loop_answers(u32 loop, u64 now)
{
	struct cox_loop *l = loop_at(loop);
	u64 unseen = l->unseen_ns, beat = l->heartbeat_ns;

	if (control.asking == COX_ASKING_KERNEL)
		return false;
	if (l->mode == COX_MODE_ASSIST) {
		if (!before(beat, unseen) || !before(unseen + control.stale_ns, now))
			return true;
		if (__sync_val_compare_and_swap(&l->mode, COX_MODE_ASSIST, COX_MODE_AUTONOMOUS) == COX_MODE_ASSIST) {
			l->beat_mark = l->heartbeat_count;
			record_mode(loop, COX_MODE_AUTONOMOUS, COX_REASON_UNREAD, now);
			__sync_fetch_and_add(&state.nr_autonomous, 1);
			__sync_fetch_and_add(&state.nr_alone, 1);
		}
		return false;
	}
	if (l->heartbeat_count - l->beat_mark < BEATS_TO_ASSIST || before(beat + control.stale_ns, now))
		return false;
	if (__sync_val_compare_and_swap(&l->mode, COX_MODE_AUTONOMOUS, COX_MODE_ASSIST) == COX_MODE_AUTONOMOUS) {
		record_mode(loop, COX_MODE_ASSIST, COX_REASON_BEATS, now);
		__sync_fetch_and_add(&state.nr_assist, 1);
		__sync_fetch_and_add(&state.nr_alone, -1);
	}
	return true;
}

static __always_inline bool user_answers(u32 home, u64 now)
{
	return loop_answers(home_at(home)->loop, now);
}

/* On an idle machine nothing else would notice that a loop is back. */
static __noinline int look_for_answers(u64 now)
{
	u32 loop;

	bpf_for(loop, 0, nr_loops)
		loop_answers(loop, now);
	return 0;
}

/*
 * Each parking ends in exactly one of moved, taken and gone: whoever takes the
 * generation out of `parked` counts it.
 */
static __always_inline bool end_parking(struct task_ctx *t, u64 generation)
{
	return generation && __sync_val_compare_and_swap(&t->parked, generation, 0) == generation;
}

static __always_inline void end_parking_gone(struct task_ctx *t)
{
	if (end_parking(t, t->parked))
		count(nr_gone);
}

/* A function of its own, not inlined: that is what brings the struct into the BTF that C# is compared with. */
static __noinline int fill_notice(struct cox_notice *n, struct task_struct *p, struct task_ctx *t, u64 key, u64 now)
{
	if (!n || !p || !t)
		return 0;
	n->generation = t->generation;
	n->start_time_ns = p->start_boottime;
	n->parked_ns = now;
	n->vtime = key;
	n->cgroup_id = BPF_CORE_READ(p, cgroups, dfl_cgrp, kn, id);
	n->run_ns = t->run_ns;
	n->burst_ns = burst_of(t);
	n->slice_ns = directed_slice(t, now);
	n->pid = p->pid;
	n->tgid = p->tgid;
	n->cpu = scx_bpf_task_cpu(p);
	n->weight = p->scx.weight;
	n->class = class_of(t, now);
	n->nr_cpus_allowed = p->nr_cpus_allowed;
	__builtin_memcpy(n->comm, p->comm, sizeof(n->comm));
	return 0;
}

/* Tells the loop of its home; false when the ring is full. */
static __always_inline bool send_notice(struct task_struct *p, struct task_ctx *t, u64 key, u64 now)
{
	u32 number = home_at(t->home)->loop;
	struct cox_loop *loop = loop_at(number);
	void *ring = bpf_map_lookup_elem(&notices, &number);
	u64 wake = BPF_RB_NO_WAKEUP;
	struct cox_notice *n;

	if (!ring || !(n = bpf_ringbuf_reserve(ring, sizeof(*n), 0)))
		return false;
	fill_notice(n, p, t, key, now);
	if (!before(loop->heartbeat_ns, loop->unseen_ns))
		loop->unseen_ns = now;
	if (loop->sleeping && __sync_val_compare_and_swap(&loop->sleeping, 1, 0) == 1)
		wake = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(n, wake);
	return true;
}

static __always_inline void record_round_trip(u64 ns)
{
	u64 quarters = ns / 250; /* of a us */
	u32 bucket = 0;
	s32 i;

	/* 4 buckets for each doubling: a relative error of at most 1/4. */
	bpf_for(i, 0, COX_ROUND_TRIP_BUCKETS / 4) {
		if (quarters < 8)
			break;
		quarters >>= 1;
		bucket += 4;
	}
	bucket += quarters >= 4 ? quarters - 4 : 0;
	if (bucket < COX_ROUND_TRIP_BUCKETS)
		__sync_fetch_and_add(&state.round_trip[bucket], 1);
}

static __always_inline bool verdict_cpu_ok(s32 cpu)
{
	return cpu == COX_CPU_ANY || (cpu >= 0 && cpu < nr_cpu_ids && cpu_of(cpu)->online == COX_CPU_ONLINE);
}

/* A verdict may place a task around the present, not out of anybody's reach. */
#define VERDICT_HORIZON_NS (1000 * NSEC_PER_MSEC)

__noinline bool apply_verdict(struct cox_verdict *v __arg_nonnull)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	struct task_ctx *t;
	bool moved = false, hard;
	u64 key, dsq, slice;
	struct rivals rivals;
	u32 home;

	if (!v)
		return false;
	count(nr_verdicts);
	if (v->slice_ns < SLICE_FLOOR_NS || v->slice_ns > SLICE_CEILING_NS) {
		count(nr_refused_slice);
		return false;
	}
	if (!verdict_cpu_ok(v->cpu)) {
		count(nr_refused_cpu);
		return false;
	}
	p = bpf_task_from_pid(v->pid);
	if (!p) {
		count(nr_refused_gone);
		return false;
	}
	t = ctx_of(p);
	home = t ? t->home : 0;
	hard = is_hard(home);
	/* Other CPUs take from a CPU's queue when they have nothing else to do: not for tasks that only some may take. */
	dsq = v->cpu == COX_CPU_ANY || hard ? DSQ_RUN(home) : DSQ_CPU(v->cpu);
	key = v->vtime;
	if (before(key, state.vtime_now - VERDICT_HORIZON_NS))
		key = state.vtime_now - VERDICT_HORIZON_NS;
	else if (before(state.vtime_now + VERDICT_HORIZON_NS, key))
		key = state.vtime_now + VERDICT_HORIZON_NS;
	bpf_rcu_read_lock();
	/*
	 * The iterator first, then the generation: if the task is queued again
	 * after this check, the kernel sees that it came after the iterator and
	 * refuses the move.
	 */
	if (bpf_iter_scx_dsq_new(&it, DSQ_PARK(home), 0)) {
		count(nr_refused_left);
	} else if (!t || t->generation != v->generation || p->start_boottime != v->start_time_ns) {
		count(nr_refused_stale);
	} else if (v->cpu != COX_CPU_ANY &&
		   (!allows_cpu(p, v->cpu) || (hard && !has_cpu(home, v->cpu)))) {
		count(nr_refused_cpu);
	} else {
		count_rivals(p, t, &rivals);
		slice = within_round(v->slice_ns, rivals.waiting, rivals.nr_cpus);
		slice = limited_slice(p, t, slice, bpf_ktime_get_ns());
		moved = dsq_move_vtime(&it, p, dsq, slice, key);
		if (!moved) {
			count(nr_refused_left);
		} else {
			t->granted_ns = slice;
			record_round_trip(minus_to_zero(bpf_ktime_get_ns(), t->parked_ns));
			/* It may have run, or left the run queue, already: then it counts as taken or gone. */
			if (end_parking(t, v->generation))
				count(nr_moved);
			else
				count(nr_moved_late);
			/* In strict mode no CPU looked when it was parked: one that idles, and may take it, has to be woken now. */
			if (v->cpu != COX_CPU_ANY)
				scx_bpf_kick_cpu(v->cpu, scx_kick_idle);
			else if (control.asking == COX_ASKING_STRICT)
				kick_idle(p, home, 0);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	bpf_task_release(p);
	return moved;
}

/* One call for a batch of verdicts, which lie in `verdicts`: a syscall program may not index its argument. */
SEC("syscall")
int apply_verdicts(struct cox_batch *batch)
{
	s32 applied = 0, nr = batch->count;
	u64 caller = bpf_get_current_pid_tgid();
	s32 tgid = caller >> 32, tid = (s32)caller;
	u32 loop = batch->loop;
	int i;

	if (self_tgid != tgid)
		self_tgid = tgid;
	if (loop_at(loop)->tid != tid)
		loop_at(loop)->tid = tid;
	bpf_for(i, 0, COX_BATCH_MAX) {
		struct cox_verdict v;

		if (i >= nr)
			break;
		v = verdicts[masked(loop, COX_MAX_LOOPS) * COX_BATCH_MAX + masked(i, COX_BATCH_MAX)];
		applied += apply_verdict(&v);
	}
	batch->applied = applied;
	return 0;
}
