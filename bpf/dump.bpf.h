/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's own dump of a scheduler (sysrq-D, or at an error) says of ours. */
#pragma once
#include "placement.bpf.h"

/* The format has to be writable memory, and every value is 64 bits wide. */
#define dump_line(text, values...)                                                  \
	({                                                                          \
		static char format[] = text;                                        \
		unsigned long long numbers[] = { values };                          \
		if (bpf_ksym_exists(scx_bpf_dump_bstr))                             \
			scx_bpf_dump_bstr(format, numbers, sizeof(numbers));        \
	})

SEC("struct_ops/dump")
void BPF_PROG(cox_dump, struct scx_dump_ctx *context)
{
	u64 now = bpf_ktime_get_ns();
	s32 home;
	u32 loop;

	dump_line("coxswain: asking %llu, directives' generation %llu\n", control.asking, control.directive_generation);
	bpf_for(loop, 0, nr_loops) {
		struct cox_loop *l = loop_at(loop);

		dump_line("loop %llu (thread %llu): mode %llu for %llu ms, heartbeat %llu ms ago\n", loop, (u64)l->tid, l->mode,
			  minus_to_zero(now, l->mode_since_ns) / NSEC_PER_MSEC, minus_to_zero(now, l->heartbeat_ns) / NSEC_PER_MSEC);
	}
	if (state.oldest_since_ns)
		dump_line("oldest waiting: pid %llu, %llu ms\n", (u64)state.oldest_pid,
			  minus_to_zero(now, state.oldest_since_ns) / NSEC_PER_MSEC);
	dump_line("dispatchers' queue: %llu; own threads': %llu; throttled: %llu\n", (u64)scx_bpf_dsq_nr_queued(DSQ_DISPATCHER),
		  (u64)scx_bpf_dsq_nr_queued(DSQ_OWN), (u64)scx_bpf_dsq_nr_queued(DSQ_THROTTLED));
	bpf_for(home, 0, COX_MAX_HOMES) {
		struct head parked;

		if (!home_at(home)->has_queues)
			continue;
		peek(DSQ_PARK(home), &parked);
		dump_line("home %llu (kind %llu, %llu CPUs, loop %llu): run %llu park %llu (first parked %llu ms ago) background %llu latency %llu aged %llu\n",
			  (u64)home, home_at(home)->kind, home_at(home)->nr_online, home_at(home)->loop,
			  (u64)scx_bpf_dsq_nr_queued(DSQ_RUN(home)), (u64)scx_bpf_dsq_nr_queued(DSQ_PARK(home)),
			  parked.parked_ns == ~0ULL ? 0 : minus_to_zero(now, parked.parked_ns) / NSEC_PER_MSEC,
			  (u64)scx_bpf_dsq_nr_queued(DSQ_BACKGROUND(home)),
			  (u64)scx_bpf_dsq_nr_queued(DSQ_LATENCY(home)), (u64)scx_bpf_dsq_nr_queued(DSQ_AGED(home)));
	}
}

SEC("struct_ops/dump_cpu")
void BPF_PROG(cox_dump_cpu, struct scx_dump_ctx *context, s32 cpu, bool idle)
{
	struct cox_cpu *c = cpu_of(cpu);

	if (idle && scx_bpf_dsq_nr_queued(DSQ_CPU(cpu)) <= 0)
		return;
	dump_line("coxswain: home %llu, class %llu, pid %llu, own queue %llu, lead of latency_critical %llu us\n", c->llc,
		  c->running_class, (u64)c->running_pid, (u64)scx_bpf_dsq_nr_queued(DSQ_CPU(cpu)), c->upper_run_ns / 1000);
}

SEC("struct_ops/dump_task")
void BPF_PROG(cox_dump_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	u64 now = bpf_ktime_get_ns();
	struct task_ctx *t = ctx_of(p);

	if (!t)
		return;
	dump_line("coxswain: class %llu, home %llu, group %llu, generation %llu, parked %llu, waits %llu us, throttled %llu us, vtime %llu of %llu us\n",
		  class_of(t, now), t->home, t->group, t->generation, t->parked,
		  t->runnable_ns ? minus_to_zero(now, t->runnable_ns) / 1000 : 0,
		  t->throttled_ns ? minus_to_zero(now, t->throttled_ns) / 1000 : 0, t->vtime / 1000, state.vtime_now / 1000);
}
