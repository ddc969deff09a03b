using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote.Top;

/// <summary>What a person has chosen to see, changed by keys.</summary>
internal sealed class TopState
{
    private const int MaxFilter = 60;
    private string _before = "";

    public TopView View { get; private set; }

    public TopOrder Order { get; private set; }

    /// <summary>Only rows whose name or pod contains this, whatever the case.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>The filter is being typed.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>First row shown.</summary>
    public int Offset { get; private set; }

    public bool IsOver { get; private set; }

    /// <summary>Takes a key.</summary>
    public void Press(ConsoleKeyInfo key)
    {
        if (IsTyping)
        {
            Type(key);
            return;
        }

        (View, Order, Offset, IsTyping, IsOver) = (key.KeyChar, key.Key) switch
        {
            ('q' or 'Q', _) => (View, Order, Offset, false, true),
            ('l', _) => (View, TopOrder.Latency, 0, false, false),
            ('u', _) => (View, TopOrder.Cpu, 0, false, false),
            ('c', _) => (View, TopOrder.Class, 0, false, false),
            ('n', _) => (View, TopOrder.Name, 0, false, false),
            ('p', _) => (TopView.Pods, Order, 0, false, false),
            ('t', _) => (TopView.Tasks, Order, 0, false, false),
            ('/', _) => (View, Order, 0, true, false),
            (_, ConsoleKey.Tab) => (View == TopView.Pods ? TopView.Tasks : TopView.Pods, Order, 0, false, false),
            (_, ConsoleKey.DownArrow) => (View, Order, Offset + 1, false, false),
            (_, ConsoleKey.UpArrow) => (View, Order, Math.Max(0, Offset - 1), false, false),
            (_, ConsoleKey.PageDown) => (View, Order, Offset + 10, false, false),
            (_, ConsoleKey.PageUp) => (View, Order, Math.Max(0, Offset - 10), false, false),
            _ => (View, Order, Offset, false, false),
        };
        _before = Filter;
    }

    /// <summary>The rows to show, in order.</summary>
    public IReadOnlyList<LatencyRow> Rows(LatencyResult latency)
    {
        var rows = (View == TopView.Pods ? latency.Pods : latency.Tasks)
            .Where(row => Filter.Length == 0 || row.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase) || row.Pod?.Contains(Filter, StringComparison.OrdinalIgnoreCase) is true);
        var byLatency = rows.OrderByDescending(row => row.WaitUs?.P99 ?? -1);
        List<LatencyRow> sorted = Order switch
        {
            TopOrder.Cpu => [.. rows.OrderByDescending(row => row.CpuPct)],
            TopOrder.Class => [.. byLatency.OrderByDescending(row => row.Class ?? TaskClass.Normal)],
            TopOrder.Name => [.. rows.OrderBy(row => row.Name, StringComparer.Ordinal)],
            _ => [.. byLatency],
        };
        Offset = Math.Min(Offset, Math.Max(0, sorted.Count - 1));
        return sorted;
    }

    private void Type(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                IsTyping = false;
                break;
            case ConsoleKey.Escape:
                (Filter, IsTyping) = (_before, false);
                break;
            case ConsoleKey.Backspace:
                Filter = Filter.Length > 0 ? Filter[..^1] : "";
                break;
            default:
                if (!char.IsControl(key.KeyChar) && Filter.Length < MaxFilter)
                {
                    Filter += key.KeyChar;
                }

                break;
        }
    }
}
