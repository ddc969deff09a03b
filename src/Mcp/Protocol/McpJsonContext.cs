using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Coxswain.Mcp.Results;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Protocol;

/// <summary>Every type that crosses a tool's border, known at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TaskClass))]
[JsonSerializable(typeof(TaskOrder))]
[JsonSerializable(typeof(PodOrder))]
[JsonSerializable(typeof(ResponseFormat))]
[JsonSerializable(typeof(OnConflict))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(StrategiesResult))]
[JsonSerializable(typeof(ObservedScopeName))]
[JsonSerializable(typeof(MetricName))]
[JsonSerializable(typeof(MetricsResult))]
[JsonSerializable(typeof(DependencyResult))]
[JsonSerializable(typeof(ExperimentToolResult))]
[JsonSerializable(typeof(PodListResult))]
[JsonSerializable(typeof(PodApplyResult))]
[JsonSerializable(typeof(DryRunResult))]
[JsonSerializable(typeof(ExplainResult))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(TaskListResult))]
[JsonSerializable(typeof(ApplyToolResult))]
[JsonSerializable(typeof(ChangeListResult))]
[JsonSerializable(typeof(RevertToolResult))]
[JsonSerializable(typeof(ModeName?))]
[JsonSerializable(typeof(PolicyName))]
[JsonSerializable(typeof(SchedulerToolResult))]
[JsonSerializable(typeof(ExtendToolResult))]
[JsonSerializable(typeof(TopologyResult))]
[JsonSerializable(typeof(PodDetails))]
[JsonSerializable(typeof(AuditDetails))]
[JsonSerializable(typeof(ExitDetails))]
[JsonSerializable(typeof(LatencyResult))]
internal sealed partial class McpJsonContext : JsonSerializerContext;
