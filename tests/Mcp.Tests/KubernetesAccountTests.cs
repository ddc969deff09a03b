using Coxswain.Mcp.Configuration;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>How the Kubernetes API is found, and when it is left alone.</summary>
public sealed class KubernetesAccountTests : IDisposable
{
    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: admin@prod
        contexts:
        - name: admin@prod
          context: {cluster: prod, user: admin}
        clusters:
        - name: prod
          cluster:
            server: https://10.0.0.1:6443
        users:
        - name: admin
          user:
            token: s3cret
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("cox-kube-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_kubeconfig_gives_address_and_token()
    {
        var access = Find(Kubeconfig)!;
        Assert.Equal(("https://10.0.0.1:6443/", "worker-1", "s3cret"), (access.Server.ToString(), access.Node, access.ReadToken!()));
        Assert.Null(access.Authorities);
    }

    [Fact]
    public void A_token_file_is_read_each_time_relative_to_the_kubeconfig()
    {
        File.WriteAllText(Path.Combine(_directory, "tok"), "one\n");
        var access = Find(Kubeconfig.Replace("token: s3cret", "tokenFile: tok", StringComparison.Ordinal))!;
        Assert.Equal("one", access.ReadToken!());
        File.WriteAllText(Path.Combine(_directory, "tok"), "two\n");
        Assert.Equal("two", access.ReadToken());
    }

    [Fact]
    public void Outside_of_a_cluster_and_without_a_kubeconfig_it_is_left_alone()
    {
        Assert.Null(KubernetesAccount.Find(new KubernetesSettings(), _ => null, _directory));
        Assert.Null(KubernetesAccount.Find(new KubernetesSettings(), _ => "10.96.0.1", _directory));
        File.WriteAllText(Path.Combine(_directory, "token"), "t");
        Assert.Null(KubernetesAccount.Find(new KubernetesSettings { InCluster = false }, _ => "10.96.0.1", _directory));
    }

    [Theory]
    [InlineData("admin@prod\ncontexts", "other\ncontexts", "there is no context \"other\" in contexts")]
    [InlineData("cluster: prod, ", "", "its context names no cluster")]
    [InlineData("https://10", "http://10", "server must be an https address (http only on this machine itself)")]
    [InlineData("token: s3cret", "exec: {command: aws}", "it gets its token from a program (exec), which a service does not start; use a token of a service account (deploy/kubernetes/rbac.yaml)")]
    [InlineData("apiVersion: v1", "apiVersion: [", "the document is no valid YAML")]
    public void What_cannot_be_used_is_said(string part, string instead, string problem)
    {
        Assert.Contains(part, Kubeconfig, StringComparison.Ordinal);
        var refusal = Assert.Throws<SettingsException>(() => Find(Kubeconfig.Replace(part, instead, StringComparison.Ordinal)));
        Assert.StartsWith($"{Path.Combine(_directory, "config")}: {problem}", refusal.Message, StringComparison.Ordinal);
    }

    private Coxswain.Core.Workloads.Kubernetes.KubernetesAccess? Find(string kubeconfig)
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, kubeconfig);
        return KubernetesAccount.Find(new KubernetesSettings { Kubeconfig = path, Node = "worker-1" }, _ => null, _directory);
    }
}
