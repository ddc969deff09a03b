using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Core.Safety;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;
using Coxswain.Core.Workloads.Pods;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents.Experiments;

/// <summary>Experiments with a service that shares two CPUs with batch work, on the simulated kernel: what helps is found to help, and chance is not.</summary>
public sealed class SimulatedExperimentTests
{
    private const int Runs = 20;

    [Fact]
    public async Task What_helps_is_found_to_help_each_time()
    {
        var results = await RunAllAsync("^web$", SchedulingClass.LatencyCritical);
        Assert.All(results, result => Assert.Equal(ComparisonVerdict.Better, result.Effect!.Verdict));
        Assert.All(results, result => Assert.Equal(ExperimentOutcome.Kept, result.Outcome));
        Assert.All(results, result => Assert.InRange(result.Effect!.DifferenceHigh!.Value, -1, -0.2));
    }

    [Fact]
    public async Task What_does_nothing_is_found_better_once_in_twenty_times_at_most()
    {
        var results = await RunAllAsync("^web$", SchedulingClass.Normal);
        Assert.InRange(results.Count(result => result.Effect!.Verdict == ComparisonVerdict.Better), 0, 1);
        Assert.Equal(results.Count(result => result.Effect!.Verdict == ComparisonVerdict.Better), results.Count(result => result.Outcome == ExperimentOutcome.Kept));
        Assert.All(results, result => Assert.False(result.Effect!.TooFewSamples));
    }

    [Fact]
    public async Task What_hurts_is_found_to_hurt_each_time_and_is_not_kept()
    {
        var results = await RunAllAsync("^web$", SchedulingClass.Background);
        Assert.All(results, result => Assert.Equal((ComparisonVerdict.Worse, ExperimentOutcome.Reverted), (result.Effect!.Verdict, result.Outcome)));
    }

    [Fact]
    public async Task What_it_costs_those_named_is_told_beside_what_it_gives_the_workload()
    {
        var result = await RunAsync(1, "^batch$", SchedulingClass.Background, workload: "^other$", measure: ObservedMeasure.Cpu);
        Assert.Equal(ComparisonVerdict.Better, result.Effect!.Verdict);
        Assert.Equal(ComparisonVerdict.Worse, result.NamedCpu!.Verdict);
    }

    private static async Task<List<ExperimentResult>> RunAllAsync(string command, SchedulingClass schedulingClass)
    {
        List<ExperimentResult> results = [];
        for (var seed = 0; seed < Runs; seed++)
        {
            results.Add(await RunAsync(seed, command, schedulingClass));
        }

        return results;
    }

    // Off the test's own context: what waits for the clock then goes on as part of its step.
    private static Task<ExperimentResult> RunAsync(
        int seed, string command, SchedulingClass schedulingClass, string? workload = null, ObservedMeasure measure = ObservedMeasure.WaitP99) => Task.Run(() =>
        {
            var time = new FakeTimeProvider();
            using var node = new SimulatedNode(new SimulationOptions { Cpus = 2, Seed = seed }, time);
            node.Scheduler.Start();
            for (var i = 0; i < 3; i++)
            {
                node.Start(new TaskSpec { Comm = "web", Behaviour = Behaviours.RunAndSleep(1_000_000, 20_000_000) }, "/web");
                node.Start(new TaskSpec { Comm = i == 0 ? "batch" : "other", Behaviour = Behaviours.RunAndSleep(15_000_000, 4_000_000) }, "/batch");
            }

            node.Start(new TaskSpec { Comm = "batch", Behaviour = Behaviours.Spin() }, "/batch");
            using var observer = new Observer(() => new SimulatedObserverPort(node), node, time);
            var pods = new PodRegistry(null, time);
            using var intents = new IntentService(node.Scheduler, node, new ProtectedTasks(1), time, pods: pods);
            var running = new ExperimentService(intents, observer, pods, node, time).RunAsync(
                new ExperimentRequest
                {
                    Intent = new IntentRequest { Selector = Selector.OfCommand(command), Effect = IntentEffect.OfClass(schedulingClass), Author = "test" },
                    Workload = workload is null ? null : Selector.OfCommand(workload),
                    Design = new ExperimentDesign { Measure = measure, Seed = seed },
                    KeepIfBetterPercent = 20,
                },
                null, TestContext.Current.CancellationToken);
            while (!running.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
            }

            Assert.Equal(running.Result.Outcome == ExperimentOutcome.Kept ? 1 : 0, intents.ActiveCount);
            return running;
        });
}
