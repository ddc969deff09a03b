using System.Text.Json;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Tools;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>How values look in results.</summary>
public sealed class WireTests
{
    [Theory]
    [InlineData(-0.0001, "0")]
    [InlineData(0.0, "0")]
    [InlineData(-0.25, "-25")]
    [InlineData(0.12345, "12.3")]
    public void A_share_is_percent_with_one_decimal_and_never_minus_nothing(double share, string json) =>
        Assert.Equal(json, JsonSerializer.Serialize(Wire.Percent(share), McpJson.Options));
}
