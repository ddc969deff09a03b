// Everything that the server offers, and how each of it is asked for on the made-up machine.

/** Name of the change that a call may refer to, in its arguments; it is the one that prioritize_pods made. */
export const CHANGE = 'CHANGE';

const inKernel = { visible_in_kernel: true, change_id: /^chg_/ };

/** Calls of all tools but `experiment`, in an order in which each finds what it needs: name, arguments, what has to be in the result. */
export const toolCalls = [
    ['get_status', {}, { attached: true, mode: 'assist', policy: 'deadline' }],
    ['get_topology', {}, { cpus_online: 32 }],
    ['list_pods', { namespace: 'free5gc', sort_by: 'name', response_format: 'detailed' }, { total: 11 }],
    ['list_tasks', { command: '^nr-', sort_by: 'pid', response_format: 'detailed' }, { total: 3 }],
    ['explain_task', { pid: 544 }, { pid: 544, command: 'kubelet', protected: /./ }],
    ['get_metrics', { scope: 'pod', name: 'free5gc/', window_seconds: 1 }, { samples: count => count > 0 }],
    ['find_dependencies', { scope: 'pod', name: 'ueransim/ue-0', window_seconds: 1 }, { chain: links => links.length > 0 }],
    ['dry_run', { class: 'high', namespace: 'free5gc', label_selector: 'app=upf' }, { plan_id: /./, pods_total: 2 }],
    ['prioritize_pods', { class: 'latency_critical', namespace: 'free5gc', label_selector: 'app=upf', ttl_seconds: 600, reason: 'all of it' }, { ...inKernel, pods_total: 2 }],
    ['prioritize_tasks', { class: 'high', command: '^nr-gnb$', ttl_seconds: 60 }, { ...inKernel, applied: 1 }],
    ['set_timeslice', { slice_us: 2000, namespace: 'web', pods: ['frontend-0'] }, { ...inKernel, applied: 4 }],
    ['set_affinity', { cpus: '4-7', hard: false, namespace: 'data', pods: ['redis-0'] }, { ...inKernel, applied: 5 }],
    ['apply_strategies', { strategies: { default: [{ priority: true, selectors: [{ key: 'app', value: 'smf' }] }] } }, { applied: 1, refused: 0 }],
    ['extend', { change_id: CHANGE, ttl_seconds: 1200 }, { change_id: /^chg_/, ttl_seconds: 1200 }],
    ['list_changes', { response_format: 'detailed' }, { changes: Array.isArray }],
    ['revert', { all: true }, { remaining_active: 0, gone_from_kernel: true }],
    ['set_policy', { policy: 'fifo' }, { after: { policy: 'fifo' } }],
    ['set_policy', { policy: 'deadline' }, { after: { policy: 'deadline' } }],
    ['set_mode', { mode: 'kernel' }, { after: { mode: 'kernel' } }],
    ['set_mode', { mode: 'assist' }, { after: { mode: 'assist' } }],
    ['stop_scheduler', {}, { after: { attached: false } }],
    ['start_scheduler', {}, { after: { attached: true } }],
];

/** The shortest experiment; it takes its periods by the clock. */
export const experiment = ['run_experiment', { intent: { slice_us: 2000, namespace: 'free5gc', pods: ['smf-0'] }, metric: 'cpu_pct', periods: 12, period_seconds: 3 }, { periods: 12, outcome: /./ }];

/** URIs of the resources, sorted by name as the list is. */
export const resources = ['audit', 'changes', 'exit', 'latency', 'status', 'topology'].map(name => `coxswain://${name}`);

/** The template, and one that fits it. */
export const template = { uriTemplate: 'coxswain://pods/{namespace}/{name}', uri: 'coxswain://pods/free5gc/upf-0' };

/** Arguments of each prompt, sorted by its name as the list is. */
export const prompts = {
    calm_noisy_neighbour: { victim: 'free5gc/upf-0' },
    diagnose_latency: { namespace: 'free5gc', pod: 'upf-0' },
    explain_scheduler: {},
    handover_report: {},
    incident_rollback: {},
    low_latency_window: { namespace: 'free5gc', selector: 'app=upf' },
    protect_user_plane: { namespace: 'free5gc' },
    try_and_keep: { target: 'smf', change: 'slices' },
};
