// SPDX-License-Identifier: GPL-2.0
/*
 * The Coxswain scheduler. It is complete without user space: every task is in
 * a queue that some CPU looks into, whatever becomes of the process that
 * loaded it. User space may reorder and place the tasks that wait in PARK.
 */
#include "timer.bpf.h"
#include "dump.bpf.h"
#include "enqueue.bpf.h"

char _license[] SEC("license") = "GPL";

/* An idle CPU that the task may use, or -1; select_cpu returns a CPU in any case. */
static __always_inline s32 choose_cpu(struct task_struct *p, s32 prev_cpu, u64 wake_flags, u32 cpu_set, bool *idle)
{
	u32 home = COX_MAX_LLCS + cpu_set;
	s32 cpu;

	if (cpu_set) {
		cpu = idle_in_home(p, home, prev_cpu);
		*idle = cpu >= 0;
		if (*idle)
			return cpu;
		if (is_hard(home))
			return any_in_home(p, home, prev_cpu);
	}
	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, idle);
}

SEC("struct_ops/select_cpu")
s32 BPF_PROG(cox_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	struct task_ctx *t;
	u64 now;
	s32 cpu;

	now = bpf_ktime_get_ns();
	if (state.nr_alone && is_own(p))
		look_for_answers(now);
	if (!(t = ctx_of(p)))
		return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
	renew_directive(p, t);
	cpu = choose_cpu(p, prev_cpu, wake_flags, p->nr_cpus_allowed == 1 ? 0 : set_of(t, now), &idle);
	t->woken_sync = !!(wake_flags & scx_wake_sync);
	if (!idle)
		return cpu;
	if (control.asking == COX_ASKING_STRICT && !is_own(p) && !is_kernel(p))
		return cpu; /* enqueue parks it */
	if (is_throttled(p, t, 0, now))
		return cpu; /* enqueue makes it wait */
	__sync_fetch_and_add(&t->generation, 1);
	renew_cgroup_budget(p, t, now);
	t->runnable_ns = now;
	choose_home(p, t, cpu, now);
	t->granted_ns = limited_slice(p, t, slice_of(p, t, COX_CLASS_NORMAL, now), now); /* nobody else wants that CPU */
	count(nr_idle_local);
	dsq_insert(p, scx_dsq_local, t->granted_ns, 0);
	return cpu;
}

SEC("struct_ops/enqueue")
void BPF_PROG(cox_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *t = ctx_of(p);
	u64 now = bpf_ktime_get_ns(), key, aged_ns;
	bool has_slice, preempted;
	u32 class;

	if (!t) {
		count(nr_fallback);
		dsq_insert(p, scx_dsq_global, SLICE_FLOOR_NS, enq_flags);
		return;
	}
	end_parking_gone(t);
	__sync_fetch_and_add(&t->generation, 1);
	renew_directive(p, t);
	renew_cgroup_budget(p, t, now);
	class = class_of(t, now);
	t->runnable_ns = now;
	aged_ns = t->aged_ns;
	t->aged_ns = 0;
	choose_home(p, t, scx_bpf_task_cpu(p), now);
	t->granted_ns = slice_of(p, t, class, now);
	limit_lag(p, t, renew_share(p, t, class) || (enq_flags & scx_enq_wakeup));
	key = queue_key(t, class);

	if (is_own(p)) {
		enqueue_own(p, t, enq_flags, now);
		return;
	}
	if (!(enq_flags & scx_enq_wakeup) && is_rcu_reader(p)) {
		enqueue_rcu_reader(p, t, enq_flags, now);
		return;
	}
	if (throttle(p, t, enq_flags, now))
		return;
	has_slice = !(enq_flags & scx_enq_wakeup) && t->left_ns > SLICE_FLOOR_NS;
	preempted = this_cpu()->preempted_pid == p->pid;
	if (preempted)
		this_cpu()->preempted_pid = 0;
	if (aged_ns && has_slice) {
		/*
		 * One that waited too long has all of its turn, whoever interrupts it, be it for the one before it on that CPU: in
		 * its order it would wait as long again.
		 */
		resume(p, t, DSQ_AGED(t->home), aged_ns, enq_flags);
		t->aged_ns = aged_ns;
		return;
	}
	if (is_bound(p)) {
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
		enqueue_on_cpu(p, t, class, key, enq_flags, now);
		return;
	}
	if (is_kernel(p)) {
		count(nr_kernel);
		if (crowded && (enq_flags & scx_enq_wakeup))
			/* Most have waited too long, so that their order is that of waiting: the kernel's watchdog, which is such a thread, would be late. */
			dsq_insert_vtime(p, DSQ_AGED(t->home), t->granted_ns, now - HEAD_START_NS, enq_flags);
		else
			dsq_insert_vtime(p, DSQ_RUN(t->home), t->granted_ns, key, enq_flags);
		kick_idle(p, t->home, enq_flags);
		return;
	}
	if (is_set(t->home))
		count(nr_set);
	if (class == COX_CLASS_LATENCY_CRITICAL) {
		enqueue_latency(p, t, enq_flags, now);
		return;
	}
	if (preempted && has_slice) {
		/* Somebody decided already that it runs here now; it was only interrupted. */
		resume(p, t, DSQ_RUN(t->home), key, enq_flags);
		return;
	}
	if (class == COX_CLASS_BACKGROUND) {
		count(nr_background);
		dsq_insert_vtime(p, DSQ_BACKGROUND(t->home), t->granted_ns, key, enq_flags);
		kick_idle(p, t->home, enq_flags);
		return;
	}
	enqueue_shared(p, t, class, key, enq_flags, now);
}

