using System.Buffers;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>A call of a tool, from the request to the answer, through all that the server does with it.</summary>
public class ToolCallBenchmarks : IDisposable
{
    private const int ReferenceTimes = 16;

    // Until everything is compiled for good, which the process's clock would count.
    private const int Warmup = 1500;
    private static readonly TimeSpan s_compiling = TimeSpan.FromMilliseconds(300);
    private static readonly byte[] s_status = Line(StatusCall.Of(1));

    // The same again renews the change: the selector is resolved and the directives are written each time.
    private static readonly byte[] s_prioritize = Line(ToolCall.Of(1, "prioritize_tasks", "{\"command\":\"nginx\",\"class\":\"high\"}"));
    private static readonly byte[] s_toolsList = Line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}");

    private readonly ArrayBufferWriter<byte> _written = new();
    private InProcessServer? _server;

    [GlobalSetup(Targets = [nameof(Status), nameof(Prioritize), nameof(ToolsList)])]
    public void Start()
    {
        _server = new InProcessServer();
        Warm(Status);
        Warm(Prioritize);
        Warm(ToolsList);
    }

    [GlobalSetup(Target = nameof(Reference))]
    public void WarmReference() => Warm(Reference);

    [Benchmark]
    public int Status() => _server!.Exchange(s_status);

    [Benchmark]
    public int Prioritize() => _server!.Exchange(s_prioritize);

    [Benchmark]
    public int ToolsList() => _server!.Exchange(s_toolsList);

    /// <summary>Reading and writing a request with the library's own reader and writer, some times: what this machine is compared by.</summary>
    [Benchmark(OperationsPerInvoke = ReferenceTimes)]
    public int Reference()
    {
        int length = 0;
        for (int i = 0; i < ReferenceTimes; i++)
        {
            _written.ResetWrittenCount();
            using var document = JsonDocument.Parse(s_prioritize);
            using (var writer = new Utf8JsonWriter(_written))
            {
                document.WriteTo(writer);
            }

            length += _written.WrittenCount;
        }

        return length;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _server?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Bytes that a call allocates, on whatever thread. Counted apart.</summary>
    internal static double AllocatedPerCall(string method)
    {
        const int Calls = 1000;
        using var benchmarks = new ToolCallBenchmarks();
        benchmarks.Start();
        Func<int> call = method switch
        {
            nameof(Status) => benchmarks.Status,
            nameof(Prioritize) => benchmarks.Prioritize,
            _ => benchmarks.ToolsList,
        };
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Calls; i++)
        {
            call();
        }

        return (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
    }

    private static void Warm(Func<int> call)
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < Warmup / 2; i++)
            {
                call();
            }

            Thread.Sleep(s_compiling);
        }
    }

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");
}
