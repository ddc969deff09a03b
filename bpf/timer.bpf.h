/* SPDX-License-Identifier: GPL-2.0 */
#pragma once
#include "cgroups.bpf.h"
#include "dispatch.bpf.h"
#include "throttle.bpf.h"

/*
 * Finds who waited too long in the order of its queue. Where every task waits
 * for a verdict, a CPU may also idle beside one whose lease is over: this wakes it.
 */
#define TIMER_PERIOD_NS (100 * NSEC_PER_MSEC)
#define TIMER_PERIOD_STRICT_NS (5 * NSEC_PER_MSEC)
#define TIMER_PERIOD_ORPHANED_NS (20 * NSEC_PER_MSEC)

/* Of the one that releases throttled tasks, while there are any and when there have been none for so long. */
#define RELEASE_PERIOD_NS (4 * NSEC_PER_MSEC)
#define RELEASE_PERIOD_IDLE_NS (100 * NSEC_PER_MSEC)
#define RELEASE_IDLE_AFTER_NS (1000 * NSEC_PER_MSEC)

/*
 * The kernel ends slices with its tick, each 4 ms as Debian has it: of five thousand who spin on two CPUs each would have a
 * turn in ten seconds, and the kernel calls that a stall. So where more than this wait for a CPU, slices end when they are over.
 */
#define CROWD_PER_CPU 600
#define CROWD_PERIOD_NS (100 * NSEC_PER_MSEC)

/* Who waits too long is looked for so often in each mode, however often the timer runs: a long queue takes a while. */
static u64 aged_at_ns;

struct timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, int);
	__type(value, struct timer);
} timers SEC(".maps");

/*
 * A CPU goes offline only when its runqueue is empty, and a task in our queues
 * counts there until another CPU takes it. Nothing tells the first one of that:
 * it has to look, again and again, and is idle.
 */
static __noinline int wake_leaving_cpus(void)
{
	s32 cpu;

	bpf_for(cpu, 0, nr_cpu_ids) {
		if (cpu_of(cpu)->online == COX_CPU_GONE)
			scx_bpf_kick_cpu(cpu, 0); /* the kernel ignores it for one that is off already */
	}
	return 0;
}

static __noinline int age_home(u32 home, u64 now)
{
	age_queue(DSQ_RUN(home), DSQ_AGED(home), WAIT_BOUND_NS, now);
	age_queue(DSQ_PARK(home), DSQ_AGED(home), WAIT_BOUND_NS, now);
	age_queue(DSQ_BACKGROUND(home), DSQ_AGED(home), BACKGROUND_BOUND_NS, now);
	age_queue(DSQ_LATENCY(home), 0, 0, now);
	age_queue(DSQ_AGED(home), 0, 0, now);
	return 0;
}

static int on_timer(void *map, int *key, struct timer *timer)
{
	bool strict = control.asking == COX_ASKING_STRICT;
	u64 now = bpf_ktime_get_ns();
	bool wanted = false, ages = !before(now, aged_at_ns + TIMER_PERIOD_NS - TIMER_PERIOD_STRICT_NS);
	struct head head;
	s32 cpu, home;

	if (ages) {
		aged_at_ns = now;
		oldest.since_ns = now;
	}
	bpf_for(home, 0, COX_MAX_HOMES) {
		if (!home_at(home)->has_queues)
			continue;
		if (!home_at(home)->nr_online) {
			drain_home(home);
			continue;
		}
		if (scx_bpf_dsq_nr_queued(DSQ_PARK(home)) > 0) {
			bpf_rcu_read_lock();
			peek(DSQ_PARK(home), &head);
			bpf_rcu_read_unlock();
			wanted |= !user_answers(home, now) ||
				  (head.parked_ns != ~0ULL && before(head.parked_ns + control.lease_ns, now));
		}
		/* Only its own CPUs take from a hard set: none of them may sleep over it. */
		wanted |= is_hard(home) && scx_bpf_dsq_nr_queued(DSQ_RUN(home)) > 0;
		if (ages)
			age_home(home, now);
	}
	bpf_for(cpu, 0, nr_cpu_ids) {
		if (ages)
			age_queue(DSQ_CPU(cpu), DSQ_AGED(cpu_of(cpu)->llc), WAIT_BOUND_NS, now);
		if (!wanted || cpu_of(cpu)->online != COX_CPU_ONLINE || cpu_of(cpu)->running_class != COX_RUNNING_OTHER)
			continue;
		__sync_fetch_and_add(&state.nr_overdue_kicks, 1);
		scx_bpf_kick_cpu(cpu, scx_kick_idle);
	}
	if (ages) {
		state.oldest_pid = oldest.since_ns == now ? 0 : oldest.pid;
		__builtin_memcpy(state.oldest_comm, oldest.comm, sizeof(state.oldest_comm));
		state.oldest_since_ns = oldest.since_ns == now ? 0 : oldest.since_ns;
	}
	poll_settings();
	renew_factors();
	if (state.nr_orphaned_cpus)
		wake_leaving_cpus();
	bpf_timer_start(&timer->timer, strict ? TIMER_PERIOD_STRICT_NS :
			state.nr_orphaned_cpus ? TIMER_PERIOD_ORPHANED_NS : TIMER_PERIOD_NS, 0);
	return 0;
}

