using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>libbpf, and the few functions of native/coxswain_native.h that it needs beside it. C names are kept.</summary>
internal static unsafe partial class LibBpf
{
    private const string Library = "coxswain_native";

    [LibraryImport(Library)]
    public static partial void* cox_scheduler_object(nuint* size);

    [LibraryImport(Library)]
    public static partial void* cox_events_object(nuint* size);

    [LibraryImport(Library)]
    public static partial void* cox_observer_object(nuint* size);

    /// <summary>Level 0 captures warnings, 1 information, 2 debugging.</summary>
    [LibraryImport(Library)]
    public static partial void cox_log_capture(int level);

    [LibraryImport(Library)]
    public static partial nuint cox_log_take(byte* buffer, nuint size);

    /// <returns>NULL with errno set on failure.</returns>
    [LibraryImport(Library, SetLastError = true)]
    public static partial void* bpf_object__open_mem(void* bytes, nuint size, OpenOptions* options);

    /// <returns>0, or a negative errno.</returns>
    [LibraryImport(Library)]
    public static partial int bpf_object__load(void* obj);

    [LibraryImport(Library)]
    public static partial void bpf_object__close(void* obj);

    [LibraryImport(Library)]
    public static partial void* bpf_object__btf(void* obj);

    [LibraryImport(Library)]
    public static partial void* btf__raw_data(void* btf, uint* size);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void* bpf_object__find_map_by_name(void* obj, string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void* bpf_object__find_program_by_name(void* obj, string name);

    [LibraryImport(Library)]
    public static partial int bpf_map__fd(void* map);

    [LibraryImport(Library)]
    public static partial uint bpf_map__type(void* map);

    /// <summary>The map after another; after null the first; null after the last.</summary>
    [LibraryImport(Library)]
    public static partial void* bpf_object__next_map(void* obj, void* map);

    [LibraryImport(Library)]
    public static partial void* bpf_map__initial_value(void* map, nuint* size);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_max_entries(void* map, uint entries);

    [LibraryImport(Library)]
    public static partial int bpf_program__fd(void* program);

    [LibraryImport(Library)]
    public static partial int bpf_program__set_autoload(void* program, [MarshalAs(UnmanagedType.U1)] bool autoload);

    /// <returns>The first program when <paramref name="previous"/> is NULL; NULL after the last.</returns>
    [LibraryImport(Library)]
    public static partial void* bpf_object__next_program(void* obj, void* previous);

    [LibraryImport(Library)]
    public static partial byte* bpf_program__name(void* program);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bpf_program__autoload(void* program);

    [LibraryImport(Library)]
    public static partial int bpf_program__set_log_level(void* program, uint level);

    /// <summary>The verifier's log of this program goes there, cut to the size, and is not printed.</summary>
    [LibraryImport(Library)]
    public static partial int bpf_program__set_log_buf(void* program, byte* buffer, nuint size);

    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int fd, void* info, uint* size);

    /// <returns>NULL with errno set on failure.</returns>
    [LibraryImport(Library, SetLastError = true)]
    public static partial void* bpf_map__attach_struct_ops(void* map);

    /// <returns>NULL with errno set on failure.</returns>
    [LibraryImport(Library, SetLastError = true)]
    public static partial void* bpf_program__attach(void* program);

    [LibraryImport(Library)]
    public static partial int bpf_link__destroy(void* link);

    [LibraryImport(Library)]
    public static partial int bpf_prog_test_run_opts(int program, TestRunOptions* options);

    /// <returns>A descriptor, or a negative errno.</returns>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_map_create(int type, string name, uint keySize, uint valueSize, uint maxEntries, void* options);

    [LibraryImport(Library)]
    public static partial int bpf_map_update_elem(int map, void* key, void* value, ulong flags);

    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_elem(int map, void* key, void* value);

    [LibraryImport(Library)]
    public static partial int bpf_map_delete_elem(int map, void* key);

    [LibraryImport(Library)]
    public static partial int bpf_prog_get_next_id(uint start, uint* next);

    [LibraryImport(Library)]
    public static partial int bpf_prog_get_fd_by_id(uint id);

    /// <param name="map">Its descriptor.</param>
    /// <param name="inBatch">Where the last call ended; NULL for the first.</param>
    /// <param name="outBatch">Where this call ended.</param>
    /// <param name="keys">Take the keys.</param>
    /// <param name="values">Take the values.</param>
    /// <param name="count">In: room; out: how many there are.</param>
    /// <param name="options">May be NULL.</param>
    /// <returns>0, or a negative errno; ENOENT after the last.</returns>
    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_and_delete_batch(int map, void* inBatch, void* outBatch, void* keys, void* values, uint* count, void* options);

    /// <summary><c>struct bpf_object_open_opts</c>, as far as it is used; libbpf looks no further than Size.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenOptions
    {
        public nuint Size;
        public byte* ObjectName;
    }

    /// <summary><c>struct bpf_test_run_opts</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TestRunOptions
    {
        public nuint Size;
        public void* DataIn;
        public void* DataOut;
        public uint DataSizeIn;
        public uint DataSizeOut;
        public void* ContextIn;
        public void* ContextOut;
        public uint ContextSizeIn;
        public uint ContextSizeOut;
        public uint ReturnValue;
        public int Repeat;
        public uint Duration;
        public uint Flags;
        public uint Cpu;
        public uint BatchSize;
    }

    /// <summary>Takes what libbpf has said since the last call.</summary>
    public static string TakeLog()
    {
        const int size = 64 * 1024;
        byte[] buffer = new byte[size];
        fixed (byte* p = buffer)
        {
            return System.Text.Encoding.UTF8.GetString(buffer, 0, (int)cox_log_take(p, size));
        }
    }
}
