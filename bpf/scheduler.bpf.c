// SPDX-License-Identifier: GPL-2.0
/*
 * The Coxswain scheduler. It is complete without user space: every task is in
 * a queue that some CPU looks into, whatever becomes of the process that
 * loaded it. User space may reorder and place the tasks that wait in PARK.
 *
 * Not done here: NUMA and LLC awareness (one run queue for the machine),
 * cgroup weights and limits, CPU sets of directives.
 */
#include "park.bpf.h"

char _license[] SEC("license") = "GPL";

/* latency_critical may run this much longer on a CPU than the other classes that wait for it. */
#define UPPER_LEAD_NS (20 * NSEC_PER_MSEC)
/* At most so many preemptions of a CPU per window: a storm of wake-ups costs throughput, not progress. */
#define PREEMPT_WINDOW_NS (10 * NSEC_PER_MSEC)
#define PREEMPTS_PER_WINDOW 40
/* Our own threads are first in line for at most half of each window. */
#define OWN_WINDOW_NS (100 * NSEC_PER_MSEC)
#define OWN_BUDGET_NS (OWN_WINDOW_NS / 2)
#define OWN_SLICE_NS (5 * NSEC_PER_MSEC)
/*
 * However busy the machine is, a background task gets a turn at least so often:
 * of n that wait each one within the first bound, but no more often than the last.
 */
#define BACKGROUND_BOUND_NS (800 * NSEC_PER_MSEC)
#define BACKGROUND_RARELY_NS (100 * NSEC_PER_MSEC)
#define BACKGROUND_OFTEN_NS (4 * NSEC_PER_MSEC)
/* A preempted reader of RCU: enough to leave what it holds, and before those that have waited for so long. */
#define RCU_READER_SLICE_NS NSEC_PER_MSEC
#define RCU_READER_HEAD_START_NS (10 * WAIT_BOUND_NS)
/* The queues of CPUs that went offline are looked into once in so many dispatches. */
#define ORPHANS_SHARE 4

SEC("struct_ops/select_cpu")
s32 BPF_PROG(cox_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
	struct task_ctx *t;
	u64 now;

	now = bpf_ktime_get_ns();
	if (state.mode == COX_MODE_AUTONOMOUS && is_own(p))
		user_answers(now); /* on an idle machine nothing else would notice that it is back */
	if (!(t = ctx_of(p)))
		return cpu;
	t->woken_sync = !!(wake_flags & scx_wake_sync);
	if (!idle)
		return cpu;
	if (control.asking == COX_ASKING_STRICT && !is_own(p) && !is_kernel(p))
		return cpu; /* enqueue parks it */
	renew_directive(p, t);
	__sync_fetch_and_add(&t->generation, 1);
	t->runnable_ns = now;
	t->granted_ns = slice_of(p, t, COX_CLASS_NORMAL, now); /* nobody else wants that CPU */
	count(nr_idle_local);
	dsq_insert(p, scx_dsq_local, t->granted_ns, 0);
	return cpu;
}

/* A CPU that may be idle looks into the queues. select_cpu has woken one, where it ran. */
static __always_inline void kick_idle(struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (!(enq_flags & scx_enq_cpu_selected)) {
		s32 idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

		if (idle >= 0)
			cpu = idle;
	}
	scx_bpf_kick_cpu(cpu, scx_kick_idle);
}

/* Asks a CPU to leave what it runs, if that is of a lower class and the CPU has not been asked too often. */
static __always_inline void preempt(s32 cpu, u32 class, u64 now)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 running = c->running_class;

	if (running == COX_RUNNING_OTHER) {
		scx_bpf_kick_cpu(cpu, scx_kick_idle);
		return;
	}
	if (running >= class)
		return;
	if (before(c->preempt_window_ns + PREEMPT_WINDOW_NS, now)) {
		c->preempt_window_ns = now;
		c->preempts_in_window = 0;
	}
	if (c->preempts_in_window >= PREEMPTS_PER_WINDOW)
		return;
	__sync_fetch_and_add(&c->preempts_in_window, 1);
	c->preempted_pid = c->running_pid;
	count(nr_preempted);
	scx_bpf_kick_cpu(cpu, scx_kick_preempt);
}

