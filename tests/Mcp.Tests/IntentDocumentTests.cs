using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Mcp.Documents;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What documents mean, and what is wrong with those that mean nothing.</summary>
public sealed class IntentDocumentTests
{
    private const string Gthulhu = """
        {"strategies":{"default":[{"priority":true,"execution_time":20000,"selectors":[{"key":"app","value":"ueransim-macvlan"}],"command_regex":"nr-gnb|nr-ue|ping"}]}}
        """;

    [Fact]
    public void A_strategy_of_Gthulhu_is_read_as_it_is()
    {
        var entry = Assert.Single(IntentDocument.Read(Gthulhu, 600));
        Assert.Equal(("strategies.default[0]", "", 0), (entry.Name, entry.Problem, entry.NotUnderstood.Count));
        Assert.Equal("labels app=ueransim-macvlan command nr-gnb|nr-ue|ping", entry.Request!.Selector.ToString());
        Assert.Equal(new IntentEffect(SchedulingClass.LatencyCritical, 100), entry.Request.Effect);
        Assert.Equal(600, entry.Request.TtlSeconds);
        Assert.Equal(
            [
                ("priority=true", "class latency_critical"), ("execution_time=20000", "slice_us 100, the shortest"),
                ("selectors=[{\"key\":\"app\",\"value\":\"ueransim-macvlan\"}]", "label_selector app=ueransim-macvlan"),
                ("command_regex=\"nr-gnb|nr-ue|ping\"", "command nr-gnb|nr-ue|ping"),
            ],
            entry.Fields.Select(note => (note.Field, note.Became)));
    }

    [Fact]
    public void The_same_in_YAML_is_the_same()
    {
        const string Yaml = """
            # as an operator keeps it
            strategies:
              default:
                - priority: true
                  execution_time: 20000
                  selectors:
                    - key: app
                      value: ueransim-macvlan
                  command_regex: "nr-gnb|nr-ue|ping"
            """;
        Assert.Equivalent(IntentDocument.Read(Gthulhu, 600), IntentDocument.Read(Yaml, 600), strict: true);
    }

    [Theory]
    [InlineData("true", SchedulingClass.LatencyCritical)]
    [InlineData("0", SchedulingClass.LatencyCritical)]
    [InlineData("9", SchedulingClass.LatencyCritical)]
    [InlineData("10", SchedulingClass.High)]
    [InlineData("20", SchedulingClass.High)]
    [InlineData("false", SchedulingClass.Unset)]
    public void Priorities_are_classes(string priority, SchedulingClass expected) =>
        Assert.Equal(expected, Strategy($"\"priority\":{priority},\"execution_time\":5000000,\"command_regex\":\"x\"").Request!.Effect.Class);

    [Theory]
    [InlineData("5000000", 5000, "slice_us 5000")]
    [InlineData("5000500", 5000, "slice_us 5000, rounded")]
    [InlineData("1", 100, "slice_us 100, the shortest")]
    [InlineData("9000000000", 100_000, "slice_us 100000, the longest")]
    [InlineData("0", 0, "no slice")]
    public void Execution_times_are_slices_within_bounds(string ns, int sliceUs, string became)
    {
        var entry = Strategy($"\"priority\":true,\"execution_time\":{ns},\"command_regex\":\"x\"");
        Assert.Equal(sliceUs, entry.Request!.Effect.SliceUs);
        Assert.Contains(entry.Fields, note => note.Became == became);
    }

    [Fact]
    public void Names_as_in_its_API_are_taken_too()
    {
        var entries = IntentDocument.Read(
            """{"strategies":{"a":[{"strategyNamespace":"x","labelSelectors":[{"key":"app","value":5},{"key":"canary"}],"k8sNamespaces":["one","two"],"commandRegex":"","executionTime":1000000,"cpus":4}]}}""", 60);
        Assert.Equal(["namespace one labels app=5,canary", "namespace two labels app=5,canary"], entries.Select(entry => entry.Request!.Selector.ToString()));
        Assert.Equal("cpus: unknown; known are priority, execution_time, selectors, command_regex, k8s_namespace", Assert.Single(entries[0].NotUnderstood));
    }

    [Theory]
    [InlineData("\"priority\":21,\"command_regex\":\"x\"", "priority=21 must be true, false, or a whole number from 0 to 20")]
    [InlineData("\"priority\":\"high\",\"command_regex\":\"x\"", "priority=\"high\" must be true, false, or a whole number from 0 to 20")]
    [InlineData("\"priority\":true,\"execution_time\":-1,\"command_regex\":\"x\"", "execution_time=-1 must be a time in ns, 0 or more")]
    [InlineData("\"priority\":true,\"execution_time\":18446744073709551615,\"command_regex\":\"x\"", "execution_time=18446744073709551615 must be a time in ns, 0 or more")]
    [InlineData("\"priority\":true", "it names no pod and no process: give selectors, k8s_namespace or command_regex")]
    [InlineData("\"priority\":false,\"command_regex\":\"x\"", "it sets neither a class nor a slice: give priority or execution_time")]
    [InlineData("\"priority\":true,\"command_regex\":\"x\",\"selectors\":\"app=x\"", "selectors=\"app=x\" must be a list such as [{\"key\": \"app\", \"value\": \"upf\"}]")]
    [InlineData("\"priority\":true,\"command_regex\":\"x\",\"selectors\":[{\"kee\":\"app\"}]", "selectors={\"kee\":\"app\"} must be a pair such as {\"key\": \"app\", \"value\": \"upf\"}")]
    [InlineData("\"priority\":true,\"command_regex\":5", "command_regex=5 must be a text")]
    public void A_strategy_that_is_not_understood_where_it_matters_asks_for_nothing(string fields, string problem)
    {
        var entry = Strategy(fields);
        Assert.Null(entry.Request);
        Assert.Equal(problem, entry.Problem);
    }

