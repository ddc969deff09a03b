using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Coxswain.Core.Workloads.Kubernetes;
using Coxswain.Mcp.Documents;

namespace Coxswain.Mcp.Configuration;

/// <summary>Finds out how to reach the Kubernetes API: by a kubeconfig, or by the account of the pod that this program runs in.</summary>
internal sealed class KubernetesAccount
{
    private const string AccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const int MaxBytes = 1024 * 1024;

    private readonly string _path;

    private KubernetesAccount(string path) => _path = path;

    /// <summary>Finds the account.</summary>
    /// <param name="settings">What is configured.</param>
    /// <param name="environment">Reads a variable of the environment.</param>
    /// <param name="accountDirectory">Where the account of a pod is.</param>
    /// <returns>Null when the API is not to be asked.</returns>
    /// <exception cref="SettingsException">What is configured cannot be used.</exception>
    public static KubernetesAccess? Find(KubernetesSettings settings, Func<string, string?> environment, string accountDirectory = AccountDirectory)
    {
        var node = settings.Node.Length > 0 ? settings.Node : environment("NODE_NAME") is { Length: > 0 } given ? given : Environment.MachineName.ToLowerInvariant();
        if (settings.Kubeconfig.Length > 0)
        {
            return new KubernetesAccount(settings.Kubeconfig).Read(node);
        }

        var token = Path.Combine(accountDirectory, "token");
        if (!settings.InCluster || environment("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || !File.Exists(token))
        {
            return null;
        }

        var port = environment("KUBERNETES_SERVICE_PORT") is { Length: > 0 } number ? number : "443";
        var address = $"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}/";
        return new KubernetesAccess
        {
            Server = Uri.TryCreate(address, UriKind.Absolute, out var server)
                ? server
                : throw new SettingsException($"KUBERNETES_SERVICE_HOST and _PORT give no address: {Core.Workloads.CommandText.Clean(address, 200)}"),
            Node = node,
            ReadToken = () => File.ReadAllText(token).Trim(),
            Authorities = new KubernetesAccount(Path.Combine(accountDirectory, "ca.crt")).Authorities(File.ReadAllText(Path.Combine(accountDirectory, "ca.crt"))),
        };
    }

    private KubernetesAccess Read(string node)
    {
        JsonObject root;
        try
        {
            root = new FileInfo(_path).Length <= MaxBytes ? DocumentText.Parse(File.ReadAllText(_path)) : throw Wrong("it is larger than 1 MB");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DocumentException)
        {
            throw Wrong(exception.Message);
        }

        var context = Named(root, "contexts", Text(root, "current-context"), "context");
        var cluster = Named(root, "clusters", Text(context, "cluster"), "cluster");
        var user = Named(root, "users", Text(context, "user"), "user");
        if (user.ContainsKey("exec") || user.ContainsKey("auth-provider"))
        {
            throw Wrong("it gets its token from a program (exec), which a service does not start; use a token of a service account (deploy/kubernetes/rbac.yaml)");
        }

        var address = Text(cluster, "server").TrimEnd('/') + "/";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var server) || !(server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && server.IsLoopback)))
        {
            throw Wrong("server must be an https address (http only on this machine itself)");
        }

        return new KubernetesAccess
        {
            Server = server,
            Node = node,
            ReadToken = Token(user),
            Authorities = Data(cluster, "certificate-authority") is { } authority ? Authorities(authority) : null,
            ClientCertificate = ClientCertificate(user),
            SkipsVerification = cluster["insecure-skip-tls-verify"] is JsonValue skip && skip.TryGetValue<bool>(out var skips) && skips,
        };
    }

    private Func<string>? Token(JsonObject user)
    {
        if (Text(user, "token") is { Length: > 0 } token)
        {
            return () => token;
        }

        return Text(user, "tokenFile") is { Length: > 0 } file ? () => File.ReadAllText(Absolute(file)).Trim() : null;
    }

    private X509Certificate2? ClientCertificate(JsonObject user)
    {
        var (certificate, key) = (Data(user, "client-certificate"), Data(user, "client-key"));
        try
        {
            return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Wrong($"client certificate and key cannot be used: {exception.Message.TrimEnd('.')}");
        }
    }

    private X509Certificate2Collection Authorities(string pem)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw Wrong($"the certificate authority cannot be used: {exception.Message.TrimEnd('.')}");
        }

        return authorities.Count > 0 ? authorities : throw Wrong("the certificate authority has no certificate in it");
    }

    // NAME-data holds it in base64, NAME names a file.
    private string? Data(JsonObject fields, string name)
    {
        try
        {
            if (Text(fields, name + "-data") is { Length: > 0 } data)
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }

            return Text(fields, name) is { Length: > 0 } file ? File.ReadAllText(Absolute(file)) : null;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{name}: {exception.Message.TrimEnd('.')}");
        }
    }

    // Relative to the kubeconfig, as kubectl has it.
    private string Absolute(string file) => Path.GetFullPath(file, Path.GetDirectoryName(_path)!);

    private JsonObject Named(JsonObject root, string list, string name, string kind) =>
        (root[list] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(entry => Text(entry, "name") == name)?[kind] as JsonObject ??
        throw Wrong(name.Length > 0
            ? $"there is no {kind} \"{Core.Workloads.CommandText.Clean(name, 80)}\" in {list}"
            : kind == "context" ? "current-context is not set" : $"its context names no {kind}");

    private static string Text(JsonObject fields, string name) =>
        fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private SettingsException Wrong(string what) => new($"{_path}: {what}");
}
