/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Everything that crosses the border between the BPF scheduler and C#.
 * The C# mirrors are in src/Core/Kernel/Wire; a test compares size and offsets
 * of each with the BTF of the built object. Times are CLOCK_MONOTONIC ns.
 */
#pragma once

#define COX_MAX_CPUS 1024
#define COX_BATCH_MAX 256
#define COX_COMM_LEN 16
#define COX_CPU_ANY (-1)
#define COX_CLASSES 6 /* of enum cox_class; 0 stands for the system: kernel threads and our own */
#define COX_CPU_WORDS 16 /* of 64 CPUs each */
#define COX_MAX_LLCS 128
#define COX_MAX_CPU_SETS 128
#define COX_MAX_HOMES 256 /* LLCs, then CPU sets; set 0 is none */
#define COX_MAX_LOOPS 16

/* One meaning in every mode; the order is the order of urgency. */
enum cox_class {
	COX_CLASS_UNSET = 0,
	COX_CLASS_BACKGROUND = 1,
	COX_CLASS_LOW = 2,
	COX_CLASS_NORMAL = 3,
	COX_CLASS_HIGH = 4,
	COX_CLASS_LATENCY_CRITICAL = 5,
};

/* What the scheduler finds. */
enum cox_mode {
	COX_MODE_ASSIST = 0,     /* user space answers in time */
	COX_MODE_AUTONOMOUS = 1, /* it does not: the kernel side runs alone */
};

/* Why that changed. */
enum cox_mode_reason {
	COX_REASON_NONE = 0,
	COX_REASON_UNREAD = 1, /* notices stayed unread for too long */
	COX_REASON_BEATS = 2,  /* user space reads them again */
};

/* What the operator wants. */
enum cox_asking {
	COX_ASKING_ASSIST = 0, /* ask user space where its answer can change something */
	COX_ASKING_KERNEL = 1, /* never ask */
	COX_ASKING_STRICT = 2, /* ask for every task, also when a CPU is idle */
};

/* Kernel to user: this task is parked. */
struct cox_notice {
	__u64 generation;
	__u64 start_time_ns; /* boot time of the task's creation: its identity with pid */
	__u64 parked_ns;
	__u64 vtime;
	__u64 cgroup_id;
	__u64 run_ns;   /* CPU time since it last woke */
	__u64 burst_ns; /* what of it is in vtime */
	__u64 slice_ns; /* of its directive; 0: none */
	__s32 pid;
	__s32 tgid;
	__s32 cpu; /* where it ran last */
	__u32 weight;
	__u32 class;
	__u32 nr_cpus_allowed;
	char comm[COX_COMM_LEN];
};

/* User to kernel: run it there, then, this long. */
struct cox_verdict {
	__u64 generation;
	__u64 start_time_ns;
	__u64 slice_ns;
	__u64 vtime;
	__s32 pid;
	__s32 cpu; /* COX_CPU_ANY: the shared run queue */
};

/* Argument of the syscall program that applies a batch. */
struct cox_batch {
	__u32 count;
	__u32 applied;
	__u32 loop; /* whose verdicts */
	__u32 reserved;
};

/* The effective parameters of one task, compiled from the intents that match it. */
struct cox_directive {
	__u64 slice_ns; /* 0: unset */
	__u64 slice_expires_ns;
	__u64 class_expires_ns;
	__u64 budget_ns; /* CPU time per COX_BUDGET_WINDOW_NS as an upper class; 0: the default; holds as long as the class */
	__u64 cpus_expires_ns;
	__u64 generation;
	__u32 class;
	__u32 class_intent;
	__u32 slice_intent;
	__u32 cpus_intent;
	__u32 cpu_set; /* its home is COX_MAX_LLCS + this; 0: none */
	__u32 reserved;
};

enum cox_home_kind {
	COX_HOME_FREE = 0,
	COX_HOME_LLC = 1,  /* CPUs that share a last-level cache */
	COX_HOME_SOFT = 2, /* CPU set: preferred; a CPU outside takes from it when it has nothing else to do */
	COX_HOME_HARD = 3, /* CPU set: only these */
};

/* A group of CPUs with queues of its own. User space writes it before it is used, but for what is said to be BPF's. */
struct cox_home {
	__u64 cpus[COX_CPU_WORDS];
	__u64 background_served_ns; /* BPF's */
	__u32 kind;                 /* enum cox_home_kind */
	__s32 node;                 /* NUMA node of an LLC */
	__u32 nr_online;            /* BPF's: its CPUs that are online */
	__u32 has_queues;           /* BPF's */
	__u32 loop;                 /* which dispatch loop is told of its tasks */
	__u32 reserved;
};