/* The CPU whose present task is least urgent, the task's own one if that is of a lower class already. */
static __noinline s32 least_urgent_cpu(struct task_struct *p, u32 class)
{
	s32 own, best, i;
	u32 lowest;

	if (!p)
		return 0;
	own = best = scx_bpf_task_cpu(p);
	lowest = cpu_of(own)->running_class;
	if (lowest < class)
		return own;
	bpf_for(i, 0, nr_cpu_ids) {
		u32 running = cpu_of(i)->running_class;

		if (running >= lowest || cpu_of(i)->online != COX_CPU_ONLINE ||
		    !bpf_cpumask_test_cpu(i, p->cpus_ptr))
			continue;
		lowest = running;
		best = i;
	}
	return best;
}

static __always_inline void enqueue_own(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	s32 idle;

	count(nr_own);
	t->granted_ns = OWN_SLICE_NS;
	dsq_insert(p, DSQ_OWN, OWN_SLICE_NS, enq_flags);
	idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (idle >= 0)
		scx_bpf_kick_cpu(idle, scx_kick_idle);
	else if (enq_flags & scx_enq_wakeup)
		preempt(least_urgent_cpu(p, COX_CLASS_HIGH), COX_CLASS_HIGH, now);
}

static __always_inline void enqueue_on_cpu(struct task_struct *p, struct task_ctx *t, u64 key, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	dsq_insert_vtime(p, DSQ_CPU(cpu), t->granted_ns, key, enq_flags);
	scx_bpf_kick_cpu(cpu, scx_kick_idle);
}

static __always_inline void enqueue_latency(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	s32 cpu;

	count(nr_latency);
	dsq_insert_vtime(p, DSQ_LATENCY, t->granted_ns, now + t->granted_ns, enq_flags);
	/*
	 * Woken by one of its class that is about to sleep, as along a chain of
	 * services: that CPU takes it next, without disturbing another.
	 */
	if (t->woken_sync && (enq_flags & scx_enq_wakeup) &&
	    this_cpu()->running_class == COX_CLASS_LATENCY_CRITICAL)
		return;
	cpu = least_urgent_cpu(p, COX_CLASS_LATENCY_CRITICAL);
	if (cpu_of(cpu)->upper_run_ns <= UPPER_LEAD_NS)
		preempt(cpu, COX_CLASS_LATENCY_CRITICAL, now);
}

/*
 * With a share of a thousandth it would need a minute for what it holds up:
 * the kernel calls that a stall. It goes before all who wait, in small pieces.
 */
static __always_inline void enqueue_rcu_reader(struct task_struct *p, struct task_ctx *t, u64 enq_flags, u64 now)
{
	count(nr_rcu_reader);
	t->granted_ns = RCU_READER_SLICE_NS;
	dsq_insert_vtime(p, DSQ_AGED, t->granted_ns, now - RCU_READER_HEAD_START_NS, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), scx_kick_idle);
}

/* PARK with a notice, or the run queue where asking user space is impossible or changes nothing. */
static __always_inline void enqueue_shared(struct task_struct *p, struct task_ctx *t, u64 key, u64 enq_flags, u64 now)
{
	bool strict = control.asking == COX_ASKING_STRICT;
	u64 dsq = DSQ_RUN;

	if (control.asking == COX_ASKING_KERNEL) {
		count(nr_kernel_order);
	} else if (!user_answers(now)) {
		count(nr_autonomous);
	} else if (!strict && !scx_bpf_dsq_nr_queued(DSQ_RUN) && !scx_bpf_dsq_nr_queued(DSQ_PARK)) {
		count(nr_unasked);
	} else if (!send_notice(p, t, key, now)) {
		count(nr_ring_full);
	} else {
		t->parked_ns = now;
		t->parked = t->generation;
		count(nr_parked);
		dsq = DSQ_PARK;
	}
	dsq_insert_vtime(p, dsq, t->granted_ns, key, enq_flags);
	if (!strict || dsq != DSQ_PARK)
		kick_idle(p, enq_flags);
}

