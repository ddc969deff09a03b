// SPDX-License-Identifier: GPL-2.0
/*
 * How long tasks wait for a CPU, who runs meanwhile, and who wakes whom. Works under any scheduler, on kernels from 5.15 on.
 *
 * A task is found in a table by its number: its slot is one of a few that follow from the number. So the paths that run at
 * each switch look nothing up in a hash map, take no lock and allocate nothing. User space reads the table over mmap.
 */
#include "kernel.h"
#include "observer.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

#define BPF_MAP_TYPE_HASH 1
#define BPF_F_MMAPABLE (1U << 10)
#define BPF_NOEXIST 1

/* The same struct under another name, as the scheduler does not need these. */
struct task_struct___observed {
	unsigned int __state;
} CORE;

/* The state of who is switched away for the last time. */
#define TASK_DEAD 0x80

/* User space sets the number of entries to what the machine needs. */
const volatile u32 nr_slots = 1;
/* A shorter wait is nobody's fault. */
const volatile u64 delay_floor_ns = 100000;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cox_obs_task);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cox_obs_histogram);
} histograms SEC(".maps");

/* Emptied by user space each second. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct cox_obs_pair);
	__type(value, struct cox_obs_sum);
} delays SEC(".maps"), wakes SEC(".maps");

struct cox_obs_cpu cpus[COX_OBS_MAX_CPUS] SEC(".bss.cpus");

static __always_inline struct cox_obs_cpu *cpu_of(u32 cpu)
{
	return &cpus[cpu & (COX_OBS_MAX_CPUS - 1)];
}

static __always_inline struct cox_obs_cpu *this_cpu(void)
{
	return cpu_of(bpf_get_smp_processor_id());
}

/* The slot, and its number. */
struct place {
	struct cox_obs_task *task;
	u32 slot;
};

static __always_inline u64 cgroup_id(struct task_struct *p)
{
	return p->cgroups->dfl_cgrp->kn->id;
}

/*
 * Numbers of threads come in rows, and rows that meet would fill whole stretches of the table, however much of it is free.
 * So the slots of a number are scattered: the first one by the upper bits of its hash, and the way to the next by the lower.
 */
static __always_inline u32 hash_of(s32 pid)
{
	u32 hash = (u32)pid * 2654435769u;

	hash ^= hash >> 15;
	return hash * 0x85ebca6bu;
}

static __always_inline u32 first_slot(u32 hash)
{
	return (u32)(((u64)hash * nr_slots) >> 32);
}

static __always_inline u32 next_slot(u32 hash, u32 slot)
{
	slot += (hash & 255) + 1;
	return slot >= nr_slots ? slot - nr_slots : slot;
}

/* Takes a slot for a task that has none. Out of line: it happens once per task. */
static __noinline u32 add_task(struct task_struct *p)
{
	struct cox_obs_task *task;
	u32 hash, slot;
	s32 pid, found;
	int i;

	if (!p)
		return COX_OBS_NOBODY;
	pid = p->pid;
	hash = hash_of(pid);
	slot = first_slot(hash);
	for (i = 0; i < COX_OBS_PROBES; i++, slot = next_slot(hash, slot)) {
		task = bpf_map_lookup_elem(&tasks, &slot);
		if (!task)
			return COX_OBS_NOBODY;
		found = __sync_val_compare_and_swap(&task->pid, 0, pid);
		if (found == pid)
			return slot; /* another CPU was faster */
		if (found == 0) {
			task->start_time_ns = p->start_boottime;
			task->tgid = p->tgid;
			task->kernel_thread = !!(p->flags & PF_KTHREAD);
			task->cgroup_id = cgroup_id(p);
			task->waker = COX_OBS_NOBODY;
			task->edge_waker = COX_OBS_NOBODY;
			task->cpu = -1;
			__builtin_memcpy(task->comm, p->comm, sizeof(task->comm));
			this_cpu()->begun++;
			return slot;
		}
	}
	this_cpu()->lost_tasks++;
	return COX_OBS_NOBODY;
}

/* The slot of a task that is not in the first of its slots. Out of line: so the usual way keeps its registers. */
static __noinline u32 search_slot(struct task_struct *p, bool add)
{
	struct cox_obs_task *task;
	u32 hash, slot, i;
	s32 pid;

	if (!p)
		return COX_OBS_NOBODY;
	pid = p->pid;
	hash = hash_of(pid);
	slot = first_slot(hash);
	for (i = 1; i < COX_OBS_PROBES; i++) {
		slot = next_slot(hash, slot);
		task = bpf_map_lookup_elem(&tasks, &slot);
		if (task && task->pid == pid)
			return slot;
	}
	return add ? add_task(p) : COX_OBS_NOBODY;
}

