namespace Coxswain.Core.Workloads;

/// <summary>What to read of a thread beyond its identity; each costs one more file per thread.</summary>
[Flags]
public enum TaskDetails
{
    /// <summary>Identity, names, state and priority only.</summary>
    None = 0,

    /// <summary>CPU and waiting time in ns, from schedstat.</summary>
    Times = 1,

    /// <summary>The cgroup.</summary>
    Cgroup = 2,

    /// <summary>The user; one file per process.</summary>
    Owner = 4,

    /// <summary>The path of the program; one link per process.</summary>
    Executable = 8,

    /// <summary>The command line; one file per process. It may hold passwords: for matching only, never to be shown.</summary>
    CommandLine = 16,
}
