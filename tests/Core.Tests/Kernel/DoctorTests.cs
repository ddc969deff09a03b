using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

/// <summary>Machines as the doctor may find them, as trees of files.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("coxswain-doctor-").FullName;

    public DoctorTests()
    {
        Write("proc/sys/kernel/osrelease", "6.18.15-amd64");
        Write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
        Write("proc/sys/net/core/bpf_jit_enable", "1");
        Write("sys/devices/system/cpu/isolated", "\n");
        Write("sys/kernel/sched_ext/state", "disabled");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_old_kernel_is_named_with_the_version_that_is_needed()
    {
        Write("proc/sys/kernel/osrelease", "6.1.0-28-cloud-amd64");
        DoctorCheck check = Check("kernel");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("6.12", check.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_kernel_built_without_sched_ext_is_told_apart_from_an_old_one()
    {
        DoctorCheck check = Check("sched_ext");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("CONFIG_SCHED_CLASS_EXT", check.Detail, StringComparison.Ordinal);
        Assert.Contains("backports", check.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_without_privileges_is_told_to_be_root()
    {
        Write("proc/self/status", "CapEff:\t0000000000000000\n");
        DoctorCheck check = Check("privileges");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("root", check.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_with_the_bpf_capabilities_is_enough()
    {
        Write("proc/sys/kernel/osrelease", "7.0.1-amd64");
        Write("proc/self/status", "CapEff:\t000000c000000000\n");
        Assert.Equal(DoctorStatus.Ok, Check("privileges").Status);
    }

    [Theory]
    [InlineData("6.18.15-amd64", "0", DoctorStatus.Failed)]
    [InlineData("6.18.15-amd64", "1", DoctorStatus.Ok)]
    [InlineData("7.0.1-amd64", "0", DoctorStatus.Ok)]
    public void A_process_that_may_not_be_real_time_is_told_where_it_has_to_be(string release, string limit, DoctorStatus expected)
    {
        Write("proc/sys/kernel/osrelease", release);
        Write("proc/self/status", "CapEff:\t000000c000000000\n");
        Write("proc/self/limits", $"Limit                     Soft Limit           Hard Limit           Units\nMax realtime priority     {limit}                    {limit}\n");
        DoctorCheck check = Check("privileges");
        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == DoctorStatus.Failed, check.Fix.Contains("CAP_SYS_NICE", StringComparison.Ordinal));
    }

    [Fact]
    public void A_jit_that_is_off_comes_with_the_command_that_turns_it_on()
    {
        Write("proc/sys/net/core/bpf_jit_enable", "0");
        DoctorCheck check = Check("bpf_jit");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("net.core.bpf_jit_enable=1", check.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Isolated_cpus_are_an_obstacle()
    {
        Write("sys/devices/system/cpu/isolated", "2-3");
        DoctorCheck check = Check("isolated_cpus");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("2-3", check.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Lockdown_in_confidentiality_mode_is_an_obstacle()
    {
        Write("sys/kernel/security/lockdown", "none integrity [confidentiality]");
        Assert.Equal(DoctorStatus.Failed, Check("lockdown").Status);
        Write("sys/kernel/security/lockdown", "none [integrity] confidentiality");
        Assert.Equal(DoctorStatus.Ok, Check("lockdown").Status);
    }

    [Fact]
    public void Another_scheduler_is_named_without_its_control_characters()
    {
        Write("sys/kernel/sched_ext/state", "enabled");
        Write("sys/kernel/sched_ext/root/ops", "la\u001b[31mvd");
        DoctorCheck check = Check("other_scheduler");
        Assert.Equal(DoctorStatus.Failed, check.Status);
        Assert.Contains("'la[31mvd'", check.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pid:[4026531836]", DoctorStatus.Ok)]
    [InlineData("pid:[4026532297]", DoctorStatus.Warning)]
    public void A_container_with_process_ids_of_its_own_is_warned_and_told_how_to_start(string target, DoctorStatus expected)
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc/self/ns"));
        File.CreateSymbolicLink(Path.Combine(_root, "proc/self/ns/pid"), target);
        DoctorCheck check = Check("pid_namespace");
        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == DoctorStatus.Warning, check.Fix.Contains("hostPID", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_failed_check_says_what_to_do()
    {
        Write("proc/sys/kernel/osrelease", "5.10.0");
        Write("proc/self/status", "CapEff:\t0\n");
        Write("proc/sys/net/core/bpf_jit_enable", "0");
        Write("sys/devices/system/cpu/isolated", "1");
        Write("sys/kernel/security/lockdown", "[confidentiality]");
        Write("sys/kernel/sched_ext/state", "enabled");
        IEnumerable<DoctorCheck> failed = new Doctor(_root).Examine().Checks.Where(c => c.Status == DoctorStatus.Failed);
        Assert.Equal(8, failed.Count());
        Assert.All(failed, c => Assert.NotEmpty(c.Fix));
    }

    [Theory]
    [InlineData("6.18.15+deb13-cloud-amd64", 6, 18)]
    [InlineData("7.3-rc1", 7, 3)]
    [InlineData("nonsense", 0, 0)]
    public void Releases_are_read_by_their_first_two_numbers(string release, int major, int minor) =>
        Assert.Equal(new Version(major, minor), KernelRelease.Parse(release));

    private DoctorCheck Check(string name) => new Doctor(_root).Examine().Checks.Single(c => c.Name == name);

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