/* Argument of the syscall program that makes a CPU set's queues. */
struct cox_define_set {
	__u32 cpu_set;
	__s32 error; /* out: 0, or a negative errno */
};

#define COX_BUDGET_WINDOW_NS 100000000

/* Written by user space, read by BPF. */
struct cox_control {
	__u64 directive_generation; /* differs from a task's copy: look its directive up again */
	__u64 lease_ns;
	__u64 stale_ns;
	__u64 slice_max_ns;
	__u64 slice_min_ns;
	__u32 asking; /* enum cox_asking */
	__u32 nr_cgroup_directives; /* 0: no need to look for one */
	__u32 nr_cpu_sets; /* largest number of one that was defined; 0: no need to look for one */
	__u32 reserved;
};

/* A dispatch loop and the kernel side watch each other. A cache line for each writer. */
struct cox_loop {
	/* written by user space */
	__u64 heartbeat_ns; /* all notices submitted before this time have been read */
	__u64 heartbeat_count;
	__u32 sleeping; /* 1: wake me with the next notice; BPF takes it back to 0 */
	__u32 reserved;
	__u64 user_line[5];
	/* written by BPF */
	__u64 unseen_ns; /* time of the oldest notice that user space has not read */
	__u64 beat_mark; /* heartbeat_count when autonomous mode began */
	__u64 mode_since_ns;
	__u32 mode; /* enum cox_mode */
	__s32 tid;  /* who applies its verdicts */
	__u64 kernel_line[4];
};

/* Time from notice to applied verdict: bucket 4n + m holds (4 + m) * 2^(n - 2) us and more. */
#define COX_ROUND_TRIP_BUCKETS 96

/* The last ones are kept. */
#define COX_MODE_CHANGES 8

struct cox_mode_change {
	__u64 at_ns;
	__u32 mode;   /* enum cox_mode: since then */
	__u32 reason; /* enum cox_mode_reason */
	__u32 loop;
	__u32 reserved;
};

/* Written by BPF, read by user space. */
struct cox_state {
	__u64 vtime_now;
	__u64 nr_autonomous; /* times that a loop went from assist to autonomous */
	__u64 nr_assist;     /* times that one came back */
	__u32 nr_alone;      /* loops that are autonomous now */
	__u32 branch_insert; /* chosen kfunc generation, 1 is the oldest; 0: not initialised */
	__u32 branch_insert_vtime;
	__u32 branch_move_to_local;
	__u32 branch_move;
	__u32 nr_orphaned_cpus; /* CPUs gone offline whose queues others still look into */
	__u64 nr_overdue_kicks; /* strict mode: idle CPUs woken for a task whose lease was over */
	__u64 oldest_since_ns; /* who has waited longest, when the timer last looked; 0: nobody waited */
	__s32 oldest_pid;
	__u32 nr_groups_lost; /* cgroups that count as their parents do, as there are too many */
	char oldest_comm[COX_COMM_LEN];
	__u64 nr_mode_changes;
	struct cox_mode_change mode_changes[COX_MODE_CHANGES]; /* number n is in n modulo their number */
	__u64 round_trip[COX_ROUND_TRIP_BUCKETS];
};

enum cox_cpu_online {
	COX_CPU_NEVER = 0,
	COX_CPU_ONLINE = 1,
	COX_CPU_GONE = 2, /* was online: tasks may still be in its queues */
};

/* What running_class says beside enum cox_class. */
#define COX_RUNNING_OTHER 0	/* idle, or another scheduling class */
#define COX_RUNNING_SYSTEM 6	/* a kernel thread or our own process: never preempted */