SEC("struct_ops/enqueue")
void BPF_PROG(cox_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *t = ctx_of(p);
	u64 now = bpf_ktime_get_ns(), key;
	u32 class;

	if (!t) {
		count(nr_fallback);
		dsq_insert(p, scx_dsq_global, SLICE_FLOOR_NS, enq_flags);
		return;
	}
	end_parking_gone(t);
	__sync_fetch_and_add(&t->generation, 1);
	renew_directive(p, t);
	class = class_of(t, now);
	t->runnable_ns = now;
	t->granted_ns = slice_of(p, t, class, now);
	limit_lag(t, renew_share(p, t, class) || (enq_flags & scx_enq_wakeup));
	key = queue_key(t, class);

	if (is_own(p)) {
		enqueue_own(p, t, enq_flags, now);
		return;
	}
	if (!(enq_flags & scx_enq_wakeup) && is_rcu_reader(p)) {
		enqueue_rcu_reader(p, t, enq_flags, now);
		return;
	}
	if (p->nr_cpus_allowed == 1) {
		if (is_kernel(p) && (enq_flags & scx_enq_wakeup)) {
			/* ksoftirqd, kworkers: next on their CPU. One that does not sleep queues like everybody. */
			count(nr_kernel);
			dsq_insert(p, scx_dsq_local, t->granted_ns, enq_flags);
			return;
		}
		if (class == COX_CLASS_LATENCY_CRITICAL && !is_kernel(p)) {
			enqueue_latency(p, t, enq_flags, now);
			return;
		}
		count(nr_pinned);
		enqueue_on_cpu(p, t, key, enq_flags);
		return;
	}
	if (is_kernel(p)) {
		count(nr_kernel);
		dsq_insert_vtime(p, DSQ_RUN, t->granted_ns, key, enq_flags);
		kick_idle(p, enq_flags);
		return;
	}
	if (class == COX_CLASS_LATENCY_CRITICAL) {
		enqueue_latency(p, t, enq_flags, now);
		return;
	}
	if (!(enq_flags & scx_enq_wakeup) && this_cpu()->preempted_pid == p->pid) {
		this_cpu()->preempted_pid = 0;
		if (t->left_ns > SLICE_FLOOR_NS) {
			/* Somebody decided already that it runs here now; it was only interrupted. */
			count(nr_resumed);
			t->granted_ns = t->left_ns;
			dsq_insert_vtime(p, DSQ_RUN, t->granted_ns, key, enq_flags);
			kick_idle(p, enq_flags);
			return;
		}
	}
	if (class == COX_CLASS_BACKGROUND) {
		count(nr_background);
		dsq_insert_vtime(p, DSQ_BACKGROUND, t->granted_ns, key, enq_flags);
		kick_idle(p, enq_flags);
		return;
	}
	enqueue_shared(p, t, key, enq_flags, now);
}

/* May the kernel side take from PARK without a verdict? */
static __always_inline bool park_is_due(bool assist, u64 now)
{
	struct head head;

	if (scx_bpf_dsq_nr_queued(DSQ_PARK) <= 0)
		return false;
	if (!assist)
		return true;
	peek(DSQ_PARK, &head);
	return head.parked_ns != ~0ULL && before(head.parked_ns + control.lease_ns, now);
}

static __always_inline bool take_background(u64 now)
{
	if (!take(DSQ_BACKGROUND))
		return false;
	state.background_served_ns = now;
	return true;
}

static __always_inline bool background_is_due(u64 now)
{
	s32 waiting = scx_bpf_dsq_nr_queued(DSQ_BACKGROUND);

	return waiting > 0 && before(state.background_served_ns +
		clamp(BACKGROUND_BOUND_NS / waiting, BACKGROUND_OFTEN_NS, BACKGROUND_RARELY_NS), now);
}

/* Everything below latency_critical, in order. */
static __always_inline bool take_lower(s32 cpu, u64 now)
{
	bool assist = user_answers(now);

	if (take(DSQ_AGED))
		return true;
	if (background_is_due(now) && take_background(now))
		return true;
	if (take_by_vtime(cpu, park_is_due(assist, now)))
		return true;
	/* About to idle: nobody waits for a verdict while a CPU has nothing to do, unless that is wanted. */
	return ((!assist || control.asking != COX_ASKING_STRICT) && take(DSQ_PARK)) || take_background(now);
}

static __always_inline bool own_within_budget(struct cox_cpu *c, u64 now)
{
	if (before(c->own_window_ns + OWN_WINDOW_NS, now)) {
		c->own_window_ns = now;
		c->own_run_ns = 0;
	}
	return c->own_run_ns < OWN_BUDGET_NS;
}