static int on_release_timer(void *map, int *key, struct timer *timer)
{
	u64 now = bpf_ktime_get_ns();
	u64 generation = limits_generation;
	static u64 seen;

	release_throttled(generation != seen, false, now);
	seen = generation;
	bpf_timer_start(&timer->timer, before(now, last_throttled_ns + RELEASE_IDLE_AFTER_NS) ||
			scx_bpf_dsq_nr_queued(DSQ_THROTTLED) > 0 ? RELEASE_PERIOD_NS : RELEASE_PERIOD_IDLE_NS, 0);
	return 0;
}

static __always_inline u64 larger(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* How many wait for a CPU, where it is most. */
static __noinline u64 most_waiting(void)
{
	u64 most = 0;
	s32 home, cpu;

	bpf_for(home, 0, COX_MAX_HOMES) {
		if (home_at(home)->has_queues && home_at(home)->nr_online)
			most = larger(most, ((u64)scx_bpf_dsq_nr_queued(DSQ_RUN(home)) + scx_bpf_dsq_nr_queued(DSQ_PARK(home)) +
					     scx_bpf_dsq_nr_queued(DSQ_AGED(home))) / home_at(home)->nr_online);
	}
	bpf_for(cpu, 0, nr_cpu_ids)
		most = larger(most, scx_bpf_dsq_nr_queued(DSQ_CPU(cpu)));
	return most;
}

static int on_crowd_timer(void *map, int *key, struct timer *timer)
{
	u64 now = bpf_ktime_get_ns(), waiting = most_waiting();
	s32 cpu;

	crowded = waiting > CROWD_PER_CPU;
	if (!crowded) {
		bpf_timer_start(&timer->timer, CROWD_PERIOD_NS, 0);
		return 0;
	}
	bpf_for(cpu, 0, nr_cpu_ids) {
		struct cox_cpu *c = cpu_of(cpu);

		if (c->running_class != COX_RUNNING_OTHER && c->running_class != COX_RUNNING_SYSTEM &&
		    !before(now, c->slice_ends_ns))
			scx_bpf_kick_cpu(cpu, scx_kick_preempt);
	}
	bpf_timer_start(&timer->timer, within_round(control.slice_min_ns, waiting, 1) / 2, 0);
	return 0;
}

#define start_timer(number, callback, period_ns)                                                \
	({                                                                                      \
		int key = number;                                                               \
		struct timer *timer = bpf_map_lookup_elem(&timers, &key);                       \
		s32 err = -ENOMEM;                                                              \
		if (timer && !(err = bpf_timer_init(&timer->timer, &timers, CLOCK_MONOTONIC)) && \
		    !(err = bpf_timer_set_callback(&timer->timer, callback)))                   \
			err = bpf_timer_start(&timer->timer, period_ns, 0);                     \
		err;                                                                            \
	})

static __always_inline s32 start_timers(void)
{
	return start_timer(0, on_timer, TIMER_PERIOD_NS) ?: start_timer(1, on_release_timer, RELEASE_PERIOD_IDLE_NS) ?:
	       start_timer(2, on_crowd_timer, CROWD_PERIOD_NS);
}
