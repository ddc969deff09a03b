namespace Coxswain.Core.Kernel;

/// <summary>What can be changed while a scheduler runs, without detaching it. Holds for later starts too. Thread-safe.</summary>
public interface ISchedulerSettings
{
    /// <summary>Changes when user space is asked.</summary>
    void SetMode(AskingMode mode);

    /// <summary>Changes how long a parked task waits for a verdict. In mode strict it is always the longest lease.</summary>
    /// <param name="leaseNs">0 to <see cref="SchedulerOptions.LeaseMaxNs"/>, ns.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    void SetLease(long leaseNs);

    /// <summary>Changes the longest slice, which is divided by the number of waiting tasks.</summary>
    /// <param name="sliceNs">1 to 100 ms, in ns, and not below the shortest slice.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    void SetSlice(long sliceNs);

    /// <summary>Changes the policy. While they change over, the kernel side orders tasks.</summary>
    /// <param name="policy">One of <see cref="Policies.PolicyNames.All"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    void SetPolicy(string policy);
}
