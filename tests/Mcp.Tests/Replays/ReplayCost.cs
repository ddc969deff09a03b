using System.Text;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>How many calls an agent made, and how much a model has to read of what came back.</summary>
internal sealed class ReplayCost
{
    private int _calls;
    private int _bytes;

    public void Count(string text) => (_calls, _bytes) = (_calls + 1, _bytes + Encoding.UTF8.GetByteCount(text));

    public void AssertAtMost(int calls, int bytes)
    {
        Assert.InRange(_calls, 1, calls);
        Assert.InRange(_bytes, 100, bytes);
    }
}