/* A stint is over, or goes into the next: who used how much. What nobody else wanted is not charged to the share. */
static __always_inline void account(struct task_struct *p, struct task_ctx *t, struct cox_cpu *c, u64 ran, bool wanted,
				    u64 now)
{
	u32 class = c->running_class;

	t->run_ns += ran;
	__sync_fetch_and_add(&c->run_ns, ran);
	if (class == COX_CLASS_LATENCY_CRITICAL)
		c->upper_run_ns = clamp(c->upper_run_ns + ran, 0, 2 * UPPER_LEAD_NS);
	else if (class != COX_RUNNING_SYSTEM)
		c->upper_run_ns = minus_to_zero(c->upper_run_ns, ran);
	if (is_own(p))
		c->own_run_ns += ran;
	charge_budget(p, t, ran, now);
	if (wanted)
		charge(p, t, class, ran);
}

/* The CPU goes on with the task that it has: a new stint, without a switch. */
static __always_inline void go_on(struct task_struct *p, struct task_ctx *t, struct cox_cpu *c, u32 class, bool wanted,
				  u64 now)
{
	account(p, t, c, minus_to_zero(now, t->started_ns), wanted, now);
	t->started_ns = now;
	t->granted_ns = slice_of(p, t, class, now);
	task_set_slice(p, t->granted_ns);
}

/*
 * The task whose slice is over is in no queue while its CPU looks for another.
 * Without this it would have to let one of the others go before it each time,
 * whatever their shares are.
 */
static __noinline bool is_still_first(s32 cpu, struct task_struct *p, struct task_ctx *t, u64 now)
{
	u64 ran, key, i;
	struct head head;
	u32 class;

	if (!p || !t || is_own(p))
		return false;
	class = class_of(t, now);
	if (!is_fair(p, class))
		return false;
	ran = minus_to_zero(now, t->started_ns);
	key = queue_key(t, class) + ran * 100 / weight_of(p, class);
	bpf_for(i, 0, 3) {
		peek(i == 0 ? DSQ_RUN : i == 1 ? DSQ_PARK : DSQ_CPU(cpu), &head);
		if (head.key != ~0ULL && !before(key, head.key))
			return false;
	}
	count(nr_continued);
	go_on(p, t, cpu_of(cpu), class, true, now);
	return true;
}

SEC("struct_ops/dispatch")
void BPF_PROG(cox_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 sequence = c->dispatch_sequence++;
	u64 now = bpf_ktime_get_ns();
	struct task_ctx *t = NULL;

	/* Before our own threads: nothing waits for these but the order of those who wait anyway. */
	if (c->upper_run_ns <= UPPER_LEAD_NS && take(DSQ_LATENCY))
		return;
	if (own_within_budget(c, now) && take(DSQ_OWN))
		return;
	if (faults_allowed && fault)
		return;
	if (state.nr_orphaned_cpus && sequence % ORPHANS_SHARE == 0 && steal(cpu, true))
		return;
	if (prev && (prev->scx.flags & scx_task_queued))
		t = ctx_of(prev);
	if (t && scx_bpf_dsq_nr_queued(DSQ_AGED) <= 0 && c->preempted_pid != prev->pid && is_still_first(cpu, prev, t, now))
		return;
	if (take_lower(cpu, now))
		return;
	if (take(DSQ_LATENCY) || take(DSQ_OWN) || steal(cpu, false))
		return;
	c->upper_run_ns = 0;
	if (t) {
		/*
		 * Time that nobody else wanted is not charged: a task with a CPU to
		 * itself would otherwise fall behind those that share another one.
		 */
		count(nr_kept);
		go_on(prev, t, c, COX_CLASS_NORMAL, false, now);
	}
}

SEC("struct_ops/runnable")
void BPF_PROG(cox_runnable, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *t = ctx_of(p);

	if (!t)
		return;
	if (enq_flags & scx_enq_wakeup)
		t->run_ns = 0;
	join_share(p, t, class_of(t, bpf_ktime_get_ns()));
}

