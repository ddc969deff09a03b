using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Mcp.Metrics;
using Xunit;

namespace Coxswain.Mcp.Tests.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Whatever_a_pod_is_called_stays_inside_its_label()
    {
        var family = MetricFamily.Of(new MetricDefinition("x_total", MetricKind.Counter, "What\nit \\ is."), 1.5, ("pod", "a\"} 9\n\\b"));
        Assert.Equal("# HELP x_total What\\nit \\\\ is.\n# TYPE x_total counter\nx_total{pod=\"a\\\"} 9\\n\\\\b\"} 1.5\n", PrometheusText.Write([family]));
    }

    [Fact]
    public void A_distribution_has_all_below_each_bound_and_all_at_the_end()
    {
        var metrics = new ObservedMetrics { Waits = 3, WaitNs = 30_000_003_000 };
        metrics.AddBucket(WaitBuckets.Of(1_000), 1);
        metrics.AddBucket(WaitBuckets.Of(2_000), 1);
        metrics.AddBucket(WaitBuckets.Of(30_000_000_000), 1);
        var text = PrometheusText.Write([WorkloadMetrics.Of("node", "", [([], metrics)]).Last()]);
        Assert.Contains("_bucket{le=\"1.024E-06\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"2.048E-06\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"4.294967296\"} 2\n", text, StringComparison.Ordinal);
        Assert.EndsWith("_bucket{le=\"+Inf\"} 3\ncoxswain_node_wait_seconds_sum 30.000003\ncoxswain_node_wait_seconds_count 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_value_is_left_out() =>
        Assert.Equal("", PrometheusText.Write([new MetricFamily(new MetricDefinition("x", MetricKind.Gauge, "X."), [])]));

    [Fact]
    public void Every_counter_of_the_core_is_told()
    {
        var value = 1_000_000_000L;
        var counters = SchedulerCounters.Names.ToDictionary(name => name, _ => value++);
        var told = SchedulerMetrics.Of(new SchedulerSnapshot { Attached = true, KernelState = "enabled", KernelRelease = "x", Cpus = 1, Counters = counters })
            .Where(family => family.Definition.Kind == MetricKind.Counter).SelectMany(family => family.Samples).Select(sample => sample.Value).ToHashSet();
        Assert.All(counters, counter => Assert.True(told.Contains(counter.Value) || told.Contains(counter.Value / 1e9), counter.Key));
    }

    [Fact]
    public void No_counter_lacks_a_description() => Assert.DoesNotContain(
        SchedulerMetrics.Of(new SchedulerSnapshot { Attached = false, KernelState = "", KernelRelease = "", Cpus = 1 }),
        family => family.Definition.Help.Contains("The scheduler's counter", StringComparison.Ordinal));

    [Theory]
    [InlineData("coxswain_pod_cpu_seconds_total", "coxswain.pod.cpu_time", "s")]
    [InlineData("coxswain_scheduler_attached", "coxswain.scheduler.attached", "")]
    [InlineData("coxswain_scheduler_loop_allocated_bytes_total", "coxswain.scheduler.loop_allocated_bytes", "By")]
    public void OpenTelemetry_has_names_of_its_own(string name, string telemetry, string unit)
    {
        var definition = new MetricDefinition(name, MetricKind.Counter, "");
        Assert.Equal((telemetry, unit), (definition.TelemetryName, definition.Unit));
    }
}
