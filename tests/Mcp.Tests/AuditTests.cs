using System.Runtime.Versioning;
using System.Text.Json;
using Coxswain.Mcp.Audit;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

[SupportedOSPlatform("linux")]
public sealed class AuditTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("coxswain-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Path => System.IO.Path.Combine(_directory, "sub/audit.jsonl");

    [Fact]
    public async Task Each_change_and_each_refusal_is_recorded_with_who_what_and_why()
    {
        await using var rig = await ToolRig.StartAsync(auditFile: Path);
        rig.Machine.Start(10, "upf");
        var id = (await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, ttl_seconds = 30, reason = "slow\npings" })).GetProperty("change_id").GetString();
        await rig.CallAsync("list_changes");
        await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 1 } });
        rig.Time.Advance(TimeSpan.FromSeconds(31));

        var records = Records();

        Assert.Equal(["applied", "call", "call", "ended"], records.Select(record => Text(record, "event")));
        Assert.Equal((id, "pids 10", "test-agent 7", "slowpings"), (Text(records[0], "change_id"), Text(records[0], "selector"), Text(records[0], "client"), Text(records[0], "reason")));
        Assert.Equal(("prioritize_tasks", "ok", 30), (Text(records[1], "tool"), Text(records[1], "outcome"), records[1].GetProperty("arguments").GetProperty("ttl_seconds").GetInt32()));
        Assert.Equal("refused", Text(records[2], "outcome"));
        Assert.EndsWith("Nothing was changed.", Text(records[2], "refusal"), StringComparison.Ordinal);
        Assert.Equal((id, "Expired"), (Text(records[3], "change_id"), Text(records[3], "cause")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Theory]
    [InlineData("reason", "\u001b[2J\u001b]0;owned\a", @"\u001b[2J\u001b]0;owned\u0007")]
    [InlineData("reason", "safe\u202Egpj", @"safe\u202egpj")]
    [InlineData("command", "^\u001b[31mred", @"^\u001b[31mred")]
    [InlineData("\u001bx", "y", "y")]
    public async Task What_steers_a_terminal_is_shown_and_not_sent_to_it(string argument, string value, string recorded)
    {
        await using var rig = await ToolRig.StartAsync(auditFile: Path);
        rig.Machine.Start(10, "upf");
        var arguments = new Dictionary<string, object> { ["class"] = "high", ["pids"] = new[] { 10 }, [argument] = value };
        await rig.CallRawAsync("prioritize_tasks", JsonSerializer.SerializeToElement(arguments));

        var text = ((TextResourceContents)(await rig.Client.ReadResourceAsync("coxswain://audit", cancellationToken: TestContext.Current.CancellationToken)).Contents[0]).Text;
        foreach (var record in Records().Concat(JsonElement.Parse(text).GetProperty("records").EnumerateArray()))
        {
            Assert.All(Texts(record), found => Assert.DoesNotContain(found, c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format));
        }

        var call = Records().Single(record => Text(record, "event") == "call").GetProperty("arguments");
        Assert.Equal(recorded, call.GetProperty(argument.Replace("\u001b", @"\u001b", StringComparison.Ordinal)).GetString());
    }

    [Fact]
    public void Half_a_character_is_recorded_as_it_was_written()
    {
        var record = RecordText.Escape(json =>
        {
            json.WritePropertyName("reason");
            json.WriteRawValue("\"\\ud800\"");
        });
        Assert.Equal("\"\\ud800\"", Text(record, "reason"));
    }

    [Fact]
    public async Task Arguments_of_megabytes_do_not_fill_the_file()
    {
        await using var rig = await ToolRig.StartAsync(auditFile: Path);
        await rig.RefusalAsync("prioritize_tasks", new { @class = "high", command = new string('x', 2_000_000) });
        Assert.InRange(new FileInfo(Path).Length, 100, 20_000);
        Assert.True(Records()[0].GetProperty("arguments").GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_not_done_but_a_revert_is()
    {
        await using var rig = await ToolRig.StartAsync(auditFile: Path);
        rig.Machine.Start(10, "upf");
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } });
        // Root may write anywhere: only a directory in the file's place stops it.
        rig.Audit!.Dispose();
        File.Delete(Path);
        Directory.CreateDirectory(Path);
        await rig.CallAsync("revert", new { all = true });

        var text = await rig.RefusalAsync("prioritize_tasks", new { @class = "low", pids = new[] { 10 } });

        Assert.StartsWith("prioritize_tasks: the audit file cannot be written (", text, StringComparison.Ordinal);
        Assert.EndsWith("changes are refused until it can; revert still works. Nothing was changed.", text, StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
        Directory.Delete(Path);
        await rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 10 } });
    }

    [Fact]
    public void A_full_file_makes_room_for_a_new_one()
    {
        using var file = new AuditFile(Path, maxBytes: 200);
        for (var i = 0; i < 40; i++)
        {
            var number = i;
            file.Write(json => json.WriteString("text", $"{number} {new string('x', 60)}"), durable: false);
        }

        Assert.Equal("", file.Problem);
        Assert.Equal(6, Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!).Length);
        Assert.All(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!), name => Assert.InRange(new FileInfo(name).Length, 1, 200));
        Assert.Contains("39 x", File.ReadAllText(Path), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value).Append(member.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        _ => [],
    };

    private List<JsonElement> Records() => [.. File.ReadAllLines(Path).Select(line => JsonElement.Parse(line))];

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;
}
