using System.CommandLine;
using Spectre.Console;

namespace Coxswain.Mcp.Commands.Remote.Top;

/// <summary><c>coxswain top</c>: pods and threads by how long they wait for a CPU, live.</summary>
internal static class TopCommand
{
    private const int LineFallback = 24;
    private static readonly TimeSpan s_keys = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var interval = new Option<int>("--interval") { Description = "Seconds between two looks, 1 to 60.", HelpName = "N", DefaultValueFactory = _ => 2 };
        interval.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var given) || given is < 1 or > 60))
            {
                result.AddError($"--interval {token.Value}: must be a whole number from 1 to 60.");
            }
        });
        var once = new Option<bool>("--once") { Description = "Print one screen after two looks and end; so does an output that is no terminal." };
        var plain = new Option<bool>("--no-color") { Description = "Without colours; so does the variable NO_COLOR." };
        var command = RemoteCommand.Create(
            "top", "Show pods and threads by how long they wait for a CPU, the classes' shares and the changes in force, live. Keys: q quits, the last line tells the others. Switches the observer on.",
            (client, arguments, cancellationToken) => RunAsync(
                client, Screen(arguments.GetValue(plain)), TimeSpan.FromSeconds(arguments.GetRequiredValue(interval)),
                live: !arguments.GetValue(once) && !Console.IsOutputRedirected && !Console.IsInputRedirected, cancellationToken));
        foreach (Option option in (Option[])[interval, once, plain])
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static IAnsiConsole Screen(bool plain)
    {
        var unwanted = plain || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = unwanted ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect });
    }

    private static async Task<int> RunAsync(DaemonClient client, IAnsiConsole screen, TimeSpan interval, bool live, CancellationToken cancellationToken)
    {
        var state = new TopState();
        var now = await LatencySnapshot.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        if (!live)
        {
            if (now.Latency.Problem is null)
            {
                await LatencySnapshot.ObserveAsync(client, 1, cancellationToken).ConfigureAwait(false);
            }

            var later = await LatencySnapshot.ReadAsync(client, cancellationToken).ConfigureAwait(false);
            screen.Write(TopScreen.Draw(later, now, state, screen.Profile.Width, LineFallback));
            return ExitCode.Success;
        }

        LatencySnapshot? before = null;
        Console.Write("\e[?1049h\e[?25l"); // a screen of its own, no cursor
        Console.CancelKeyPress += Restore;
        try
        {
            while (!state.IsOver && !cancellationToken.IsCancellationRequested)
            {
                Show(screen, TopScreen.Draw(now, before, state, screen.Profile.Width, screen.Profile.Height));
                var due = TimeProvider.System.GetTimestamp();
                while (TimeProvider.System.GetElapsedTime(due) < interval && !state.IsOver)
                {
                    if (Pressed(state))
                    {
                        Show(screen, TopScreen.Draw(now, before, state, screen.Profile.Width, screen.Profile.Height));
                    }

                    await Task.Delay(s_keys, cancellationToken).ConfigureAwait(false);
                }

                if (!state.IsOver)
                {
                    (before, now) = (now, await LatencySnapshot.ReadAsync(client, cancellationToken).ConfigureAwait(false));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C ends it as q does.
        }
        finally
        {
            Console.CancelKeyPress -= Restore;
            Restore(null, null);
        }

        return ExitCode.Success;
    }

    private static bool Pressed(TopState state)
    {
        var any = false;
        while (Console.KeyAvailable)
        {
            state.Press(Console.ReadKey(intercept: true));
            any = true;
        }

        return any;
    }

    // Over what is there, line by line: clearing it first would flicker.
    private static void Show(IAnsiConsole screen, Spectre.Console.Rendering.IRenderable drawn)
    {
        Console.Write("\e[H");
        screen.Write(drawn);
        Console.Write("\e[J");
    }

    private static void Restore(object? sender, ConsoleCancelEventArgs? arguments) => Console.Write("\e[?25h\e[?1049l");
}
