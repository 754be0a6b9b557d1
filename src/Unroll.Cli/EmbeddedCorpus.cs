using System.Text;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>A text to train on where none is named: the library's own source, packed into the command when it is built.</summary>
static class EmbeddedCorpus
{
    const string Prefix = "corpus/";

    public static IReadOnlyList<TextDocument> Read()
    {
        var assembly = typeof(EmbeddedCorpus).Assembly;
        var text = new StringBuilder();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            text.Append(reader.ReadToEnd().ReplaceLineEndings("\n"));
        }
        return [new TextDocument("the source of Unroll", text.ToString())];
    }
}
