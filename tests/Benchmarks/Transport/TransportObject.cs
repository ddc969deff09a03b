using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Benchmarks.Transport;

/// <summary>The programs of transport.bpf.c in the running kernel.</summary>
internal sealed unsafe class TransportObject : IDisposable
{
    private const uint NoticeRingBytes = 1 << 20;
    private const uint AnswerRingBytes = 1 << 18;
    private readonly void* _object;

    private TransportObject(void* obj)
    {
        _object = obj;
        Notices = new RecordRing<Notice>(MapFd("notices"), NoticeRingBytes);
        Answers = new UserRing(MapFd("answers"), AnswerRingBytes);
        Array = new MappedMap<Verdict>(MapFd(".bss.verdicts"), Batch.Max);
        SendNotices = ProgramFd("send_notices");
        TakeFromArray = ProgramFd("take_from_array");
        TakeFromRing = ProgramFd("take_from_ring");
    }

    public RecordRing<Notice> Notices { get; }

    public UserRing Answers { get; }

    public MappedMap<Verdict> Array { get; }

    /// <summary>Puts a number of notices into the ring.</summary>
    public int SendNotices { get; }

    /// <summary>Takes a number of verdicts from the array.</summary>
    public int TakeFromArray { get; }

    /// <summary>Takes all verdicts that are in the user ring buffer.</summary>
    public int TakeFromRing { get; }

    /// <summary>Loads them; null, with the reason, where the kernel or its rights do not allow it.</summary>
    public static TransportObject? Load(string file, out string reason)
    {
        if (!File.Exists(file))
        {
            reason = $"{Path.GetFileName(file)} was not built";
            return null;
        }
        byte[] bytes = File.ReadAllBytes(file);
        LibBpf.cox_log_capture(0);
        LibBpf.OpenOptions options = new() { Size = (nuint)sizeof(LibBpf.OpenOptions) };
        fixed (byte* start = bytes)
        {
            void* obj = LibBpf.bpf_object__open_mem(start, (nuint)bytes.Length, &options);
            int error = obj == null ? -1 : LibBpf.bpf_object__load(obj);
            reason = error == 0 ? "" : $"the kernel refused to load it ({-error}): {LibBpf.TakeLog()}";
            return error == 0 ? new TransportObject(obj) : null;
        }
    }

    /// <summary>Runs a program once; one system call.</summary>
    /// <returns>What it says that it did.</returns>
    public static uint Run(int program, int count)
    {
        Batch batch = new() { Count = (uint)count };
        LibBpf.TestRunOptions options = default;
        options.Size = (nuint)sizeof(LibBpf.TestRunOptions);
        options.ContextIn = &batch;
        options.ContextSizeIn = (uint)sizeof(Batch);
        int error = LibBpf.bpf_prog_test_run_opts(program, &options);
        return error == 0 ? batch.Applied : throw new InvalidOperationException($"the program cannot be run ({-error})");
    }

    public void Dispose()
    {
        Notices.Dispose();
        Answers.Dispose();
        Array.Dispose();
        LibBpf.bpf_object__close(_object);
    }

    private int MapFd(string name) => LibBpf.bpf_map__fd(LibBpf.bpf_object__find_map_by_name(_object, name));

    private int ProgramFd(string name) => LibBpf.bpf_program__fd(LibBpf.bpf_object__find_program_by_name(_object, name));
}
