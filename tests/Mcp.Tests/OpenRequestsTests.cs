using System.Text;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Which requests are still to be answered when the client has closed its side.</summary>
public sealed class OpenRequestsTests
{
    private readonly OpenRequests _open = new();

    [Fact]
    public void None_is_open_before_the_first() => Assert.True(_open.WhenNoneAsync().IsCompleted);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", """{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}""")]
    [InlineData("""{"method":"ping","id":"x","params":{"requestId":9}}""", """{"error":{"code":-1,"message":"id"},"id":"x"}""")]
    public void A_request_is_open_until_its_answer(string request, string answer)
    {
        Receive(request);
        var none = _open.WhenNoneAsync();
        Assert.False(none.IsCompleted);
        Send(answer);
        Assert.True(none.IsCompleted);
    }

    [Fact]
    public void Requests_with_the_same_id_are_as_many_as_they_are()
    {
        for (var i = 0; i < 3; i++)
        {
            Receive("""{"id":1,"method":"ping"}""");
        }

        var below = _open.WhenBelowAsync(3);
        Assert.Equal(["1", "1", "1"], _open.Ids);
        Assert.False(below.IsCompleted);
        Send("""{"id":1,"result":{}}""");
        Assert.True(below.IsCompleted);
        Send("""{"id":1,"result":{}}""");
        Assert.False(_open.WhenNoneAsync().IsCompleted);
        Send("""{"id":1,"result":{}}""");
        Assert.True(_open.WhenNoneAsync().IsCompleted);
    }

    [Fact]
    public void The_number_1_and_the_text_1_are_two_requests()
    {
        Receive("""{"id":1,"method":"ping"}""");
        Send("""{"id":"1","result":{}}""");
        Assert.False(_open.WhenNoneAsync().IsCompleted);
    }

    [Fact]
    public void A_request_of_the_server_is_no_answer()
    {
        Receive("""{"id":1,"method":"tools/call"}""");
        Send("""{"id":1,"method":"elicitation/create","params":{}}""");
        Assert.False(_open.WhenNoneAsync().IsCompleted);
    }

    [Fact]
    public void A_cancelled_request_is_not_waited_for()
    {
        Receive("""{"id":7,"method":"tools/call","params":{"name":"list_tasks"}}""");
        Receive("""{"method":"notifications/cancelled","params":{"reason":"x","requestId":7}}""");
        Assert.True(_open.WhenNoneAsync().IsCompleted);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/initialized"}""")]
    [InlineData("""{"id":null,"method":"ping"}""")]
    [InlineData("""{"id":{"a":1},"method":"ping"}""")]
    [InlineData("""[{"id":1,"method":"ping"}]""")]
    [InlineData("""{"id":1,"method":"ping" """)]
    [InlineData("no JSON")]
    [InlineData("")]
    public void Nothing_else_is_waited_for(string line)
    {
        Receive(line);
        Assert.True(_open.WhenNoneAsync().IsCompleted);
    }

    [Fact]
    public void Lines_are_put_together_however_they_are_cut()
    {
        var lines = new List<string>();
        var watch = new LineWatch(line => lines.Add(Encoding.UTF8.GetString(line)));
        foreach (var part in (string[])["on", "e\n", "\ntwo\nthr", "", "ee"])
        {
            watch.Pass(Encoding.UTF8.GetBytes(part));
        }

        watch.End();
        Assert.Equal(["one", "two", "three"], lines);
    }

    [Fact]
    public void A_line_without_end_is_not_kept()
    {
        var lines = new List<string>();
        var watch = new LineWatch(line => lines.Add(Encoding.UTF8.GetString(line)));
        var part = new byte[1024 * 1024];
        Array.Fill(part, (byte)'x');
        for (var i = 0; i < 5; i++)
        {
            watch.Pass(part);
        }

        watch.Pass("\nnext\n"u8);
        Assert.Equal(["next"], lines);
    }

    private void Receive(string line) => _open.Received(Encoding.UTF8.GetBytes(line));

    private void Send(string line) => _open.Sent(Encoding.UTF8.GetBytes(line));
}
