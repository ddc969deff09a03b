/* SPDX-License-Identifier: Apache-2.0 */
/* The BPF objects, as bytes. libbpf wants them aligned. */
	.section .rodata
	.balign 16
	.globl scheduler_object_begin, scheduler_object_end
	.hidden scheduler_object_begin, scheduler_object_end
scheduler_object_begin:
	.incbin "scheduler.bpf.o"
scheduler_object_end:
	.byte 0
	.balign 16
	.globl events_object_begin, events_object_end
	.hidden events_object_begin, events_object_end
events_object_begin:
	.incbin "events.bpf.o"
events_object_end:
	.byte 0
	.balign 16
	.globl observer_object_begin, observer_object_end
	.hidden observer_object_begin, observer_object_end
observer_object_begin:
	.incbin "observer.bpf.o"
observer_object_end:
	.byte 0
	.section .note.GNU-stack, "", @progbits