static __always_inline struct place search(struct task_struct *p, bool add)
{
	struct place place = { .slot = search_slot(p, add) };

	place.task = bpf_map_lookup_elem(&tasks, &place.slot);
	return place;
}

static __always_inline struct place place_of(struct task_struct *p, s32 pid, bool add)
{
	struct place place = { .slot = first_slot(hash_of(pid)) };

	place.task = bpf_map_lookup_elem(&tasks, &place.slot);
	return place.task && place.task->pid == pid ? place : search(p, add);
}

/* Who runs has been seen when it got its CPU. */
static __always_inline struct place place_of_running(struct cox_obs_cpu *cpu, struct task_struct *p, s32 pid)
{
	struct place place = { .slot = cpu->current_slot };

	place.task = bpf_map_lookup_elem(&tasks, &place.slot);
	return place.task && place.task->pid == pid ? place : place_of(p, pid, true);
}

#define TWICE(...) __VA_ARGS__, __VA_ARGS__
#define SIXTEEN(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
/* Of a byte, rounded down. A look is cheaper than to shift it out, and this is done at each switch. */
static const u8 log2_of_byte[256] = {
	0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, SIXTEEN(4), TWICE(SIXTEEN(5)), TWICE(TWICE(SIXTEEN(6))),
	TWICE(TWICE(TWICE(SIXTEEN(7)))),
};

/* No longer wait is told from the longest that has a bucket. */
static __always_inline u32 bucket_of(u64 ns)
{
	u64 rest = ns >> COX_OBS_FIRST_SHIFT;
	u32 shift = 0;

	if (!rest)
		return 0;
	if (rest > 0xffffff)
		return COX_OBS_BUCKETS - 1;
	if (rest > 0xff) {
		rest >>= 8;
		shift = 8;
		if (rest > 0xff) {
			rest >>= 8;
			shift = 16;
		}
	}
	shift += log2_of_byte[rest & 0xff];
	return shift * 8 + ((ns >> (shift + COX_OBS_FIRST_SHIFT - 3)) & 7);
}

static __always_inline void count_wait(u32 slot, u64 ns)
{
	struct cox_obs_histogram *histogram = bpf_map_lookup_elem(&histograms, &slot);
	u32 bucket = bucket_of(ns);

	if (!histogram)
		return;
	/* Else the compiler knows more than the verifier can follow, and leaves checks out. */
	asm volatile("" : "+r"(bucket));
	/* Nobody else writes it: a task gets one CPU at a time, and user space only reads. */
	if (bucket < COX_OBS_THIRD) {
		histogram->short_waits[bucket]++;
	} else if (bucket < 2 * COX_OBS_THIRD) {
		histogram->middle_waits[bucket - COX_OBS_THIRD]++;
	} else {
		if (bucket >= COX_OBS_BUCKETS)
			bucket = COX_OBS_BUCKETS - 1;
		histogram->long_waits[bucket - 2 * COX_OBS_THIRD]++;
	}
}

static __always_inline void add_pair(void *map, u32 from, u32 to, u64 ns, u64 count)
{
	struct cox_obs_pair pair = { .from = from, .to = to };
	struct cox_obs_sum first = { .ns = ns, .count = count };
	struct cox_obs_sum *sum = bpf_map_lookup_elem(map, &pair);

	if (sum) {
		__sync_fetch_and_add(&sum->ns, ns);
		__sync_fetch_and_add(&sum->count, count);
	} else if (bpf_map_update_elem(map, &pair, &first, BPF_NOEXIST)) {
		this_cpu()->lost_pairs++;
	}
}

/* Two who take turns, as they often do, are two entries in the map and not one for each turn. */
struct blame {
	u32 slot[2];
	u64 ns[2];
};

