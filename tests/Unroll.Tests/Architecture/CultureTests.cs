using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Architecture;

/// <summary>Messages, files and what is read from files do not depend on the culture of the thread.</summary>
public class CultureTests
{
    const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData(typeof(UnrollException))]
    [InlineData(typeof(ExampleFile))]
    public void No_method_is_called_that_follows_the_current_culture(Type type)
    {
        using var file = new PEReader(File.OpenRead(type.Assembly.Location));
        var metadata = file.GetMetadataReader();
        var calls = from handle in metadata.MemberReferences
                    let member = metadata.GetMemberReference(handle)
                    where member.Parent.Kind == HandleKind.TypeReference && member.GetKind() == MemberReferenceKind.Method
                    let method = type.Module.ResolveMethod(MetadataTokens.GetToken(handle))!
                    where FollowsCulture(method)
                    from caller in Callers(type.Assembly, Tokens(metadata, handle))
                    select $"{caller} calls {method.DeclaringType}: {method}";
        Assert.True(!calls.Any(), string.Join("\n", calls));
    }

    [Fact]
    public void Interpolated_strings_are_invariant()
    {
        using var hostile = Hostile();
        var e = Assert.ThrowsAny<UnrollException>(() => Throw.SplitLeavesNothing(1234567, -5, 0.25));
        Assert.Contains("0.25 of 1,234,567 tokens", e.Message, StringComparison.Ordinal);
        Assert.Contains("leaves -5", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_written_and_read_alike()
    {
        using var folder = new TemporaryDirectory();
        var (vectors, series, model) = (folder["v.txt"], folder["a.ts"], folder["m.safetensors"]);
        using var hostile = Hostile();
        File.WriteAllText(vectors, "2 2\na -1.5 2e-3\nb 0.25 1\n");
        Assert.True(WordVectors.Read(vectors).TryGet("a", out var vector));
        Assert.Equal([-1.5f, 0.002f], vector.ToArray());
        File.WriteAllText(series, "@classLabel true\n@seriesLength 2\n@data\n-1.5,2e-3:a\n");
        Assert.Equal([-1.5f, 0.002f], ExampleFile.Read(series)[0].Series!.Values.ToArray());
        var expected = Models.Tiny.Model(dropout: 0.25);
        ModelFile.Save(model, expected);
        Models.Tiny.SameWeights(expected, ModelFile.Load<LanguageModel>(model));
    }

    static bool FollowsCulture(MethodBase method)
    {
        var (type, name) = (method.DeclaringType!, method.Name);
        var parameters = method.GetParameters().Select(p => p.ParameterType).ToArray();
        if (parameters.Contains(typeof(IFormatProvider)) || parameters.Contains(typeof(CultureInfo))) return false;
        if (type == typeof(CultureInfo)) return name == "get_CurrentCulture";
        if (type == typeof(StringComparer)) return name.Contains("Current", StringComparison.Ordinal);
        if (type == typeof(DefaultInterpolatedStringHandler) || type == typeof(StringBuilder.AppendInterpolatedStringHandler)) return name == ".ctor";
        if (type == typeof(char)) return name is "ToLower" or "ToUpper";
        if (IsNumber(type) || type == typeof(DateTime) || type == typeof(TimeSpan)) return name is "Parse" or "TryParse" or "TryFormat" || name == "ToString" && type != typeof(bool);
        if (type == typeof(StringBuilder)) return name == "AppendFormat" || name == "Append" && parameters is [var added] && (IsNumber(added) || added == typeof(object));
        if (type.IsAssignableTo(typeof(TextWriter))) return name is "Write" or "WriteLine" && parameters is [var written] && IsNumber(written);
        if (type != typeof(string)) return false;
        return name switch
        {
            "ToLower" or "ToUpper" or "Format" or "CompareTo" => true,
            "Concat" => parameters.Any(p => p == typeof(object) || p == typeof(object[]) || p.IsGenericType && p.ContainsGenericParameters),
            "Join" => parameters[^1] == typeof(object[]) || method.IsGenericMethod,
            "StartsWith" or "EndsWith" or "IndexOf" or "LastIndexOf" or "Compare" => parameters.Contains(typeof(string)) && !parameters.Contains(typeof(StringComparison)),
            _ => false,
        };
    }

    static bool IsNumber(Type type) =>
        type != typeof(char) && type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INumberBase<>));

    /// <summary>Whether a method's one type argument is string or char, as an assembly writes it: these have no culture.</summary>
    static bool IsOfText(byte[] signature) => signature is [0x0A, 1, (byte)SignatureTypeCode.String or (byte)SignatureTypeCode.Char];

    /// <summary>By what a method is called in code: itself, or with its type arguments.</summary>
    static byte[][] Tokens(MetadataReader metadata, MemberReferenceHandle method) =>
    [
        BitConverter.GetBytes(MetadataTokens.GetToken(method)),
        .. from row in Enumerable.Range(1, metadata.GetTableRowCount(TableIndex.MethodSpec))
           let handle = MetadataTokens.MethodSpecificationHandle(row)
           let made = metadata.GetMethodSpecification(handle)
           where made.Method == method && !IsOfText(metadata.GetBlobBytes(made.Signature))
           select BitConverter.GetBytes(MetadataTokens.GetToken(handle)),
    ];

    /// <summary>Whose code has one of the tokens; what records print of themselves is for the debugger.</summary>
    static IEnumerable<string> Callers(Assembly assembly, byte[][] tokens) =>
        from t in assembly.GetTypes()
        from m in t.GetMethods(All).Cast<MethodBase>().Concat(t.GetConstructors(All))
        where m.Name != "PrintMembers" && m.GetMethodBody()?.GetILAsByteArray() is { } code && tokens.Any(b => code.AsSpan().IndexOf(b) >= 0)
        select $"{t.FullName}.{m.Name}";

    /// <summary>A culture whose numbers look like those of no other, as long as what is returned is not disposed of.</summary>
    internal static IDisposable Hostile()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = "٫";
        culture.NumberFormat.NumberGroupSeparator = culture.NumberFormat.PercentGroupSeparator = "٬";
        culture.NumberFormat.NegativeSign = "−";
        culture.NumberFormat.PositiveSign = "＋";
        culture.NumberFormat.NaNSymbol = "ليس رقم";
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        return new Restored(before);
    }

    sealed record Restored(CultureInfo Before) : IDisposable
    {
        public void Dispose() => CultureInfo.CurrentCulture = Before;
    }
}