SEC("struct_ops/running")
void BPF_PROG(cox_running, struct task_struct *p)
{
	struct task_ctx *t = ctx_of(p);
	struct cox_cpu *c = this_cpu();
	u64 now = bpf_ktime_get_ns();
	u32 class;

	if (!t)
		return;
	if (end_parking(t, t->parked))
		count(nr_taken);
	t->started_ns = now;
	c->running_since_ns = now;
	c->running_pid = p->pid;
	class = class_of(t, now);
	c->running_class = is_own(p) || is_kernel(p) ? COX_RUNNING_SYSTEM : class;
	if (t->runnable_ns) {
		__sync_fetch_and_add(&c->wait_ns, minus_to_zero(now, t->runnable_ns));
		__sync_fetch_and_add(&c->nr_waits, 1);
		t->runnable_ns = 0;
	}
}

SEC("struct_ops/stopping")
void BPF_PROG(cox_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *t = ctx_of(p);
	struct cox_cpu *c = this_cpu();
	u64 now = bpf_ktime_get_ns(), ran;

	if (!t)
		return;
	ran = minus_to_zero(now, t->started_ns);
	t->left_ns = runnable ? minus_to_zero(t->granted_ns, ran) : 0;
	account(p, t, c, ran, true, now);
	c->running_pid = 0;
	c->running_class = COX_RUNNING_OTHER;
}

SEC("struct_ops/quiescent")
void BPF_PROG(cox_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_ctx *t = ctx_of(p);

	if (!t)
		return;
	end_parking_gone(t);
	leave_share(t);
}

SEC("struct_ops.s/init_task")
s32 BPF_PROG(cox_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_ctx *t = bpf_task_storage_get(&tasks, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct cox_directive *d;
	struct task_struct *creator;
	struct task_ctx *parent;

	if (!t)
		return -ENOMEM;
	t->vtime = state.vtime_now;
	t->directive_seen = ~0ULL;
	if (!args->fork)
		return 0;
	creator = bpf_get_current_task_btf();
	/* As far behind as its creator: one that forks and exits for ever would stop the clock otherwise. */
	parent = ctx_of(creator);
	if (parent && before(t->vtime, parent->vtime))
		t->vtime = parent->vtime;
	/* A thread is born with its process's directive: it may be waited for before user space hears of it. */
	if (creator->tgid == p->tgid) {
		d = bpf_task_storage_get(&directives, creator, NULL, 0);
		if (d)
			bpf_task_storage_get(&directives, p, d, BPF_LOCAL_STORAGE_GET_F_CREATE);
	}
	return 0;
}

SEC("struct_ops/enable")
void BPF_PROG(cox_enable, struct task_struct *p)
{
	struct task_ctx *t = ctx_of(p);

	if (t && before(t->vtime, state.vtime_now))
		t->vtime = state.vtime_now;
}

SEC("struct_ops/disable")
void BPF_PROG(cox_disable, struct task_struct *p)
{
	struct task_ctx *t = ctx_of(p);

	if (!t)
		return;
	end_parking_gone(t);
	leave_share(t);
}

/* With both of these the scheduler stays attached when a CPU comes or goes. */
SEC("struct_ops.s/cpu_online")
void BPF_PROG(cox_cpu_online, s32 cpu)
{
	struct cox_cpu *c = cpu_of(cpu);

	if (c->online == COX_CPU_GONE)
		__sync_fetch_and_add(&state.nr_orphaned_cpus, -1);
	c->online = COX_CPU_ONLINE;
	__sync_fetch_and_add(&nr_online, 1);
}

SEC("struct_ops.s/cpu_offline")
void BPF_PROG(cox_cpu_offline, s32 cpu)
{
	struct cox_cpu *c = cpu_of(cpu);

	c->online = COX_CPU_GONE;
	c->running_class = COX_RUNNING_OTHER;
	__sync_fetch_and_add(&state.nr_orphaned_cpus, 1);
	__sync_fetch_and_add(&nr_online, -1);
	evacuate(DSQ_CPU(cpu), cpu);
	evacuate(DSQ_LATENCY, cpu);
	evacuate(DSQ_AGED, cpu);
	evacuate(DSQ_OWN, cpu);
}

/*
 * Finds who waited too long in the order of its queue. Where every task waits
 * for a verdict, a CPU may also idle beside one whose lease is over: this wakes it.
 */
#define TIMER_PERIOD_NS (100 * NSEC_PER_MSEC)
#define TIMER_PERIOD_STRICT_NS (5 * NSEC_PER_MSEC)
#define TIMER_PERIOD_ORPHANED_NS (20 * NSEC_PER_MSEC)

struct timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
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

static int on_timer(void *map, int *key, struct timer *timer)
{
	bool strict = control.asking == COX_ASKING_STRICT;
	u64 now = bpf_ktime_get_ns();
	struct head head;
	s32 cpu;

	if (scx_bpf_dsq_nr_queued(DSQ_PARK) > 0) {
		bpf_rcu_read_lock();
		peek(DSQ_PARK, &head);
		bpf_rcu_read_unlock();
		if (!user_answers(now) || (head.parked_ns != ~0ULL && before(head.parked_ns + control.lease_ns, now))) {
			bpf_for(cpu, 0, nr_cpu_ids) {
				if (cpu_of(cpu)->online != COX_CPU_ONLINE || cpu_of(cpu)->running_class != COX_RUNNING_OTHER)
					continue;
				__sync_fetch_and_add(&state.nr_overdue_kicks, 1);
				scx_bpf_kick_cpu(cpu, scx_kick_idle);
			}
		}
	}
	age_queue(DSQ_RUN, now);
	age_queue(DSQ_PARK, now);
	age_queue(DSQ_BACKGROUND, now);
	bpf_for(cpu, 0, nr_cpu_ids)
		age_queue(DSQ_CPU(cpu), now);
	if (state.nr_orphaned_cpus)
		wake_leaving_cpus();
	bpf_timer_start(&timer->timer, strict ? TIMER_PERIOD_STRICT_NS :
			state.nr_orphaned_cpus ? TIMER_PERIOD_ORPHANED_NS : TIMER_PERIOD_NS, 0);
	return 0;
}

static __always_inline s32 start_timer(void)
{
	int key = 0;
	struct timer *timer = bpf_map_lookup_elem(&timers, &key);
	s32 err;

	if (!timer)
		return -ENOMEM;
	if ((err = bpf_timer_init(&timer->timer, &timers, CLOCK_MONOTONIC)) ||
	    (err = bpf_timer_set_callback(&timer->timer, on_timer)))
		return err;
	return bpf_timer_start(&timer->timer, TIMER_PERIOD_NS, 0);
}

SEC("struct_ops.s/init")
s32 BPF_PROG(cox_init)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 cpu, err;

	bpf_for(cpu, 0, nr_cpu_ids) {
		if (!bpf_cpumask_test_cpu(cpu, online))
			continue;
		cpu_of(cpu)->online = COX_CPU_ONLINE;
		nr_online++;
	}
	scx_bpf_put_cpumask(online);
	state.branch_insert = BRANCH_INSERT;
	state.branch_insert_vtime = BRANCH_INSERT_VTIME;
	state.branch_move_to_local = BRANCH_MOVE_TO_LOCAL;
	state.branch_move = BRANCH_MOVE;
	state.mode_since_ns = bpf_ktime_get_ns();
	err = create_queues();
	return err ?: start_timer();
}