SEC("struct_ops/dispatch")
void BPF_PROG(cox_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cox_cpu *c = cpu_of(cpu);
	u32 sequence = c->dispatch_sequence++;
	u64 now = bpf_ktime_get_ns();
	struct task_ctx *t = NULL;
	struct look look;

	look_around(&look, cpu, sequence, now);
	/* Before our own threads: nothing waits for these but the order of those who wait anyway. */
	if (c->upper_run_ns <= UPPER_LEAD_NS && take_kind(&look, QUEUE_LATENCY))
		return;
	if (take_own(c, now))
		return;
	if (faults_allowed && fault)
		return;
	if (state.nr_orphaned_cpus && sequence % ORPHANS_SHARE == 0 && steal(cpu, true))
		return;
	if (prev && (prev->scx.flags & scx_task_queued))
		t = ctx_of(prev);
	if (t) {
		renew_directive(prev, t);
		renew_cgroup_budget(prev, t, now);
		if ((is_excluded(t, cpu, now) && !is_migration_disabled(prev)) || is_throttled(prev, t, minus_to_zero(now, t->started_ns), now))
			t = NULL; /* it is queued again, where it may run, or waits */
	}
	if (take_due(&look))
		return;
	if (t && c->preempted_pid != prev->pid && is_still_first(&look, prev, t))
		return;
	if (take_lower(&look))
		return;
	if (take_kind(&look, QUEUE_LATENCY) || take(DSQ_DISPATCHER) || take(DSQ_OWN) || steal(cpu, false) || take_from_others(&look))
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
	t->throttled_ns = 0;
	c->running_since_ns = now;
	c->running_pid = p->pid;
	class = class_of(t, now);
	if (!t->weight && renew_share(p, t, class))
		limit_lag(p, t, true); /* it was throttled */
	c->running_class = is_own(p) || is_kernel(p) ? COX_RUNNING_SYSTEM : class;
	c->running_key = t->aged_ns ? state.vtime_now - DEBT_MAX_NS : queue_key(t, class);
	c->slice_ends_ns = now + p->scx.slice;
	c->claimed = 0;
	if (t->newborn) {
		t->newborn = 0;
		__sync_fetch_and_add(&c->class_births[class_index(c->running_class)], 1);
	}
	if (t->runnable_ns) {
		__sync_fetch_and_add(&c->wait_ns, minus_to_zero(now, t->runnable_ns));
		__sync_fetch_and_add(&c->nr_waits, 1);
		__sync_fetch_and_add(&c->class_wait_ns[class_index(c->running_class)], minus_to_zero(now, t->runnable_ns));
		__sync_fetch_and_add(&c->class_waits[class_index(c->running_class)], 1);
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
	if (!runnable)
		t->aged_ns = 0;
	account(p, t, c, ran, true, now);
	c->running_pid = 0;
	c->running_class = COX_RUNNING_OTHER;
}

SEC("struct_ops/tick")
void BPF_PROG(cox_tick, struct task_struct *p)
{
	struct cox_cpu *c = this_cpu();

	if (own_is_due(c, bpf_ktime_get_ns()))
		c->preempted_pid = p->pid; /* it goes on with the rest of its slice */
	else if (!c->claimed)
		return;
	c->claimed = 0;
	task_set_slice(p, 0); /* dispatch() decides whether it is still the first */
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
	if (bpf_core_field_exists(args->cgroup))
		t->group = group_of_id(BPF_CORE_READ(args, cgroup, kn, id));
	if (!args->fork)
		return 0;
	t->newborn = 1;
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

/* Its CPU set may have no CPU for it any more, or have one again. */
SEC("struct_ops/set_cpumask")
void BPF_PROG(cox_set_cpumask, struct task_struct *p, const struct cpumask *cpumask)
{
	struct task_ctx *t = ctx_of(p);

	if (t)
		t->directive_seen = ~0ULL;
}

/* A CPU comes or goes. */
static __noinline int count_cpu(s32 cpu, s32 change)
{
	u64 *word = &online_cpus[masked((u32)cpu / 64, COX_CPU_WORDS)], bit = 1ULL << ((u32)cpu % 64);
	s32 home;

	if (change > 0)
		__sync_fetch_and_or(word, bit);
	else
		__sync_fetch_and_and(word, ~bit);
	__sync_fetch_and_add(&nr_online, change);
	bpf_for(home, 0, COX_MAX_HOMES) {
		if (home_at(home)->kind != COX_HOME_FREE && has_cpu(home, cpu))
			__sync_fetch_and_add(&home_at(home)->nr_online, change);
	}
	__sync_fetch_and_add(&hotplug_generation, 1);
	return 0;
}

/* Makes the queues of a CPU set that user space has written. It may have been another set before. */
SEC("syscall")
int define_set(struct cox_define_set *request)
{
	u32 home = COX_MAX_LLCS + request->cpu_set, nr = 0;
	s32 cpu;

	request->error = -EINVAL;
	if (!request->cpu_set || request->cpu_set >= COX_MAX_CPU_SETS)
		return 0;
	request->error = 0;
	bpf_for(cpu, 0, nr_cpu_ids)
		nr += has_cpu(home, cpu) && cpu_of(cpu)->online == COX_CPU_ONLINE;
	home_at(home)->nr_online = nr;
	if (!home_at(home)->has_queues)
		request->error = create_home_queues(home);
	return 0;
}

/* With both of these the scheduler stays attached when a CPU comes or goes. */
SEC("struct_ops.s/cpu_online")
void BPF_PROG(cox_cpu_online, s32 cpu)
{
	struct cox_cpu *c = cpu_of(cpu);

	if (c->online == COX_CPU_GONE)
		__sync_fetch_and_add(&state.nr_orphaned_cpus, -1);
	c->online = COX_CPU_ONLINE;
	count_cpu(cpu, 1);
}

SEC("struct_ops.s/cpu_offline")
void BPF_PROG(cox_cpu_offline, s32 cpu)
{
	struct cox_cpu *c = cpu_of(cpu);
	s32 home;

	c->online = COX_CPU_GONE;
	c->running_class = COX_RUNNING_OTHER;
	__sync_fetch_and_add(&state.nr_orphaned_cpus, 1);
	count_cpu(cpu, -1);
	evacuate(DSQ_CPU(cpu), cpu);
	evacuate(DSQ_LATENCY(c->llc), cpu);
	evacuate(DSQ_AGED(c->llc), cpu);
	evacuate(DSQ_DISPATCHER, cpu);
	evacuate(DSQ_OWN, cpu);
	evacuate(DSQ_THROTTLED, cpu);
	release_throttled(true, true, bpf_ktime_get_ns());
	bpf_for(home, 0, COX_MAX_HOMES) {
		if (home_at(home)->has_queues && !home_at(home)->nr_online)
			drain_home(home);
	}
}

SEC("struct_ops.s/init")
s32 BPF_PROG(cox_init)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 cpu, err;
	u32 loop;

	bpf_for(cpu, 0, nr_cpu_ids) {
		if (!bpf_cpumask_test_cpu(cpu, online))
			continue;
		cpu_of(cpu)->online = COX_CPU_ONLINE;
		count_cpu(cpu, 1);
	}
	scx_bpf_put_cpumask(online);
	state.branch_insert = BRANCH_INSERT;
	state.branch_insert_vtime = BRANCH_INSERT_VTIME;
	state.branch_move_to_local = BRANCH_MOVE_TO_LOCAL;
	state.branch_move = BRANCH_MOVE;
	bpf_for(loop, 0, nr_loops)
		loop_at(loop)->mode_since_ns = bpf_ktime_get_ns();
	err = create_queues();
	return err ?: start_timers();
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
	.tick = (void *)cox_tick,
	.quiescent = (void *)cox_quiescent,
	.set_cpumask = (void *)cox_set_cpumask,
	.cpu_online = (void *)cox_cpu_online,
	.cpu_offline = (void *)cox_cpu_offline,
	.init_task = (void *)cox_init_task,
	.enable = (void *)cox_enable,
	.disable = (void *)cox_disable,
	.dump = (void *)cox_dump,
	.dump_cpu = (void *)cox_dump_cpu,
	.dump_task = (void *)cox_dump_task,
	.cgroup_init = (void *)cox_cgroup_init,
	.cgroup_exit = (void *)cox_cgroup_exit,
	.cgroup_move = (void *)cox_cgroup_move,
	.cgroup_set_weight = (void *)cox_cgroup_set_weight,
	.cgroup_set_bandwidth = (void *)cox_cgroup_set_bandwidth,
	.cgroup_set_idle = (void *)cox_cgroup_set_idle,
	.init = (void *)cox_init,
	.exit = (void *)cox_exit,
	.name = "coxswain",
};
