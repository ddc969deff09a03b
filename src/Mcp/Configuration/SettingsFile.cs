using System.Globalization;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Coxswain.Mcp.Configuration;

/// <summary>Reads /etc/coxswain/config.toml, and conf.d/*.toml beside it in the order of their names: later values replace earlier ones.</summary>
/// <remarks>Whatever is not known is refused: a limit with a typing error in its name would not limit anything.</remarks>
internal sealed partial class SettingsFile
{
    /// <summary>Where the configuration is when nothing else is said.</summary>
    public const string DefaultPath = "/etc/coxswain/config.toml";

    private const int MaxBytes = 256 * 1024;
    private const int MaxEntries = 200;
    private const int MaxText = 4096;
    private const string DescriptionsPrefix = "tools.descriptions.";

    private static readonly string[] s_known =
    [
        "limits.max_ttl_seconds", "limits.max_active_changes", "limits.max_changes_per_minute", "limits.max_tasks_per_change",
        "limits.confirm_above_tasks", "limits.confirm_above_pods", "limits.max_upper_share_pct", "limits.max_upper_cpu_pct",
        "limits.min_unpinned_cpus", "limits.min_slice_us", "limits.max_slice_us", "protected.commands", "protected.may_raise", "pods.runtime_sockets",
        "audit.file", "tools.read_only", "tools.disable_destructive", "tools.toolsets", "tools.enabled", "tools.disabled", "prompts.directory",
        "state.file", "state.restore", "kubernetes.kubeconfig", "kubernetes.node", "kubernetes.in_cluster",
        .. KnownOfGuard, .. KnownOfDaemon,
    ];

    private readonly string _path;
    private Settings _settings = new();

    private SettingsFile(string path) => _path = path;

    /// <summary>Reads the configuration.</summary>
    /// <param name="path">The file; conf.d beside it is read too.</param>
    /// <param name="required">False: all files may be missing.</param>
    /// <exception cref="SettingsException">Something in it cannot be used.</exception>
    public static Settings Read(string path, bool required)
    {
        if (required && !File.Exists(path))
        {
            throw new SettingsException($"{path}: there is no such file");
        }

        var directory = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "conf.d");
        string[] further = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.toml") : [];
        var settings = new Settings();
        foreach (var file in further.Order(StringComparer.Ordinal).Prepend(path).Where(File.Exists))
        {
            settings = new SettingsFile(file) { _settings = settings }.Read();
        }

        if (settings is { RestoresState: true, StateFile.Length: 0 })
        {
            throw new SettingsException($"{path}: state.restore is true, but state.file is not set");
        }