static __always_inline void blame_one(struct blame *blame, u32 runner, u32 victim, u64 ns)
{
	if (blame->slot[0] == runner) {
		blame->ns[0] += ns;
		return;
	}
	if (blame->slot[1] != runner) {
		if (blame->ns[1])
			add_pair(&delays, blame->slot[1], victim, blame->ns[1], 1);
		blame->slot[1] = runner;
		blame->ns[1] = 0;
	}
	ns += blame->ns[1];
	blame->slot[1] = blame->slot[0];
	blame->ns[1] = blame->ns[0];
	blame->slot[0] = runner;
	blame->ns[0] = ns;
}

/* Who had the CPU on which the task waited. */
static __noinline int explain_wait(u32 slot, u32 waited_on, u64 since, u64 now)
{
	struct cox_obs_cpu *cpu = cpu_of(waited_on);
	struct blame blame = { .slot = { COX_OBS_NOBODY, COX_OBS_NOBODY } };
	u64 explained = 0, begin, end, current_since = cpu->current_since_ns;
	u32 last = cpu->next_stint, runner = cpu->current_slot, i;

	/* Who runs there still, unless that is the waiting one's own new stint. */
	if (runner != COX_OBS_NOBODY && runner != slot && current_since < now) {
		begin = current_since > since ? current_since : since;
		explained += now - begin;
		blame_one(&blame, runner, slot, now - begin);
	}
	for (i = 1; i <= COX_OBS_STINTS; i++) {
		struct cox_obs_stint *stint = &cpu->stints[(last - i) & (COX_OBS_STINTS - 1)];

		begin = stint->begin_ns;
		end = stint->end_ns;
		if (end <= since || begin >= end)
			break;
		if (begin < since)
			begin = since;
		if (end > now)
			end = now;
		if (begin < end && stint->slot != slot) {
			explained += end - begin;
			blame_one(&blame, stint->slot, slot, end - begin);
		}
	}
	if (blame.ns[0])
		add_pair(&delays, blame.slot[0], slot, blame.ns[0], 1);
	if (blame.ns[1])
		add_pair(&delays, blame.slot[1], slot, blame.ns[1], 1);
	if (now - since > explained)
		this_cpu()->unexplained_ns += now - since - explained;
	return 0;
}

static __always_inline void count_waker(struct cox_obs_task *task, u32 slot, u64 wait)
{
	u32 waker = task->waker;

	if (waker == COX_OBS_NOBODY)
		return;
	task->waker = COX_OBS_NOBODY;
	if (waker != task->edge_waker) {
		if (task->edge_waker != COX_OBS_NOBODY && task->edge_count)
			add_pair(&wakes, task->edge_waker, slot, task->edge_ns, task->edge_count);
		task->edge_waker = waker;
		task->edge_ns = 0;
		task->edge_count = 0;
	}
	task->edge_ns += wait;
	task->edge_count++;
}

static __always_inline void leave(struct cox_obs_cpu *cpu, struct task_struct *p, s32 pid, bool preempted, u64 now)
{
	struct place place = place_of_running(cpu, p, pid);
	struct cox_obs_task *task = place.task;
	u32 state;
	bool sleeps;

	if (!task)
		return;
	state = preempted ? 0 : ((struct task_struct___observed *)p)->__state;
	sleeps = state != 0;
	if (task->on_cpu) {
		struct cox_obs_stint *stint = &cpu->stints[cpu->next_stint & (COX_OBS_STINTS - 1)];

		task->run_ns += now - task->in_ns;
		stint->begin_ns = task->in_ns;
		stint->end_ns = now;
		stint->slot = place.slot;
		cpu->next_stint++;
	}
	task->on_cpu = 0;
	task->out_ns = now;
	task->runnable = !sleeps;
	if (sleeps) {
		task->voluntary++;
	} else {
		task->involuntary++;
		/* Woken before it could sleep. */
		task->waker = COX_OBS_NOBODY;
	}
	/* The last switch of all. */
	if (state & TASK_DEAD) {
		task->pid = -pid;
		cpu->ended++;
	}
}

static __always_inline void count_migration(struct cox_obs_task *task, u32 here)
{
	struct cox_obs_cpu *from = cpu_of((u32)task->cpu), *to = cpu_of(here);

	if (from->core == to->core)
		task->migrations_core++;
	else if (from->llc == to->llc)
		task->migrations_llc++;
	else
		task->migrations_far++;
}

