using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.State;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What the program as a whole does with a state file: saves it, leaves it at its end, and reads it at its start.</summary>
public sealed class StateTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cox-state-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeMachine _machine;

    public StateTests()
    {
        _machine = new FakeMachine(_time);
        _machine.Start(10, "upf", "rx");
    }

    private string FilePath => Path.Combine(_directory, "state.json");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Changes_return_after_a_restart_only_where_that_is_wanted(bool restores)
    {
        await using (var first = await StartAsync(restores))
        {
            first.Apply();
            Assert.Contains("\"class\":\"High\"", await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await using var second = await StartAsync(restores);
        Assert.Equal(restores ? 1 : 0, second.Intents.ActiveCount);
        Assert.Equal(restores ? SchedulingClass.High : null, second.Kernel.Of(11)?.Class);
        Assert.Equal(restores ? 1 : null, second.Store.Result?.Restored.Count);
    }

    [Fact]
    public async Task A_program_that_is_killed_leaves_what_was_in_force()
    {
        await using (var first = await StartAsync(restores: true))
        {
            first.Apply();
            File.Copy(FilePath, FilePath + ".copy");
        }

        File.Move(FilePath + ".copy", FilePath, overwrite: true);
        await using var second = await StartAsync(restores: true);
        Assert.Equal(1, second.Intents.ActiveCount);
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_moved_aside_and_the_program_serves()
    {
        await File.WriteAllTextAsync(FilePath, "{\"version\":1,", TestContext.Current.CancellationToken);
        await using var run = await StartAsync(restores: true);
        run.Apply();
        Assert.True(File.Exists(FilePath + ".bad"));
        Assert.Contains(run.Log.Messages, line => line.Contains("is damaged; nothing is restored from it", StringComparison.Ordinal));
        Assert.NotNull(new StateFile(FilePath).Read().State);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_told_in_status_and_log_and_changes_hold()
    {
        Directory.CreateDirectory(FilePath + ".new");
        await using var run = await StartAsync(restores: false);
        run.Apply();
        Assert.Equal(SchedulingClass.High, run.Kernel.Of(10)!.Value.Class);
        Assert.NotEqual("", run.Store.Problem);
        Assert.True(SpinWait.SpinUntil(
            () => run.Log.Messages.Any(line => line.Contains("The state cannot be saved", StringComparison.Ordinal)), TimeSpan.FromSeconds(30)));
    }

    private async Task<Run> StartAsync(bool restores)
    {
        var run = new Run(this, restores);
        foreach (var service in run.Services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        await run.Services.GetServices<IHostedService>().OfType<StateHost>().Single().Ready;
        return run;
    }

    /// <summary>The program without its protocol.</summary>
    private sealed class Run : IAsyncDisposable
    {
        public Run(StateTests test, bool restores)
        {
            Kernel = new FakeKernel(test._machine, test._time);
            Services = new ServiceCollection()
                .AddLogging(logging => logging.AddProvider(Log))
                .AddSingleton<TimeProvider>(test._time)
                .AddSingleton<ITaskSource>(test._machine)
                .AddSingleton(new AuditTrail(null, test._time))
                .AddSingleton(new ProtectedTasks(99))
                .AddSchedulerHost(provider => new SchedulerHost(Kernel, () => { }, () => Kernel.Eject("stopped"), provider.GetRequiredService<ILogger<SchedulerHost>>()))
                .AddControl(new Settings { StateFile = test.FilePath, RestoresState = restores })
                .BuildServiceProvider();
        }

        public ServiceProvider Services { get; }

        public FakeKernel Kernel { get; }

        public RecordedLog Log { get; } = new();

        public IntentService Intents => Services.GetRequiredService<IntentService>();

        public StateStore Store => Services.GetRequiredService<StateStore>();

        public void Apply() => Intents.Apply(new IntentRequest { Selector = Selector.OfPids([10]), Effect = IntentEffect.OfClass(SchedulingClass.High) });

        public async ValueTask DisposeAsync()
        {
            foreach (var service in Services.GetServices<IHostedService>().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }

            await Services.DisposeAsync();
        }
    }
}
