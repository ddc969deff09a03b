// SPDX-License-Identifier: GPL-2.0
/*
 * Tells user space which threads came, went, changed their name or their
 * cgroup, so that a process that comes to match an intent need not be looked
 * for. Independent of the scheduler: works on any kernel with BTF.
 */
#include "kernel.h"
#include "events.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

/* User space writes. */
struct cox_event_control event_control SEC(".bss.event_control");
/* BPF writes. */
struct cox_event_state event_state SEC(".bss.event_state");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, COX_EVENT_RING_BYTES);
} events SEC(".maps");

/* A function of its own, so that the type is in the object's BTF. */
static __noinline int fill(struct cox_task_event *e, struct task_struct *p, u32 kind)
{
	e->at_ns = bpf_ktime_get_ns();
	e->start_time_ns = p->start_boottime;
	e->pid = p->pid;
	e->tgid = p->tgid;
	e->kind = kind;
	e->reserved = 0;
	return 0;
}

static __always_inline int tell(struct task_struct *p, u32 kind)
{
	struct cox_task_event *e;

	if (!event_control.wanted || p->flags & PF_KTHREAD)
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&event_state.nr_lost, 1);
		return 0;
	}
	fill(e, p, kind);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(tell_fork, struct task_struct *parent, struct task_struct *child)
{
	return tell(child, COX_EVENT_FORK);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(tell_exec, struct task_struct *p)
{
	return tell(p, COX_EVENT_EXEC);
}

/* Before the name is changed; user space reads it later, and execve() renames too. */
SEC("tp_btf/task_rename")
int BPF_PROG(tell_rename, struct task_struct *p)
{
	return tell(p, COX_EVENT_RENAME);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(tell_exit, struct task_struct *p)
{
	return tell(p, COX_EVENT_EXIT);
}

/* `threadgroup`: the leader stands for all its threads. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(tell_move, struct cgroup *to, const char *path, struct task_struct *p, bool threadgroup)
{
	return tell(p, COX_EVENT_MOVE);
}
