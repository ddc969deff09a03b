using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol.Protocol;

namespace Coxswain.ConformanceHost;

/// <summary>Questions to the client, which it answers by sending the request again, and the answers.</summary>
internal static class Inputs
{
    /// <summary>A question to the user for one text.</summary>
    public static InputRequest Text(string message, string field) => InputRequest.ForElicitation(new ElicitRequestParams
    {
        Message = message,
        RequestedSchema = new() { Properties = new Dictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> { [field] = new ElicitRequestParams.StringSchema() }, Required = [field] },
    });

    /// <summary>A question to the client's model.</summary>
    public static InputRequest Model(string prompt, int maxTokens) => InputRequest.ForSampling(new CreateMessageRequestParams
    {
        Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }],
        MaxTokens = maxTokens,
    });

    /// <summary>A question for the client's directories.</summary>
    public static InputRequest Roots() => InputRequest.ForRootsList(new ListRootsRequestParams());

    /// <summary>Asks.</summary>
    /// <param name="state">What the client is to send along; null for nothing.</param>
    /// <param name="questions">The questions and their names.</param>
    public static InputRequiredException Ask(string? state, params IEnumerable<(string Name, InputRequest Question)> questions) =>
        new(questions.ToDictionary(pair => pair.Name, pair => pair.Question), state);

    /// <summary>The text that the user gave.</summary>
    /// <returns>Null: none, or nothing that could be one. Then it is asked for again.</returns>
    public static string? TextOf(RequestParams? request, string name, string field) =>
        Read(request, name, InputResponse.ElicitResultJsonTypeInfo) is { IsAccepted: true, Content: { } content } &&
        content.TryGetValue(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The text that the client's model gave; null as above.</summary>
    public static string? ModelTextOf(RequestParams? request, string name) =>
        Read(request, name, InputResponse.CreateMessageResultJsonTypeInfo)?.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text;

    /// <summary>The client's directories; null as above.</summary>
    public static IList<Root>? RootsOf(RequestParams? request, string name) =>
        Read(request, name, InputResponse.ListRootsResultJsonTypeInfo)?.Roots;

    private static TResult? Read<TResult>(RequestParams? request, string name, JsonTypeInfo<TResult> type)
        where TResult : class
    {
        try
        {
            return request?.InputResponses?.TryGetValue(name, out var response) is true ? response.Deserialize(type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