/* One per CPU, written only by that CPU except where said. */
struct cox_cpu {
	/* what it is doing */
	__u64 running_since_ns;
	__u64 upper_run_ns; /* how much longer latency_critical ran here than the others, at least 0 */
	__u64 preempt_window_ns; /* start of the window that preempts_in_window counts in; any CPU writes both */
	__u64 own_window_ns;
	__u64 dispatcher_run_ns; /* the thread that runs the dispatch loop, in that window */
	__u64 own_run_ns; /* what the other threads of our process ran beyond their budget of all windows until then */
	__s32 running_pid;
	__u32 running_class; /* 0: idle or another scheduling class */
	__u32 online; /* enum cox_cpu_online */
	__u32 dispatch_sequence;
	__u32 preempts_in_window;
	__s32 preempted_pid; /* whom we preempted: it resumes with the rest of its slice */
	__u32 llc; /* the home of its LLC; user space writes it before attaching */
	__u32 sets_next; /* a bit for each kind of queue: those of its CPU sets come before that of its LLC */
	/* every way that a task can take, counted */
	__u64 nr_idle_local;  /* select_cpu found an idle CPU */
	__u64 nr_own;         /* our own threads, queued */
	__u64 nr_kernel;      /* kernel threads */
	__u64 nr_pinned;      /* bound to one CPU */
	__u64 nr_resumed;     /* preempted with slice left */
	__u64 nr_latency;     /* latency_critical, queued on a CPU */
	__u64 nr_background;
	__u64 nr_parked;      /* = moved + taken + gone, when none is parked */
	__u64 nr_unasked;     /* nobody else was waiting, or the task is ending: run queue without a notice */
	__u64 nr_ring_full;   /* notice lost: run queue */
	__u64 nr_autonomous;  /* run queue, as user space does not answer */
	__u64 nr_fallback;    /* no task context: global queue */
	__u64 nr_moved;       /* parked task moved by a verdict */
	__u64 nr_taken;       /* parked task taken by the kernel side */
	__u64 nr_gone;        /* parked task left otherwise: slept, died, changed */
	__u64 nr_verdicts;    /* = moved + moved_late + the refused ones */
	__u64 nr_refused_gone;  /* no such task */
	__u64 nr_refused_stale; /* other generation or start time */
	__u64 nr_refused_slice;
	__u64 nr_refused_cpu;
	__u64 nr_refused_left; /* left PARK while the verdict was on its way */
	__u64 nr_preempted;    /* preemptions asked for */
	__u64 nr_stolen;       /* taken from another CPU's queue */
	__u64 nr_kept;         /* previous task went on */
	__u64 run_ns;
	__u64 wait_ns;
	__u64 nr_waits;
	__u64 nr_moved_late; /* moved, but counted as taken or gone: it ran before the verdict could be counted */
	__u64 nr_over_budget; /* upper-class tasks that fell to normal until their budget refills */
	__u64 nr_kernel_order; /* run queue, as the operator wants no asking */
	__u64 nr_aged;         /* waited too long in the order of its queue: put before it */
	__u64 nr_continued;    /* slice over, and the next one all the same: goes on */
	__u64 nr_set;          /* queued in its CPU set */
	__u64 nr_set_unusable; /* no online CPU of its set is one that it may run on: as without a set */
	__u64 nr_llc_stolen;   /* taken from another LLC by a CPU that had nothing else to do */
	__u64 nr_llc_balanced; /* taken from another LLC whose tasks were behind */
	__u64 class_run_ns[COX_CLASSES];
	__u64 class_wait_ns[COX_CLASSES];
	__u64 class_waits[COX_CLASSES];
	__u64 class_births[COX_CLASSES]; /* tasks that ran for the first time, by the class that they had then */
	__u64 nr_rcu_reader;   /* lost its CPU while the kernel waits for it: goes before all who wait */
	__u64 nr_throttled;    /* waits, as a cpu.max above it is used up */
	__u64 nr_throttle_waived; /* went on all the same: it had waited for too long */
	__u64 throttled_ns;
	__u8 set_served[8];    /* by kind of queue: the CPU set that was served last */
	__u64 running_key;     /* the running task's place in a queue, as it was when it started */
	__u32 claimed;         /* somebody with a better place woke up: the slice ends with the next tick */
	__u32 reserved;
	__u64 slice_ends_ns; /* of the running task; the kernel looks only with each tick */
};

#define COX_EXIT_REASON_LEN 128
#define COX_EXIT_MESSAGE_LEN 1024
#define COX_EXIT_DUMP_LEN 65536

/* Why the kernel, or we, ended the scheduler. */
struct cox_exit {
	__s64 code;
	__s32 kind; /* 0: none yet */
	__u32 reserved;
	char reason[COX_EXIT_REASON_LEN];
	char message[COX_EXIT_MESSAGE_LEN];
	char dump[COX_EXIT_DUMP_LEN];
};
