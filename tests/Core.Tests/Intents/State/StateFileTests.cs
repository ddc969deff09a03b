using Coxswain.Core.Intents.State;
using Xunit;

namespace Coxswain.Core.Tests.Intents.State;

public sealed class StateFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cox-state-").FullName;
    private readonly StateFile _file;

    public StateFileTests() => _file = new StateFile(Path.Combine(_directory, "sub", "state.json"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_written_is_read()
    {
        _file.Write(State("chg_abcde"));
        _file.Write(State("chg_fghjk"));
        var reading = _file.Read();
        var (expected, found) = (State("chg_fghjk").Changes[0], Assert.Single(reading.State!.Changes));
        Assert.Equal(expected with { Tasks = [], PodNames = [], BoundPods = null }, found with { Tasks = [], PodNames = [], BoundPods = null });
        Assert.Equal((expected.Tasks[0], expected.PodNames[0], expected.BoundPods![0]), (found.Tasks[0], found.PodNames[0], found.BoundPods![0]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(_file.Path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_file.Path)!));
    }

    [Fact]
    public void A_file_that_is_not_there_is_no_problem() => Assert.Equal(new StateReading(null, ""), _file.Read());

    [Fact]
    public void A_file_that_breaks_off_anywhere_gives_nothing_and_is_kept_aside()
    {
        _file.Write(State("chg_abcde"));
        var whole = File.ReadAllBytes(_file.Path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_file.Path, whole[..length]);
            var reading = _file.Read();
            Assert.Null(reading.State);
            Assert.Contains("nothing is restored from it", reading.Problem, StringComparison.Ordinal);
            Assert.Equal(whole[..length], File.ReadAllBytes(_file.Path + ".bad"));
            Assert.False(File.Exists(_file.Path));
        }
    }

    [Fact]
    public void A_crash_before_the_new_file_has_its_name_leaves_the_old_one()
    {
        _file.Write(State("chg_abcde"));
        File.WriteAllText(_file.Path + ".new", "{\"version\":1,\"boot");
        Assert.Equal("chg_abcde", Assert.Single(_file.Read().State!.Changes).Id);
        _file.Write(State("chg_fghjk"));
        Assert.Equal("chg_fghjk", Assert.Single(_file.Read().State!.Changes).Id);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("\u0000\u0001\u0002")]
    [InlineData("{\"version\":1,\"boot_id\":null,\"saved_at\":\"2026-09-01T12:00:00Z\",\"generation\":1,\"changes\":[]}")]
    [InlineData("{\"version\":1,\"boot_id\":\"a\",\"saved_at\":\"2026-09-01T12:00:00Z\",\"generation\":1,\"changes\":null}")]
    [InlineData("{\"version\":1,\"boot_id\":\"a\",\"saved_at\":\"2026-09-01T12:00:00Z\",\"generation\":1,\"changes\":[null]}")]
    [InlineData("{\"version\":1,\"boot_id\":\"a\",\"saved_at\":\"yesterday\",\"generation\":-1,\"changes\":[]}")]
    public void Garbage_gives_nothing(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        File.WriteAllText(_file.Path, text);
        Assert.Null(_file.Read().State);
        Assert.True(File.Exists(_file.Path + ".bad"));
    }

    [Fact]
    public void Each_byte_that_is_wrong_gives_nothing_or_a_state_of_known_shape()
    {
        _file.Write(State("chg_abcde"));
        var whole = File.ReadAllBytes(_file.Path);
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x15;
            File.WriteAllBytes(_file.Path, damaged);
            Assert.Equal(_file.Read() is { State: null, Problem.Length: > 0 }, !File.Exists(_file.Path));
        }
    }

    [Fact]
    public void Another_version_is_not_guessed_at()
    {
        _file.Write(State("chg_abcde") with { Version = 2 });
        Assert.Contains("is of version 2, and this program reads version 1", _file.Read().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_is_no_id_gives_nothing()
    {
        _file.Write(State("\u001b[31mrm -rf"));
        Assert.Contains("is incomplete", _file.Read().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_one()
    {
        _file.Write(State("chg_abcde"));
        Directory.CreateDirectory(_file.Path + ".new");
        Assert.ThrowsAny<Exception>(() => _file.Write(State("chg_fghjk")));
        Assert.Equal("chg_abcde", Assert.Single(_file.Read().State!.Changes).Id);
    }

    internal static SavedState State(string id) => new()
    {
        Version = SavedState.PresentVersion,
        BootId = "boot-1",
        SavedAt = new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero),
        Generation = 7,
        Changes =
        [
            new SavedChange
            {
                Id = id,
                Author = "agent \"7\"",
                Reason = "schön",
                CreatedAt = new DateTimeOffset(2026, 9, 1, 11, 0, 0, TimeSpan.Zero),
                ExpiresAt = new DateTimeOffset(2026, 9, 1, 13, 0, 0, TimeSpan.Zero),
                ExpiresNs = 123_456_789_012,
                TtlSeconds = 7200,
                Specificity = 40,
                Class = SchedulingClass.LatencyCritical,
                SliceUs = 2000,
                BudgetPercent = 20,
                Cpus = "0-1",
                CpusAreHard = true,
                Tasks = [new SavedTask(10, 1234)],
                Labels = "app=web",
                PodNames = ["web-0"],
                Uid = 1000,
                BoundPods = ["0b3a1c2d"],
            },
        ],
    };
}
