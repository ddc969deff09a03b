namespace Coxswain.Core.Workloads.Pods;

/// <summary>How a label expression compares; the meanings are kubectl's.</summary>
public enum LabelOperator
{
    /// <summary>The label exists and has one of the values: <c>=</c>, <c>==</c>, <c>in</c>.</summary>
    In,

    /// <summary>The label is absent, or has none of the values: <c>!=</c>, <c>notin</c>.</summary>
    NotIn,

    /// <summary>The label exists.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,
}
