namespace Coxswain.Core.Workloads.Pods;

/// <summary>One expression of a label selector.</summary>
/// <param name="Key">Key of the label.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">Ascending, each once; empty for the two operators about existence.</param>
public sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>Tells whether labels meet it.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var exists = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.In => exists && Values.Contains(value!),
            LabelOperator.NotIn => !exists || !Values.Contains(value!),
            LabelOperator.Exists => exists,
            _ => !exists,
        };
    }

    /// <summary>The expression in one spelling, whatever it was written as.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In => Values.Count == 1 ? $"{Key}={Values[0]}" : $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => Values.Count == 1 ? $"{Key}!={Values[0]}" : $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        _ => "!" + Key,
    };
}
