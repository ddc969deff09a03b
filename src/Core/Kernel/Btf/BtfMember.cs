namespace Coxswain.Core.Kernel.Btf;

/// <summary>Where a member lies in its structure, or a variable in its section.</summary>
/// <param name="Offset">Bytes from the beginning.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct BtfMember(int Offset, int Size);
