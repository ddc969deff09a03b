using System.Diagnostics;
using System.Text.Json.Nodes;
using Coxswain.Mcp.Access;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Protocol;

/// <summary>The trace that a call belongs to, so that what it does is found again from there: in the audit, the log and the list of changes.</summary>
/// <remarks>
/// The protocol library makes the span of each call, with the names of OpenTelemetry's conventions for MCP, where somebody listens. The
/// caller's place in its trace comes with the call (_meta.traceparent) or, over HTTP, with the request.
/// </remarks>
internal static class CallTrace
{
    /// <summary>Spans and figures of the protocol library.</summary>
    public const string Source = "Experimental.ModelContextProtocol";

    /// <summary>Spans of the web server, between the caller's and those of the calls.</summary>
    public const string WebSource = "Microsoft.AspNetCore";

    private const string Traceparent = "traceparent";
    private static readonly AsyncLocal<string?> s_current = new();

    /// <summary>The trace of the present call, 32 hexadecimal digits; empty: it belongs to none.</summary>
    public static string Current => s_current.Value ?? "";

    /// <summary>Notes the trace of the call that begins.</summary>
    /// <param name="meta">What came with the call.</param>
    public static void Begin(JsonObject? meta) => s_current.Value = Find(meta);

    /// <summary>Adds to the span who called and what came of it.</summary>
    public static void Describe(CallToolResult result)
    {
        if (Activity.Current is not { IsAllDataRequested: true, Source.Name: Source } span)
        {
            return;
        }

        if (Peer.Current is { } peer)
        {
            span.SetTag("enduser.id", peer.Name);
        }

        if (result.StructuredContent is { ValueKind: System.Text.Json.JsonValueKind.Object } content && content.TryGetProperty("change_id", out var id))
        {
            span.SetTag("coxswain.change_id", id.GetString());
        }
    }

    /// <summary>Names the span of a request as the conventions do; the web server calls it after a class of its own.</summary>
    public static void NameRequest(string method, string path)
    {
        if (Activity.Current is { Source.Name: WebSource } span)
        {
            span.DisplayName = $"{(method is "POST" or "GET" or "DELETE" ? method : "HTTP")} {path}";
        }
    }

    private static string Find(JsonObject? meta)
    {
        if (meta?[Traceparent] is JsonValue value && value.TryGetValue<string>(out var text) && ActivityContext.TryParse(text, null, out var given))
        {
            return given.TraceId.ToHexString();
        }

        // A web server counts its requests as traces of their own, which nobody sees unless they are exported.
        return Activity.Current is { } span && (span.Recorded || ComesFromOutside(span)) ? span.TraceId.ToHexString() : "";
    }

    private static bool ComesFromOutside(Activity span)
    {
        while (span.Parent is { } parent)
        {
            span = parent;
        }

        return span.ParentSpanId != default;
    }
}
