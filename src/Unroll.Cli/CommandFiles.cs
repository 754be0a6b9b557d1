using System.Text;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>The files that the command reads. Where no text is named, it is the library's own source, packed into the command when it is built.</summary>
sealed class CommandFiles : DataFiles, IDataFiles
{
    const string Prefix = "corpus/";

    IReadOnlyList<TextDocument> IDataFiles.ReadSampleText()
    {
        var assembly = typeof(CommandFiles).Assembly;
        var text = new StringBuilder();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            text.Append(reader.ReadToEnd().ReplaceLineEndings("\n"));
        }
        return [new TextDocument("the source of Unroll", text.ToString())];
    }
}