static __always_inline u32 enter(struct task_struct *p, s32 pid, u32 here, u64 now)
{
	struct place place = place_of(p, pid, true);
	struct cox_obs_task *task = place.task;
	u64 since, wait, cgroup;
	u32 waited_on;

	if (!task)
		return COX_OBS_UNKNOWN;
	/* Asleep, it was woken exactly once: kernel's sched_waking tells of no other. The wake-up may have been faster than the switch. */
	since = task->out_ns;
	if (!task->runnable && task->waking_ns > since)
		since = task->waking_ns;
	waited_on = task->cpu < 0 ? here : (u32)task->cpu;
	if (task->runnable || task->waking_ns) {
		wait = now > since ? now - since : 0;
		task->wait_ns += wait;
		task->waits++;
		if (wait > task->longest_ns)
			task->longest_ns = wait;
		count_wait(place.slot, wait);
		count_waker(task, place.slot, wait);
		if (wait >= delay_floor_ns)
			explain_wait(place.slot, waited_on, since, now);
	}
	if (task->cpu != (s32)here) {
		if (task->cpu >= 0)
			count_migration(task, here);
		task->cpu = (s32)here;
	}
	/* Who runs a hundred thousand times a second has not moved each time. */
	if (now - task->in_ns > 1000000 || !(task->waits & 127)) {
		cgroup = cgroup_id(p);
		if (cgroup != task->cgroup_id)
			task->cgroup_id = cgroup;
	}
	task->waking_ns = 0;
	task->in_ns = now;
	task->on_cpu = 1;
	return place.slot;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(observe_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	u64 now = bpf_ktime_get_ns();
	u32 here = bpf_get_smp_processor_id();
	struct cox_obs_cpu *cpu = cpu_of(here);
	s32 leaves = prev->pid, enters = next->pid;

	if (leaves)
		leave(cpu, prev, leaves, preempt, now);
	cpu->current_slot = COX_OBS_NOBODY;
	cpu->interrupts = 0;
	if (enters) {
		u32 slot = enter(next, enters, here, now);

		cpu->current_since_ns = now;
		cpu->current_slot = slot;
	}
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(observe_waking, struct task_struct *p)
{
	struct cox_obs_cpu *cpu = this_cpu();
	struct place place = place_of(p, p->pid, true);
	struct cox_obs_task *task = place.task;

	if (!task)
		return 0;
	task->waking_ns = bpf_ktime_get_ns();
	task->wakeups++;
	/* Whom a timer or a device interrupts has nothing to do with it; nor has an idle CPU. */
	task->waker = cpu->interrupts || cpu->current_slot == COX_OBS_NOBODY ? COX_OBS_IRQ : cpu->current_slot;
	return 0;
}

/* A new task was never asleep. */
SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(observe_new, struct task_struct *p)
{
	s32 pid = p->pid;
	struct place place = place_of(p, pid, true);
	struct cox_obs_task *task = place.task;

	/* A thread that starts a program takes the number of the first one, so that nobody tells of the end of its old number. */
	if (task && task->start_time_ns != p->start_boottime) {
		task->pid = -pid;
		this_cpu()->ended++;
		place = place_of(p, pid, true);
		task = place.task;
	}
	if (!task)
		return 0;
	/* To start somebody is not to wake him: waker stays nobody. */
	task->waking_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(observe_name, struct task_struct *p, const char *name)
{
	struct place place = place_of(p, p->pid, false);
	struct cox_obs_task *task = place.task;

	if (task)
		bpf_probe_read_kernel_str(task->comm, sizeof(task->comm), name);
	return 0;
}

static __always_inline int interrupt_begins(void)
{
	this_cpu()->interrupts++;
	return 0;
}

static __always_inline int interrupt_ends(void)
{
	struct cox_obs_cpu *cpu = this_cpu();

	/* The first one may have begun before this was attached. */
	if (cpu->interrupts)
		cpu->interrupts--;
	return 0;
}

/*
 * Timers and devices. What the network does on behalf of a task that sends to this machine counts as the task's, so other
 * soft interrupts are not told apart from whom they run on. The ends come first: they are attached in this order.
 */
SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(observe_hrtimer_end)
{
	return interrupt_ends();
}

SEC("tp_btf/timer_expire_exit")
int BPF_PROG(observe_timer_end)
{
	return interrupt_ends();
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(observe_irq_end)
{
	return interrupt_ends();
}

SEC("tp_btf/hrtimer_expire_entry")
int BPF_PROG(observe_hrtimer)
{
	return interrupt_begins();
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(observe_timer)
{
	return interrupt_begins();
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(observe_irq)
{
	return interrupt_begins();
}
