using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Prompts;

/// <summary>One prompt for each kind of content that a message can have.</summary>
[McpServerPromptType]
internal sealed class ContentPrompts
{
    [McpServerPrompt(Name = "test_simple_prompt"), Description("A text.")]
    public static PromptMessage Simple() => Message(new TextContentBlock { Text = "This is a simple prompt for testing." });

    [McpServerPrompt(Name = "test_prompt_with_arguments"), Description("A text with two arguments in it.")]
    public static PromptMessage WithArguments([Description("The first.")] string arg1, [Description("The second.")] string arg2) =>
        Message(new TextContentBlock { Text = $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'" });

    [McpServerPrompt(Name = "test_prompt_with_embedded_resource"), Description("A resource and a text.")]
    public static PromptMessage[] WithResource([Description("Address of the resource.")] string resourceUri) =>
    [
        Message(new EmbeddedResourceBlock
        {
            Resource = new TextResourceContents { Uri = resourceUri, MimeType = "text/plain", Text = "Embedded resource content for testing." },
        }),
        Message(new TextContentBlock { Text = "Please process the embedded resource above." }),
    ];

    [McpServerPrompt(Name = "test_prompt_with_image"), Description("An image and a text.")]
    public static PromptMessage[] WithImage() =>
    [
        Message(ImageContentBlock.FromBytes(Samples.Png, Samples.PngType)),
        Message(new TextContentBlock { Text = "Please analyze the image above." }),
    ];

    private static PromptMessage Message(ContentBlock content) => new() { Role = Role.User, Content = content };
}