SEC("struct_ops/exit")
void BPF_PROG(cox_exit, struct scx_exit_info *info)
{
	exit_record.code = info->exit_code;
	bpf_probe_read_kernel_str(exit_record.reason, sizeof(exit_record.reason), info->reason);
	bpf_probe_read_kernel_str(exit_record.message, sizeof(exit_record.message), info->msg);
	bpf_probe_read_kernel_str(exit_record.dump, sizeof(exit_record.dump), info->dump);
	/* Last: a reader that sees a kind finds the rest complete. */
	__sync_fetch_and_add(&exit_record.kind, info->kind);
}

/* flags, timeout_ms, exit_dump_len and hotplug_seq are the loader's. */
SEC(".struct_ops.link")
struct sched_ext_ops coxswain = {
	.select_cpu = (void *)cox_select_cpu,
	.enqueue = (void *)cox_enqueue,
	.dispatch = (void *)cox_dispatch,
	.runnable = (void *)cox_runnable,
	.running = (void *)cox_running,
	.stopping = (void *)cox_stopping,
	.quiescent = (void *)cox_quiescent,
	.cpu_online = (void *)cox_cpu_online,
	.cpu_offline = (void *)cox_cpu_offline,
	.init_task = (void *)cox_init_task,
	.enable = (void *)cox_enable,
	.disable = (void *)cox_disable,
	.init = (void *)cox_init,
	.exit = (void *)cox_exit,
	.name = "coxswain",
};
