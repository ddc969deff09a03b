namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A setting of the guest's kernel that is changed for a while.</summary>
public sealed class GuestSetting : IAsyncDisposable
{
    private readonly Guest _guest;
    private readonly string _path;
    private readonly string _before;

    private GuestSetting(Guest guest, string path, string before)
    {
        _guest = guest;
        _path = path;
        _before = before;
    }

    /// <summary>Writes the file, and checks that the kernel took the value.</summary>
    public static async Task<GuestSetting> ChangeAsync(Guest guest, string path, string value)
    {
        string before = (await guest.ControlAsync($"cat {path}")).Succeeded().LastLine;
        var setting = new GuestSetting(guest, path, before);
        await setting.WriteAsync(value);
        return setting;
    }

    public async ValueTask DisposeAsync() => await WriteAsync(_before);

    private async Task WriteAsync(string value) =>
        (await _guest.ControlAsync($"echo {value} >{_path} && [ $(cat {_path}) = {value} ]")).Succeeded();
}
