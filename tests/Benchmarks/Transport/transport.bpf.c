// SPDX-License-Identifier: GPL-2.0
/*
 * What crosses the border, without a scheduler: notices through a ring buffer,
 * verdicts through an array in shared memory or through a user ring buffer.
 * Needs no sched_ext; any kernel from 6.1 on. The work per verdict is the same in both.
 */
#include "../../../bpf/kernel.h"
#include <bpf/bpf_helpers.h>
#include "../../../bpf/wire.h"

#define BPF_MAP_TYPE_USER_RINGBUF 31

char _license[] SEC("license") = "GPL";

struct cox_verdict verdicts[COX_BATCH_MAX] SEC(".bss.verdicts");
__u64 sum SEC(".bss.sum");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} notices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 1 << 18);
} answers SEC(".maps");

static __always_inline void use(const struct cox_verdict *v)
{
	sum += v->generation + v->start_time_ns + v->slice_ns + v->vtime + v->pid + v->cpu;
}

SEC("syscall")
int send_notices(struct cox_batch *batch)
{
	__u32 nr = batch->count, sent = 0, i;

	for (i = 0; i < COX_BATCH_MAX && i < nr; i++) {
		struct cox_notice *n;

		n = bpf_ringbuf_reserve(&notices, sizeof(*n), 0);
		if (!n)
			break;
		__builtin_memset(n, 0, sizeof(*n));
		n->generation = i;
		n->pid = i;
		bpf_ringbuf_submit(n, BPF_RB_NO_WAKEUP);
		sent++;
	}
	batch->applied = sent;
	return 0;
}

SEC("syscall")
int take_from_array(struct cox_batch *batch)
{
	__u32 nr = batch->count, i;

	for (i = 0; i < COX_BATCH_MAX && i < nr; i++) {
		struct cox_verdict v;

		v = verdicts[i & (COX_BATCH_MAX - 1)];
		use(&v);
	}
	batch->applied = nr;
	return 0;
}

static long take_sample(struct bpf_dynptr *sample, void *context)
{
	struct cox_verdict v;

	if (!bpf_dynptr_read(&v, sizeof(v), sample, 0, 0))
		use(&v);
	return 0;
}

SEC("syscall")
int take_from_ring(struct cox_batch *batch)
{
	batch->applied = bpf_user_ringbuf_drain(&answers, take_sample, 0, 0);
	return 0;
}
