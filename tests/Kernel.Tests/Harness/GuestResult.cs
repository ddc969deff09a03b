using System.Text;
using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>How a script ended in the guest.</summary>
/// <param name="Script">What was run.</param>
/// <param name="ExitCode">137 when it ran out of time.</param>
/// <param name="Output">Standard output, to the byte.</param>
/// <param name="Error">Standard error, to the byte.</param>
public sealed record GuestResult(string Script, int ExitCode, byte[] Output, byte[] Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Error);

    /// <summary>The last line of output, trimmed.</summary>
    public string LastLine => Text.TrimEnd().Split('\n')[^1].Trim();

    /// <summary>The last line of output, as JSON.</summary>
    public JsonElement Json()
    {
        try
        {
            return JsonElement.Parse(LastLine);
        }
        catch (JsonException e)
        {
            throw new GuestException($"expected JSON as last line of output\n{this}", e);
        }
    }

    /// <summary>This, if the script succeeded.</summary>
    public GuestResult Succeeded() => ExitCode == 0 ? this : throw new GuestException($"expected success\n{this}");

    public override string ToString() => $"script: {Script}\nexit code: {ExitCode}\noutput: {Text}\nerror output: {ErrorText}";
}