        return settings.Limits.MinSliceUs <= settings.Limits.MaxSliceUs
            ? settings
            : throw new SettingsException($"{path}: limits.min_slice_us is above limits.max_slice_us");
    }

    private Settings Read()
    {
        string text;
        try
        {
            text = new FileInfo(_path).Length <= MaxBytes ? File.ReadAllText(_path) : throw new SettingsException($"{_path}: it is larger than {MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{_path}: {exception.Message}");
        }

        var document = SyntaxParser.Parse(text, _path);
        if (document.HasErrors)
        {
            throw new SettingsException(CommandText.Clean(document.Diagnostics[0].ToString(), 500));
        }

        foreach (var pair in document.KeyValues)
        {
            Take(pair.Key?.ToString().Trim() ?? "", pair);
        }

        foreach (var table in document.Tables)
        {
            foreach (var pair in table.Items)
            {
                Take($"{table.Name?.ToString().Trim()}.{pair.Key?.ToString().Trim()}", pair);
            }
        }

        return _settings;
    }

    private void Take(string key, KeyValueSyntax pair)
    {
        var limits = _settings.Limits;
        _settings = key switch
        {
            "limits.max_ttl_seconds" => Limit(limits with { MaxTtlSeconds = Number(key, pair, 1, IntentLimits.MaxTtlSeconds) }),
            "limits.max_active_changes" => Limit(limits with { MaxActiveChanges = Number(key, pair, 1, IntentLimits.MaxActiveIntents) }),
            "limits.max_changes_per_minute" => Limit(limits with { MaxChangesPerMinute = Number(key, pair, 1, 10_000) }),
            "limits.max_tasks_per_change" => Limit(limits with { MaxTasksPerChange = Number(key, pair, 1, IntentLimits.MaxTasksPerIntent) }),
            "limits.confirm_above_tasks" => Limit(limits with { ConfirmAboveTasks = Number(key, pair, 1, 1_000_000) }),
            "limits.confirm_above_pods" => Limit(limits with { ConfirmAbovePods = Number(key, pair, 1, 1_000_000) }),
            "limits.max_upper_share_pct" => Limit(limits with { MaxUpperSharePercent = Number(key, pair, 1, 100) }),
            "limits.min_slice_us" => Limit(limits with { MinSliceUs = Number(key, pair, IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs) }),
            "limits.max_slice_us" => Limit(limits with { MaxSliceUs = Number(key, pair, IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs) }),
            "tools.read_only" => _settings with { Tools = _settings.Tools with { ReadOnly = Flag(key, pair) } },
            "tools.disable_destructive" => _settings with { Tools = _settings.Tools with { DisableDestructive = Flag(key, pair) } },
            "tools.toolsets" => _settings with { Tools = _settings.Tools with { Toolsets = Sets(key, pair) } },
            "tools.enabled" => _settings with { Tools = _settings.Tools with { Enabled = Texts(key, pair) } },
            "tools.disabled" => _settings with { Tools = _settings.Tools with { Disabled = Texts(key, pair) } },
            "prompts.directory" => _settings with { PromptsDirectory = Absolute(key, pair, Text(key, pair, pair.Value)) },
            "protected.commands" => _settings with { ProtectedCommands = Texts(key, pair) },
            "pods.runtime_sockets" => _settings with { RuntimeSockets = [.. Texts(key, pair).Select(text => Absolute(key, pair, text))] },
            "audit.file" => _settings with { AuditFile = Absolute(key, pair, Text(key, pair, pair.Value)) },
            "limits.max_upper_cpu_pct" => Limit(limits with { MaxUpperCpuPercent = Number(key, pair, 1, 100) }),
            "limits.min_unpinned_cpus" => Limit(limits with { MinUnpinnedCpus = Number(key, pair, 0, 1024) }),
            "protected.may_raise" => _settings with { RaisableCommands = Texts(key, pair) },
            "kubernetes.kubeconfig" => Kubernetes(known => known with { Kubeconfig = Absolute(key, pair, Text(key, pair, pair.Value)) }),
            "kubernetes.node" => Kubernetes(known => known with { Node = Text(key, pair, pair.Value) }),
            "kubernetes.in_cluster" => Kubernetes(known => known with { InCluster = Flag(key, pair) }),
            "state.file" => _settings with { StateFile = Absolute(key, pair, Text(key, pair, pair.Value)) },
            "state.restore" => _settings with { RestoresState = Flag(key, pair) },
            _ when key.StartsWith(DescriptionsPrefix, StringComparison.Ordinal) => Description(key, pair),
            _ => TakeForGuard(key, pair) ?? TakeForDaemon(key, pair) ?? throw Unknown(key, pair),
        };
    }

    private Settings Limit(OperatorLimits limits) => _settings with { Limits = limits };

    private Settings Kubernetes(Func<KubernetesSettings, KubernetesSettings> change) => _settings with { Kubernetes = change(_settings.Kubernetes) };

    private int Number(string key, KeyValueSyntax pair, int least, int most) =>
        pair.Value is IntegerValueSyntax { Value: var value } && value >= least && value <= most
            ? (int)value
            : throw Wrong(key, pair, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    private List<string> Texts(string key, KeyValueSyntax pair) =>
        pair.Value is ArraySyntax array && array.Items.Count() <= MaxEntries
            ? [.. array.Items.Select(item => Text(key, pair, item.Value))]
            : throw Wrong(key, pair, $"a list of at most {MaxEntries} texts, e.g. [\"a\", \"b\"]");

    private bool Flag(string key, KeyValueSyntax pair) =>
        pair.Value is BooleanValueSyntax flag ? flag.Value : throw Wrong(key, pair, "true or false");

    private List<string> Sets(string key, KeyValueSyntax pair) =>
        Texts(key, pair) is var sets && sets.Count > 0 && sets.TrueForAll(Toolsets.Names.Contains)
            ? sets
            : throw Wrong(key, pair, $"a list of {string.Join(", ", Toolsets.Names)}");

    private Settings Description(string key, KeyValueSyntax pair)
    {
        var text = Text(key, pair, pair.Value);
        if (text.Length > ToolSwitches.MaxDescription)
        {
            throw Wrong(key, pair, $"at most {ToolSwitches.MaxDescription} characters long");
        }

        var descriptions = _settings.Tools.Descriptions.ToDictionary();
        descriptions[key[DescriptionsPrefix.Length..]] = text;
        return _settings with { Tools = _settings.Tools with { Descriptions = descriptions } };
    }

    private string Text(string key, KeyValueSyntax pair, ValueSyntax? value) =>
        value is StringValueSyntax { Value.Length: > 0 and <= MaxText } text && text.Value.All(c => !char.IsControl(c))
            ? text.Value
            : throw Wrong(key, pair, "text in quotes");

    private string Absolute(string key, KeyValueSyntax pair, string path) =>
        path is ['/', _, ..] ? path : throw Wrong(key, pair, "an absolute path");

    private SettingsException Wrong(string key, KeyValueSyntax pair, string allowed) => new($"{Place(pair)}: {key} must be {allowed}");

    private SettingsException Unknown(string key, KeyValueSyntax pair)
    {
        var shown = CommandText.Clean(key, 80);
        var similar = NearMiss.Of(shown, s_known, most: 1);
        return new SettingsException($"{Place(pair)}: unknown setting '{shown}'" +
            (similar.Count > 0 ? $", did you mean '{similar[0]}'?" : $"; known are {string.Join(", ", s_known)}"));
    }

    private string Place(KeyValueSyntax pair) => string.Create(CultureInfo.InvariantCulture, $"{_path}, line {pair.Span.Start.Line + 1}");
}