    [Fact]
    public void Changes_have_the_arguments_of_the_tools()
    {
        var entries = IntentDocument.Read(
            """
            changes:
            - class: high
              budget_pct: 30
              namespace: shop
              label_selector: app=web
              pods: [web-0]
              ttl_seconds: 60
              until_pods_end: true
              reason: slow checkout
            - cpus: 4-7
              hard: false
              unit: nginx.service
              uid: 33
            - slice_us: 2000
              cpus: 3
              pids: [10, 20]
            """, 600);
        Assert.All(entries, entry => Assert.Equal("", entry.Problem));
        var requests = entries.Select(entry => entry.Request!).ToList();
        Assert.Equal("namespace shop labels app=web pods web-0", requests[0].Selector.ToString());
        Assert.Equal((30, 60, true, "slow checkout"), (requests[0].Effect.BudgetPercent, requests[0].TtlSeconds, requests[0].UntilPodsEnd, requests[0].Reason));
        Assert.Equal(("4-7", false, 600), (requests[1].Effect.Cpus!.ToString(), requests[1].Effect.Cpus!.IsHard, requests[1].TtlSeconds));
        Assert.Equal("unit nginx.service uid 33", requests[1].Selector.ToString());
        Assert.Equal(("pids 10,20", 2000, "3"), (requests[2].Selector.ToString(), requests[2].Effect.SliceUs, requests[2].Effect.Cpus!.ToString()));
    }

    [Theory]
    [InlineData("class: urgent", "class=\"urgent\" must be background, low, normal, high or latency_critical")]
    [InlineData("slice_us: 5", "slice_us=5 must be a whole number from 100 to 100000")]
    [InlineData("cpus: 3-1", "cpus=\"3-1\" must be a list such as \"4-7\" or \"0,2\", with the smaller number first")]
    [InlineData("ttl_second: 60", "unknown field 'ttl_second', did you mean 'ttl_seconds'?")]
    [InlineData("uid: root", "uid=\"root\" must be a whole number from 0 to 2147483647")]
    [InlineData("hard: 1", "hard=1 must be true or false")]
    public void A_wrong_field_refuses_its_change(string field, string problem) =>
        Assert.Equal(problem, Assert.Single(IntentDocument.Read($"changes:\n- {field}\n", 600)).Problem);

    [Theory]
    [InlineData("{", "the document is no valid JSON: ")]
    [InlineData("{\"strategies\":{},\"strategies\":{}}", "the document is no valid JSON: ")]
    [InlineData("a: [", "the document is no valid YAML: ")]
    [InlineData("a: [\nb: c\nd:\n- e\n", "the document is no valid YAML: ")]
    [InlineData("", "the document must be an object")]
    [InlineData("just text", "the document must be an object")]
    [InlineData("[1]", "the document must be an object")]
    [InlineData("{\"foo\":1}", "the document has neither \"strategies\" (as Gthulhu takes them) nor \"changes\" (as coxswain get writes them)")]
    [InlineData("{\"strategies\":{},\"changes\":[]}", "the document has both")]
    [InlineData("{\"strategies\":[]}", "\"strategies\" must hold lists of strategies by name")]
    [InlineData("{\"strategies\":{\"a\":{}}}", "\"strategies.a\" must be a list of strategies")]
    [InlineData("{\"strategies\":{\"a\":[]}}", "the document has 0 entries, 1 to 100 are taken")]
    [InlineData("changes:\n- &a {class: high}\n- *a\n", "the document cannot be read: line 2: anchors and aliases are not read")]
    [InlineData("changes: !!python/object:os.system []\n", "the document cannot be read: line 1: tags are not read")]
    [InlineData("changes: []\nchanges: []\n", "the document cannot be read: line 2: \"changes\" is there twice")]
    [InlineData("changes: []\n---\nchanges: []\n", "the document cannot be read: line 2: there is more than one document in it")]
    public void A_document_that_means_nothing_is_explained(string text, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<DocumentException>(() => IntentDocument.Read(text, 600)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Depth_and_size_are_bounded(string open, string close)
    {
        var deep = string.Concat(Enumerable.Repeat(open, 100_000));
        Assert.Throws<DocumentException>(() => IntentDocument.Read("changes: " + deep, 600));
        Assert.Throws<DocumentException>(() => IntentDocument.Read(deep + string.Concat(Enumerable.Repeat(close, 100_000)), 600));
        Assert.Throws<DocumentException>(() => IntentDocument.Read("changes:\n" + string.Concat(Enumerable.Repeat("- {}\n", 25_000)), 600));
        Assert.Throws<DocumentException>(() => IntentDocument.Read(new string(' ', DocumentText.MaxLength + 1), 600));
    }

    private static DocumentEntry Strategy(string fields) => Assert.Single(IntentDocument.Read($"{{\"strategies\":{{\"a\":[{{{fields}}}]}}}}", 600));
}
