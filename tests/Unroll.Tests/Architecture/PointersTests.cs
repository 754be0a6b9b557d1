using System.Reflection;
using System.Text.RegularExpressions;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Tests.Architecture;

/// <summary>
/// Numbers are in arrays that the garbage collector owns. Their address comes from <c>fixed</c> alone, which keeps them alive, and stays on the stack of
/// who called a kernel: then nothing can be collected while a kernel works on it, whoever writes the kernel or the call.
/// </summary>
public class PointersTests
{
    const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Keeps an address while its caller waits: the letterbox of a thread, which its caller does not leave before the work is done.</summary>
    static readonly string[] Letterboxes = ["Worker"];

    static IEnumerable<Type> Types => typeof(Tensor).Assembly.GetTypes();

    [Fact]
    public void No_object_keeps_an_address() => Assert.Empty(
        from type in Types
        where !Letterboxes.Contains(type.Name)
        from field in type.GetFields(Fields)
        where (field.IsStatic || !type.IsValueType) && HoldsAddress(field.FieldType, [])
        select $"{type.FullName}.{field.Name}");

    [Fact]
    public void No_method_gives_an_address_out() => Assert.Empty(
        from type in Types
        where type.Namespace != typeof(Gemm).Namespace && !type.GetInterfaces().Any(i => i.Namespace == typeof(Gemm).Namespace)      // kernels
        from method in type.GetMethods(Fields)
        where method.ReturnType.IsPointer
        select $"{type.FullName}.{method.Name}");

    [Fact]
    public void An_address_comes_from_fixed_alone() => Assert.Empty(
        from source in LayersTests.Sources
        from Match match in Regex.Matches(source.Text, @"AsPointer\(|AddrOfPinnedArrayElement|AddressOf|\.Pin\(\)|GCHandleType\.Pinned")
        where source.Path != Path.Combine("Tensors", "Buffer.cs")                  // which rounds a start up to a whole cache line
        select $"{source.Path}: {match.Value}");

    /// <summary>A pointer to numbers, but not one to code; or a struct with one.</summary>
    static bool HoldsAddress(Type type, HashSet<Type> seen) =>
        type.IsPointer || (type.IsValueType && !type.IsPrimitive && seen.Add(type) && type.GetFields(Fields).Any(f => !f.IsStatic && HoldsAddress(f.FieldType, seen)));
}
