using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Cri;
using Coxswain.Mcp.Configuration;
using Xunit;

namespace Coxswain.Mcp.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("coxswain-settings-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string ConfigFile => Path.Combine(_directory, "config.toml");

    [Fact]
    public void Without_a_file_the_defaults_hold()
    {
        var settings = SettingsFile.Read(ConfigFile, required: false);
        Assert.Equal((OperatorLimits.Default, ""), (settings.Limits, settings.AuditFile));
        Assert.Equal(CriPodSource.DefaultPaths, settings.RuntimeSockets);
        Assert.Contains("there is no such file", Assert.Throws<SettingsException>(() => SettingsFile.Read(ConfigFile, required: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_setting_is_read()
    {
        var settings = Read("""
            # what this machine allows
            [limits]
            max_ttl_seconds = 3600
            max_active_changes = 20
            max_changes_per_minute = 10
            max_tasks_per_change = 500
            confirm_above_tasks = 100
            confirm_above_pods = 5
            max_upper_share_pct = 30
            max_upper_cpu_pct = 40
            min_unpinned_cpus = 2
            min_slice_us = 1_000
            max_slice_us = 20_000

            [protected]
            commands = ["vault", "fluent*"]
            may_raise = ["sshd"]

            [pods]
            runtime_sockets = ["/run/x.sock"]

            [kubernetes]
            kubeconfig = "/etc/kube"
            node = "worker-1"
            in_cluster = false

            [state]
            file = "/var/lib/coxswain/state.json"
            restore = true

            [audit]
            file = "/var/log/coxswain/audit.jsonl"

            [tools]
            read_only = true
            disable_destructive = true
            toolsets = ["observe", "control"]
            enabled = ["set_mode"]
            disabled = ["extend"]

            [tools.descriptions]
            revert = "Ask first."

            [prompts]
            directory = "/etc/coxswain/prompts"
            """);
        Assert.Equal(["sshd"], settings.RaisableCommands);
        Assert.Equal(new KubernetesSettings { Kubeconfig = "/etc/kube", Node = "worker-1", InCluster = false }, settings.Kubernetes);
        Assert.Equal(("/var/lib/coxswain/state.json", true), (settings.StateFile, settings.RestoresState));
        Assert.Equal(
            new OperatorLimits
            {
                MaxTtlSeconds = 3600,
                MaxActiveChanges = 20,
                MaxChangesPerMinute = 10,
                MaxTasksPerChange = 500,
                ConfirmAboveTasks = 100,
                ConfirmAbovePods = 5,
                MaxUpperSharePercent = 30,
                MaxUpperCpuPercent = 40,
                MinUnpinnedCpus = 2,
                MinSliceUs = 1000,
                MaxSliceUs = 20_000,
            },
            settings.Limits);
        var tools = settings.Tools;
        Assert.Equal((true, true, "observe control", "set_mode", "extend", "Ask first."), (
            tools.ReadOnly, tools.DisableDestructive, string.Join(' ', tools.Toolsets), Assert.Single(tools.Enabled), Assert.Single(tools.Disabled),
            tools.Descriptions["revert"]));
        Assert.Equal("/etc/coxswain/prompts", settings.PromptsDirectory);
        Assert.Equal(["vault", "fluent*"], settings.ProtectedCommands);
        Assert.Equal(["/run/x.sock"], settings.RuntimeSockets);
        Assert.Equal("/var/log/coxswain/audit.jsonl", settings.AuditFile);
    }

    [Fact]
    public void Later_files_replace_what_earlier_ones_say()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "conf.d"));
        File.WriteAllText(Path.Combine(_directory, "conf.d/20-site.toml"), "limits.max_ttl_seconds = 30");
        File.WriteAllText(Path.Combine(_directory, "conf.d/10-vendor.toml"), "[limits]\nmax_ttl_seconds = 20\nmax_active_changes = 3");
        var limits = Read("[limits]\nmax_ttl_seconds = 10\nconfirm_above_pods = 7").Limits;
        Assert.Equal((30, 3, 7), (limits.MaxTtlSeconds, limits.MaxActiveChanges, limits.ConfirmAbovePods));
    }

    [Theory]
    [InlineData("[limits]\nmax_ttl_second = 5", "line 2: unknown setting 'limits.max_ttl_second', did you mean 'limits.max_ttl_seconds'?")]
    [InlineData("nothing_like_it_at_all = 5", "line 1: unknown setting 'nothing_like_it_at_all'; known are limits.max_ttl_seconds")]
    [InlineData("[limits]\n\nmax_ttl_seconds = 0", "line 3: limits.max_ttl_seconds must be a whole number from 1 to 86400")]
    [InlineData("[limits]\nmax_ttl_seconds = \"5\"", "line 2: limits.max_ttl_seconds must be a whole number from 1 to 86400")]
    [InlineData("[limits]\nmax_upper_share_pct = 101", "must be a whole number from 1 to 100")]
    [InlineData("[protected]\ncommands = \"sshd\"", "protected.commands must be a list of at most 200 texts")]
    [InlineData("[protected]\ncommands = [5]", "protected.commands must be text in quotes")]
    [InlineData("[audit]\nfile = \"audit.jsonl\"", "audit.file must be an absolute path")]
    [InlineData("[limits]\nmin_slice_us = 5000\nmax_slice_us = 1000", "limits.min_slice_us is above limits.max_slice_us")]
    [InlineData("[tools]\nread_only = 1", "line 2: tools.read_only must be true or false")]
    [InlineData("[tools]\ntoolsets = [\"observer\"]", "tools.toolsets must be a list of observe, control, admin")]
    [InlineData("[tools]\nreadonly = true", "did you mean 'tools.read_only'?")]
    [InlineData("[prompts]\ndirectory = \"prompts\"", "prompts.directory must be an absolute path")]
    [InlineData("[state]\nrestore = true", "state.restore is true, but state.file is not set")]
    [InlineData("[state]\nrestore = 1", "line 2: state.restore must be true or false")]
    [InlineData("[kubernetes]\nkubeconfig = \"~/.kube/config\"", "line 2: kubernetes.kubeconfig must be an absolute path")]
    [InlineData("[limits", "config.toml")]
    public void What_cannot_be_used_is_told_with_its_place(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<SettingsException>(() => Read(text)).Message, StringComparison.Ordinal);

    private Settings Read(string text)
    {
        File.WriteAllText(ConfigFile, text);
        return SettingsFile.Read(ConfigFile, required: true);
    }
}
